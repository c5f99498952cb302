//! `skep ps`: lists the tasks of a stack or a service.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, find,
        table::{Cell, CellTone, Column},
    },
    domain::{
        health::{Attempts, exit::is_lost_with_node, less_than},
        swarm::{
            cluster::{Node, Restarts, Service, Task, TaskState},
            names::{NodeId, ServiceId},
        },
        text::{age::age, elide::without_digest, natural::natural},
    },
};
use async_trait::async_trait;
use clap::Args;
use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// List the tasks of a stack or a service
#[derive(Debug, Args)]
pub struct Ps {
    /// A stack, by its name in the swarm or its path in a project, else a service by name or id
    #[arg(value_name = "STACK|SERVICE")]
    of: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    /// A newer task took its place.
    replaced: bool,
    image: String,
    node: String,
    desired: &'static str,
    state: &'static str,
    since: Timestamp,
    /// How long it is in this state, in seconds.
    age: i64,
    #[serde(skip)]
    lasting: String,
    /// How long it ran at most, in seconds, once it ended: engines do not keep the start.
    ran: Option<i64>,
    /// Ends of tasks in its place within the last hour; of the newest task of a place.
    restarts: Option<Restarts>,
    exit_code: Option<i64>,
    error: String,
    #[serde(skip)]
    tone: CellTone,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("ID", |it| it.id.get(..12).unwrap_or(&it.id).into()),
    Column::left("NAME", |it| {
        format!("{}{}", if it.replaced { " \\_ " } else { "" }, it.name).into()
    }),
    Column::left("IMAGE", |it| it.image.as_str().into()),
    Column::left("NODE", |it| it.node.as_str().into()),
    Column::left("DESIRED", |it| it.desired.into()),
    Column::left("STATE", |it| Cell::toned(it.state, it.tone)),
    Column::right("AGE", |it| it.lasting.as_str().into()),
    Column::right("RAN", |it| {
        it.ran.map(|it| less_than(SignedDuration::from_secs(it))).unwrap_or_default().into()
    }),
    Column::right("RESTARTS", |it| match it.restarts {
        Some(it) if it.count > 0 => Cell::toned(&it.to_string(), CellTone::Warn),
        Some(_) => "–".into(),
        None => "".into(),
    }),
    Column::left("ERROR", |it| Cell::toned(&it.error, it.tone)),
];

#[async_trait]
impl Run for Ps {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let engine = desk.engine()?;
        let (services, nodes) = try_join(engine.services(), engine.nodes()).await?;
        let tasks = engine.tasks(&find::tasks(desk, &self.of, &services)?).await?;
        page.rows(COLUMNS, &rows(&tasks, &services, &nodes, desk.now))?;
        Ok(Exit::Done)
    }
}

/// Puts tasks under their names, the newest first; those below the first of a
/// name are history.
fn rows(tasks: &[Task], services: &[Service], nodes: &[Node], now: Timestamp) -> Vec<Row> {
    let mut named: Vec<(String, &Task)> = tasks.iter().map(|it| (name(it, services), it)).collect();
    named.sort_by(|(a, one), (b, other)| natural(a, b).then(other.created.cmp(&one.created)));
    let attempts = Attempts::of(tasks, services, nodes, now);
    let mut rows: Vec<Row> = Vec::new();
    for (name, task) in named {
        let replaced = rows.last().is_some_and(|it| it.name == name);
        let seconds = |it: SignedDuration| it.as_secs() + i64::from(it.subsec_nanos() > 0);
        let ran = attempts.ran(task).map(seconds);
        let restarts = attempts.restarts(task).filter(|_| !replaced);
        rows.push(Row { ran, restarts, ..row(task, name, replaced, nodes, now) });
    }
    rows
}

fn row(task: &Task, name: String, replaced: bool, nodes: &[Node], now: Timestamp) -> Row {
    let failed =
        matches!(task.state, TaskState::Failed | TaskState::Rejected | TaskState::Orphaned);
    let waiting = task.state < TaskState::Running;
    Row {
        id: task.id.to_string(),
        name,
        replaced,
        image: without_digest(&task.image).to_owned(),
        node: task.node.as_ref().map(|it| hostname(it, nodes)).unwrap_or_default(),
        desired: task.desired.word(),
        state: task.state.word(),
        since: task.since,
        age: now.duration_since(task.since).as_secs().max(0),
        lasting: age(task.since, now),
        ran: None,
        restarts: None,
        exit_code: task.exit_code,
        error: match is_lost_with_node(task, nodes) {
            true => format!("{} (its node went down and came back)", task.error),
            false => task.error.clone(),
        },
        tone: match () {
            () if replaced => CellTone::Muted,
            () if failed => CellTone::Danger,
            () if waiting => CellTone::Warn,
            () => CellTone::Plain,
        },
    }
}

/// Names a task as docker does: by its slot, or by its node where it has none,
/// as tasks of global services and of jobs.
fn name(task: &Task, services: &[Service]) -> String {
    let service = task.service.as_ref();
    let of = services.iter().find(|it| Some(&it.id) == service);
    let service = of.map(|it| &*it.name).or(service.map(ServiceId::as_str)).unwrap_or("?");
    match &task.node {
        Some(node) if task.slot == 0 => format!("{service}.{node}"),
        _ => format!("{service}.{}", task.slot),
    }
}

fn hostname(id: &NodeId, nodes: &[Node]) -> String {
    let node = nodes.iter().find(|it| it.id == *id);
    node.map_or_else(|| id.to_string(), |it| it.hostname.to_string())
}
