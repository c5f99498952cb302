//! `skep logs`: prints the logs of a service, a task or a whole stack.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, find, number},
    domain::{
        logs::{self, LogLine, Note, NoteKind, Roster, Stream},
        swarm::{
            cluster::{Mode, Node, Service, Task, TaskScope},
            names::{NodeId, TaskId},
        },
        text::{escape, filter::Filter},
    },
    engine::Engine,
    jobs::log_follower::{self, FeedNews, LogQuery, LogScope},
};
use async_trait::async_trait;
use clap::Args;
use serde_json::json;
use std::{collections::HashMap, io, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Print the logs of a service, a task or a stack
///
/// Prints lines in the order of time; with --follow, also new ones as they come. What happens
/// to the tasks, and whose lines are missing, goes to standard error. If lines are missing (for
/// example because a node did not answer), the exit code is 5.
#[derive(Debug, Args)]
pub struct Logs {
    /// A stack, a service, or a task: api.2, api@node1, or the start of its id
    #[arg(value_name = "STACK|SERVICE|TASK")]
    of: String,
    /// Keep printing new lines
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// Only this many of the newest lines of each task
    #[arg(short = 'n', long, value_name = "LINES", value_parser = number::lines)]
    tail: Option<u32>,
    /// Only lines since then: 10m (ago), 14:02, or 2026-11-30 14:02
    #[arg(long, value_name = "MOMENT")]
    since: Option<String>,
    /// Only lines until then: written like --since
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,
    /// Only lines of tasks on this node
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Only lines that match a regular expression; `!expression`: only lines that do not
    #[arg(short, long, value_name = "EXPRESSION")]
    grep: Option<String>,
    /// Print the time of each line
    #[arg(short, long)]
    timestamps: bool,
}

#[async_trait]
impl Run for Logs {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let engine = desk.shown()?;
        let ask = self.ask(&*engine, desk).await?;
        let filter = Filter::parse(self.grep.as_deref().unwrap_or_default());
        if let Some(notice) = filter.notice() {
            writeln!(page.remarks, "{notice}")?;
        }
        let (news, mut told) = mpsc::channel(4);
        let reading = AbortOnDropHandle::new(tokio::spawn(log_follower::read(engine, ask, news)));
        let mut print = Print { of: self, filter: &filter, roster: None, names: HashMap::new() };
        while let Some(it) = told.recv().await {
            print.news(it, page)?;
            if told.is_empty() {
                page.out.flush()?;
            }
        }
        match reading.await {
            Ok(Err(err)) => Err(err.into()),
            Ok(Ok(end)) if !end.missing.is_empty() => Err(incomplete(&end.missing)),
            Ok(Ok(_)) => Ok(Exit::Done),
            Err(err) => Err(Failure::new(format!("reading the log failed: {err}"), None)),
        }
    }
}

/// So many of those whose lines are missing are named.
const NAMED: usize = 12;

/// Scripts must not take a log for whole that lacks lines.
fn incomplete(missing: &[String]) -> Failure {
    let mut names = missing.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if missing.len() > NAMED {
        names.push_str(&format!(" and {} more", missing.len() - NAMED));
    }
    let what = format!("the log is not complete: lines of {names} are missing");
    let hint = "`skep nodes` says which nodes answer; ask again once they do".to_owned();
    Failure { exit: Exit::Incomplete, ..Failure::new(what, Some(hint)).named("incomplete") }
}

impl Logs {
    async fn ask(&self, engine: &dyn Engine, desk: &Desk) -> Result<LogQuery, Failure> {
        let moment = |text: &Option<String>| {
            let text = text.as_deref();
            text.map(|it| logs::moment(it, desk.now, &desk.zone)).transpose()
        };
        let bad = |why: String| Failure::usage(why, None);
        let (since, until) = (moment(&self.since).map_err(bad)?, moment(&self.until).map_err(bad)?);
        let (services, nodes) = futures_util::try_join!(engine.services(), engine.nodes())?;
        let (of, node) = whose(desk, &self.of, &services, &nodes).await?;
        let node = match &self.node {
            Some(name) => Some(find::node(name, &nodes)?.id.clone()),
            None => node,
        };
        Ok(LogQuery {
            of,
            node,
            since,
            until,
            tail: self.tail,
            first: None,
            follow: self.follow,
            full_names: true,
        })
    }
}

/// Finds whose lines a word means: those of a stack, else of a service, else of a task.
async fn whose(
    desk: &Desk,
    word: &str,
    services: &[Service],
    nodes: &[Node],
) -> Result<(LogScope, Option<NodeId>), Failure> {
    let unknown = match find::tasks(desk, word, services) {
        Ok(TaskScope::Stack(stack)) => return Ok((LogScope::Stack(stack), None)),
        Ok(TaskScope::Services(ids)) if !ids.is_empty() => {
            return Ok((LogScope::Service(ids[0].clone()), None));
        }
        Ok(_) => find::unknown("stack or service", word, None, "see `skep ls`"),
        Err(unknown) => unknown,
    };
    let (name, node) = match word.split_once('@') {
        Some((name, host)) => (name, Some(find::node(host, nodes)?.id.clone())),
        None => (word, None),
    };
    if let Some((name, slot)) = name.rsplit_once('.')
        && let (Ok(slot), Ok(service)) = (slot.parse(), find::service(name, services))
    {
        require_task(desk, service, slot).await?;
        return Ok((LogScope::Slot(service.id.clone(), slot), node));
    }
    if node.is_some() {
        return match find::tasks(desk, name, services)? {
            TaskScope::Stack(stack) => Ok((LogScope::Stack(stack), node)),
            _ => Ok((LogScope::Service(find::service(name, services)?.id.clone()), node)),
        };
    }
    let tasks = desk.engine()?.tasks(&TaskScope::All).await?;
    let mut found = tasks.iter().filter(|it| it.id.as_str().starts_with(word));
    match (found.next(), found.next()) {
        (Some(task), None) => Ok((LogScope::Task(task.id.clone()), None)),
        _ => Err(unknown),
    }
}

/// Refuses the number of a task that a service neither has nor had.
async fn require_task(desk: &Desk, service: &Service, slot: u64) -> Result<(), Failure> {
    let is_wanted = matches!(service.mode, Mode::Replicated { replicas } if slot <= replicas);
    let of = TaskScope::Services(vec![service.id.clone()]);
    let has = |it: &Task| it.slot == slot;
    if slot > 0 && (is_wanted || desk.engine()?.tasks(&of).await?.iter().any(has)) {
        return Ok(());
    }
    let name = &service.name;
    let one = match service.mode {
        Mode::Global | Mode::GlobalJob => format!("; write {name}@NODE for one of them"),
        Mode::Replicated { .. } | Mode::ReplicatedJob { .. } => String::new(),
    };
    let hint = format!("`skep ps {name}` lists its tasks{one}");
    Err(Failure::new(format!("{name} has no task {slot}"), Some(hint)).named("unknown-name"))
}

/// Prints what a feed brings.
struct Print<'a> {
    of: &'a Logs,
    filter: &'a Filter,
    roster: Option<Arc<Roster>>,
    names: HashMap<Option<TaskId>, String>,
}

impl Print<'_> {
    fn news(&mut self, news: FeedNews, page: &mut CommandOutput<'_>) -> io::Result<()> {
        match news {
            FeedNews::Roster(roster) => {
                self.roster = Some(roster);
                self.names.clear();
            }
            FeedNews::Lines(lines) => self.lines(&lines, page)?,
            FeedNews::Note(note) => Self::note(&note, page)?,
            FeedNews::Read { .. } => {}
        }
        Ok(())
    }

    fn lines(&mut self, lines: &[LogLine], page: &mut CommandOutput<'_>) -> io::Result<()> {
        let mut matching = self.filter.matching();
        for line in lines {
            let shown = self.filter.is_empty()
                || matching.keeps(&escape::plain(&escape::clean(&line.text)));
            if !shown {
                continue;
            }
            let origin = origin(&mut self.names, self.roster.as_deref(), line);
            if page.json {
                let stream = if line.stream == Stream::Stderr { "stderr" } else { "stdout" };
                let (at, text) = (line.at, &line.text);
                let event = json!({ "at": at, "origin": origin, "stream": stream, "text": text });
                page.event(&event)?;
                continue;
            }
            if self.of.timestamps {
                write!(page.out, "{} ", line.at)?;
            }
            write!(page.out, "{origin} | ")?;
            page.out.colored(&line.text)?;
            writeln!(page.out)?;
        }
        Ok(())
    }

    /// Remarks stand where they belong, also where both streams are one terminal.
    fn note(note: &Note, page: &mut CommandOutput<'_>) -> io::Result<()> {
        if page.json {
            let (at, text) = (note.at, &note.text);
            let event = json!({ "at": at, "origin": null, "stream": "note", "text": text });
            return page.event(&event);
        }
        page.out.flush()?;
        let time = match note.kind {
            NoteKind::Remark => String::new(),
            _ => format!("{:.3} ", note.at),
        };
        writeln!(page.remarks, "--- {time}{}", note.text)
    }
}

/// Returns who wrote a line; a name is made once for each task.
fn origin<'a>(
    names: &'a mut HashMap<Option<TaskId>, String>,
    roster: Option<&Roster>,
    line: &LogLine,
) -> &'a str {
    names
        .entry(line.task.clone())
        .or_insert_with(|| roster.map_or_else(|| "?".to_owned(), |it| it.origin(line)))
}
