//! Does a piece of work from the shell: progress on one stream, the verdict on
//! the other.
//!
//! Ctrl-c asks it to stop. A closed terminal does not: the work goes on, unheard, and
//! its exit code says how it ended.

use crate::{
    cli::{
        Desk, Exit, Failure, Page,
        permit::Permit,
        progress::Progress,
        signals::{Asked, CANNOT_STOP, Signals},
    },
    domain::verdict::Verdict,
    jobs::{JobHandle, JobId, News, Report, session::Session, work::Work},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::{sync::mpsc, time};

/// Does pieces of work one after the other; the first that fails ends it. Asks before,
/// where something would be lost, and in production.
pub async fn act(desk: &Desk, page: &mut Page<'_>, works: Vec<Work>) -> Result<Exit, Failure> {
    let permit = Permit::ask(desk, page, &works)?;
    for work in works {
        let exit = one(&permit, page, work).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Returns in whose name something is changed here, unless nothing may be.
pub fn session(desk: &Desk) -> Result<Session, Failure> {
    let reached = desk.engine.as_ref().map_err(Clone::clone)?;
    let demo = desk.options.demo;
    if desk.settings.config.read_only_in(&reached.context) {
        let hint = "it is set in the configuration, or with --read-only; `skep config` says where";
        return Err(Failure::new("read-only: nothing is changed", Some(hint.to_owned())));
    }
    Ok(Session {
        engine: reached.engine.clone(),
        store: desk.store.as_ref().ok().filter(|_| !demo).cloned(),
        who: desk.who.clone(),
        context: reached.context.clone(),
        neighbours: desk.neighbours.clone(),
    })
}

/// Does one piece of work to its end.
pub async fn one(permit: &Permit, page: &mut Page<'_>, work: Work) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let (reports, mut heard) = mpsc::unbounded_channel();
    let mut handle: Option<JobHandle> = Some(permit.session().start(JobId(1), work, reports));
    let mut progress = Progress::on(page);
    let mut clock = time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            report = heard.recv() => {
                let Some(Report { news, .. }) = report else {
                    return Err(Failure::new("bug: the job ended without a verdict", None));
                };
                // Nobody reads it: that is no reason to leave a stack half way.
                let _ = progress.hear(page, &news, Timestamp::now());
                if let News::Finished(verdict) = news {
                    return finish(page, &verdict);
                }
            }
            // Asks the job to stop; it chooses the place, and its verdict follows.
            asked = signals.next() => match (asked, &handle) {
                // The terminal is closed.
                (Asked::Nothing, _) => {}
                (Asked::Stop, Some(_)) => drop(handle.take()),
                (Asked::Stop, None) => {
                    let note = News::Note(CANNOT_STOP.to_owned());
                    let _ = progress.hear(page, &note, Timestamp::now());
                }
            },
            _ = clock.tick(), if page.live.is_some() => {
                _ = progress.tick(page, Timestamp::now());
            }
        }
    }
}

fn finish(page: &mut Page<'_>, verdict: &Verdict) -> Result<Exit, Failure> {
    let note = ending(verdict)?;
    if !page.json {
        // How it ended counts, and not whether somebody reads it.
        let _ = writeln!(page.out, "{note}");
    }
    Ok(Exit::Done)
}

/// Returns what is said of a good end, or the failure that a bad one is.
pub fn ending(verdict: &Verdict) -> Result<&str, Failure> {
    let exit = match verdict {
        Verdict::Succeeded(note) => return Ok(note),
        Verdict::Failed { why, hint } => return Err(Failure::new(why.clone(), hint.clone())),
        Verdict::Stopped(_) => Exit::Failed,
        Verdict::RolledBack(_) => Exit::RolledBack,
        Verdict::NeedsPerson { .. } => Exit::NeedsHelp,
    };
    Err(Failure { exit, ..Failure::new(verdict.to_string(), verdict.hint()) })
}
