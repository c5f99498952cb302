//! `skep ps`: lists the tasks of a stack or a service.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, find, listed::Listed},
    domain::{
        columns::{ListFacts, task_name, tasks},
        health::{Attempts, exit::is_lost_with_node},
        swarm::{
            cluster::{Node, Restarts, Task},
            names::{NodeId, ServiceId},
        },
        text::{elide::without_digest, natural::natural},
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
    /// How long it ran at most, in seconds, once it ended: engines do not keep the start.
    ran: Option<i64>,
    /// Ends of tasks in its place within the last hour; of the newest task of a place.
    restarts: Option<Restarts>,
    exit_code: Option<i64>,
    error: String,
}

#[async_trait]
impl Run for Ps {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let engine = desk.shown()?;
        let (services, nodes) = try_join(engine.services(), engine.nodes()).await?;
        let found = engine.tasks(&find::tasks(desk, &self.of, &services)?).await?;
        let attempts = Attempts::of(&found, &services, &nodes, desk.now);
        let mut listed =
            Listed { services: &services, nodes: &nodes, attempts, ..Listed::at(desk) };
        let rows = in_order(&found, &mut listed);
        page.objects(tasks::COLUMNS, &rows, &listed, |it| row(it, &listed))?;
        Ok(Exit::Done)
    }
}

/// Puts tasks under their names, the newest first; those below the first of a
/// name are history.
fn in_order<'a>(tasks: &'a [Task], listed: &mut Listed<'_>) -> Vec<&'a Task> {
    let mut named: Vec<(String, &Task)> =
        tasks.iter().map(|it| (task_name(listed, it), it)).collect();
    named.sort_by(|(a, one), (b, other)| natural(a, b).then(other.created.cmp(&one.created)));
    let older = named.windows(2).filter(|it| it[0].0 == it[1].0).map(|it| it[1].1.id.clone());
    listed.replaced = older.collect();
    named.into_iter().map(|it| it.1).collect()
}

fn row(task: &Task, listed: &Listed<'_>) -> Row {
    let seconds = |it: SignedDuration| it.as_secs() + i64::from(it.subsec_nanos() > 0);
    let replaced = listed.is_replaced(task);
    Row {
        id: task.id.to_string(),
        name: name(task, listed),
        replaced,
        image: without_digest(&task.image).to_owned(),
        node: task.node.as_ref().map(|it| hostname(it, listed.nodes)).unwrap_or_default(),
        desired: task.desired.word(),
        state: task.state.word(),
        since: task.since,
        age: listed.now.duration_since(task.since).as_secs().max(0),
        ran: listed.attempts.ran(task).map(seconds),
        restarts: listed.attempts.restarts(task).filter(|_| !replaced),
        exit_code: task.exit_code,
        error: match is_lost_with_node(task, listed.nodes) {
            true => format!("{} (its node went down and came back)", task.error),
            false => task.error.clone(),
        },
    }
}

/// Names a task as docker does: by its slot, or by its node where it has none,
/// as tasks of global services and of jobs.
fn name(task: &Task, listed: &Listed<'_>) -> String {
    let id = task.service.as_ref();
    let service = id.and_then(|it| listed.service(it)).map(|it| &*it.name);
    let service = service.or(id.map(ServiceId::as_str)).unwrap_or("?");
    match &task.node {
        Some(node) if task.slot == 0 => format!("{service}.{node}"),
        _ => format!("{service}.{}", task.slot),
    }
}

fn hostname(id: &NodeId, nodes: &[Node]) -> String {
    let node = nodes.iter().find(|it| it.id == *id);
    node.map_or_else(|| id.to_string(), |it| it.hostname.to_string())
}
