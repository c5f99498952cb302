//! `skep logs`: the lines of a service or a whole stack.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, find},
    config::values::Span,
    domain::{
        cluster::{Node, Service, Task, TaskScope},
        logs::{LogLine, LogRequest, LogSource, Progress, Stream},
        text::escape,
    },
    engine::Engine,
};
use async_trait::async_trait;
use clap::Args;
use futures_util::{StreamExt, future::join_all, stream::select_all};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::{io, sync::Arc};

/// Print the logs of a service or a stack
///
/// Lines that are there are printed in the order of time; with --follow, new
/// ones as they come.
#[derive(Debug, Args)]
pub struct Logs {
    /// A stack, else a service by name or id
    #[arg(value_name = "STACK|SERVICE")]
    of: String,
    /// Go on as lines are written
    #[arg(short, long)]
    follow: bool,
    /// The newest lines only, per task
    #[arg(short = 'n', long, value_name = "LINES")]
    tail: Option<u32>,
    /// Lines of that long only, as 10m
    #[arg(long, value_name = "DURATION")]
    since: Option<Span>,
    /// Print the time of each line
    #[arg(short, long)]
    timestamps: bool,
}

/// Who writes lines, by name.
struct Names {
    services: Arc<[Service]>,
    nodes: Arc<[Node]>,
    tasks: Vec<Task>,
}

#[async_trait]
impl Run for Logs {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        page.out.let_colors_pass();
        let engine = desk.engine()?;
        let services = engine.services().await?;
        let scope = find::tasks(&self.of, &services)?;
        let (nodes, tasks) = futures_util::try_join!(engine.nodes(), engine.tasks(&scope))?;
        let requests = self.requests(&scope, &services, desk.now);
        let names = Names { services, nodes, tasks };
        let read = self.print_past(engine, &requests, &names, page).await?;
        if self.follow {
            let requests = requests.iter().map(|it| it.behind(read.clone()));
            self.print_new(engine, requests, &names, page).await?;
        }
        Ok(Exit::Done)
    }
}

impl Logs {
    fn requests(&self, scope: &TaskScope, services: &[Service], now: Timestamp) -> Vec<LogRequest> {
        let wanted = services.iter().filter(|it| match scope {
            TaskScope::Services(ids) | TaskScope::Current(ids) | TaskScope::Past(ids) => {
                ids.contains(&it.id)
            }
            TaskScope::Stack(stack) => it.stack.as_ref() == Some(stack),
            TaskScope::Node(_) | TaskScope::Nodes(_) | TaskScope::All => false,
        });
        let back = self.since.and_then(|it| SignedDuration::try_from(it.get()).ok());
        let since = back.and_then(|it| now.saturating_sub(it).ok());
        let request = |it: &Service| LogRequest {
            since,
            tail: self.tail,
            ..LogRequest::all(LogSource::Service(it.id.clone()))
        };
        wanted.map(request).collect()
    }

    /// Prints what is there, in the order of time; returns how far it went.
    async fn print_past(
        &self,
        engine: &dyn Engine,
        requests: &[LogRequest],
        names: &Names,
        page: &mut Page<'_>,
    ) -> Result<Progress, Failure> {
        let read = requests.iter().map(|it| engine.logs(it).collect::<Vec<_>>());
        let mut lines = Vec::new();
        for line in join_all(read).await.into_iter().flatten() {
            match line {
                Ok(line) => lines.push(line),
                Err(err) => writeln!(page.remarks, "incomplete: {err}")?,
            }
        }
        let mut read = Progress::default();
        read.note(&lines);
        lines.sort_by_key(|it| it.at);
        lines.iter().try_for_each(|it| self.print(it, names, page))?;
        Ok(read)
    }

    async fn print_new(
        &self,
        engine: &dyn Engine,
        requests: impl Iterator<Item = LogRequest>,
        names: &Names,
        page: &mut Page<'_>,
    ) -> Result<(), Failure> {
        let following = requests.map(|it| engine.logs(&LogRequest { follow: true, ..it }));
        let mut lines = select_all(following);
        while let Some(line) = lines.next().await {
            self.print(&line?, names, page)?;
            page.out.flush()?;
        }
        Ok(())
    }

    fn print(&self, line: &LogLine, names: &Names, page: &mut Page<'_>) -> io::Result<()> {
        let origin = names.origin(line);
        if page.json {
            let stream = if line.stream == Stream::Stderr { "stderr" } else { "stdout" };
            return page.event(
                &json!({ "at": line.at, "origin": origin, "stream": stream, "text": line.text }),
            );
        }
        let time = if self.timestamps { format!("{} ", line.at) } else { String::new() };
        let text = escape::clean(&line.text);
        let text = if page.colors { text } else { escape::plain(&text).into_owned().into() };
        writeln!(page.out, "{time}{origin} | {text}")
    }
}

impl Names {
    /// Returns who wrote a line, as `api.1@node2`.
    fn origin(&self, line: &LogLine) -> String {
        let task = self.tasks.iter().find(|it| Some(&it.id) == line.task.as_ref());
        let service = self.services.iter().find(|it| Some(&it.id) == line.service.as_ref());
        let name = service.map_or("?", |it| &it.name);
        let slot = match task {
            Some(task) if task.slot > 0 => format!(".{}", task.slot),
            _ => String::new(),
        };
        let node = self.nodes.iter().find(|it| Some(&it.id) == line.node.as_ref());
        format!("{name}{slot}@{}", node.map_or("?", |it| &it.hostname))
    }
}
