//! Progress of a job: bars on a terminal, lines elsewhere, events as JSON.

use crate::{
    cli::{
        CommandOutput, Exit, Failure,
        bars::Bars,
        news::{replanned, tail},
    },
    domain::{
        deployment::{
            deploy::Board,
            release::{Release, ServiceOutcome},
            verdict::Verdict,
        },
        swarm::names::TaskId,
    },
    jobs::News,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, io};

/// What `--json` prints while a job runs: one object per line on standard output, as
/// it happens. New kinds of events and new fields may come; those that are here stay.
///
/// A deployment says `started`, then `progress` whenever something changed, with
/// `note`, `step`, `release` and `log` between, and `finished` as its last word.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event<'a> {
    /// The job begins; `steps` is a first guess.
    Started { title: &'a str, steps: usize },
    /// It turned out to be so many steps.
    Steps { steps: usize },
    /// So many of them are done, and what is being done now.
    Step { done: usize, doing: &'a str },
    /// A warning, or an error that passed by itself.
    Note { note: &'a str },
    /// Of a deployment: its steps (`to-come`, `now`, `done`, `failed`, `skipped`), and
    /// of each service `act`, `state` (`waiting`, `untouched`, `moving`, `arrived`,
    /// `settled`, `lost`), the counts, its tasks by slot and node, old and new, what
    /// went wrong, and the moments from which and until which limits count; `back`
    /// says why and since when it goes back.
    Progress { board: &'a Board },
    /// The last lines of a task that failed, oldest first, or why there are none.
    Log { service: &'a str, task: &'a TaskId, lines: &'a [String], error: Option<&'a str> },
    /// Nothing is done, because the plan changed since it was confirmed: what differs.
    Replanned { differences: &'a [String] },
    /// What is deployed is this release of its stack from now on.
    Release { release: u32 },
    /// How it ended, by its name: `succeeded`, `failed`, `stopped`, `rolled-back` or
    /// `needs-person`.
    Finished {
        verdict: &'a Verdict,
        /// The state of the release, else the name of the verdict.
        state: &'static str,
        exit_code: u8,
        /// The number of the release, where there is one.
        release: Option<u32>,
        /// How its services fare, by full name.
        services: Option<&'a BTreeMap<String, ServiceOutcome>>,
        error: Option<Value>,
    },
}

/// Tells the news of one job.
#[derive(Debug)]
pub enum JobProgress {
    Events,
    /// The same words twice are said once.
    Lines {
        last: String,
    },
    Bars(Box<Bars>),
}

impl JobProgress {
    /// Chooses what suits where it is told.
    pub fn on(page: &CommandOutput<'_>) -> Self {
        match page.live {
            _ if page.json => Self::Events,
            Some(live) => Self::Bars(Box::new(Bars::new(live))),
            None => Self::Lines { last: String::new() },
        }
    }

    /// Tells what is new.
    pub fn hear(
        &mut self,
        page: &mut CommandOutput<'_>,
        news: &News,
        now: Timestamp,
    ) -> io::Result<()> {
        match self {
            Self::Events => {
                let event = serde_json::to_value(event(news))?;
                page.event(&event)
            }
            Self::Bars(bars) => bars.hear(page.remarks, news, now),
            Self::Lines { last } => {
                for line in lines(news) {
                    if line != *last {
                        writeln!(page.remarks, "{line}")?;
                        *last = line;
                    }
                }
                Ok(())
            }
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, page: &mut CommandOutput<'_>, now: Timestamp) -> io::Result<()> {
        match self {
            Self::Bars(bars) => bars.tick(page.remarks, now),
            Self::Events | Self::Lines { .. } => Ok(()),
        }
    }
}

fn lines(news: &News) -> Vec<String> {
    match news {
        News::Started { title, .. } => vec![title.clone()],
        News::Step { doing, .. } => vec![format!("  {doing}")],
        News::Note(note) => vec![format!("  note: {note}")],
        News::Tail(it) => tail(it),
        News::Replanned(preview, _) => replanned(preview),
        // Steps say the same in words.
        News::Steps(_) | News::Progress(_) | News::Released(_) | News::Finished(_) => Vec::new(),
    }
}

fn event(news: &News) -> Event<'_> {
    match news {
        News::Started { title, steps } => Event::Started { title, steps: *steps },
        News::Steps(steps) => Event::Steps { steps: *steps },
        News::Step { done, doing } => Event::Step { done: *done, doing },
        News::Note(note) => Event::Note { note },
        News::Progress(board) => Event::Progress { board },
        News::Tail(tail) => Event::Log {
            service: &tail.service,
            task: &tail.task,
            lines: tail.lines.as_deref().unwrap_or_default(),
            error: tail.lines.as_ref().err().map(String::as_str),
        },
        News::Replanned(_, differences) => Event::Replanned { differences },
        News::Released(key) => Event::Release { release: key.revision },
        News::Finished(verdict) => finished(verdict, None, None),
    }
}

/// Returns the last event of a job; `release` is what it left behind.
pub fn last(
    verdict: &Verdict,
    release: Option<&Release>,
    failure: Option<&Failure>,
) -> io::Result<Value> {
    Ok(serde_json::to_value(finished(verdict, release, failure))?)
}

fn finished<'a>(
    verdict: &'a Verdict,
    release: Option<&'a Release>,
    failure: Option<&Failure>,
) -> Event<'a> {
    Event::Finished {
        verdict,
        state: release.map_or(verdict.code(), |it| it.state.code()),
        exit_code: failure.map_or(Exit::Done, |it| it.exit) as u8,
        release: release.map(|it| it.key.revision),
        services: release.map(|it| &it.services),
        error: failure.map(Failure::json),
    }
}
