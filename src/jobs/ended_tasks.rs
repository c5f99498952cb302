//! Task termination: waits until tasks have ended.

use crate::{
    domain::{
        swarm::{
            cluster::{Node, Task, TaskScope},
            names::NodeId,
            states::NodeState,
        },
        text::count::plural,
    },
    engine::Engine,
    jobs::{
        JobContext, News,
        retry::{Aborted, DEADLINE, Retry, pause},
    },
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::time::Instant;

/// What became of tasks that should end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TasksEnded {
    All,
    /// All of which anything is heard: the words name the rest and its nodes, which
    /// are down.
    Unheard(String),
    /// Some run on, though they had all the time there is.
    Late(String),
}

/// Waits until the chosen tasks of a scope are over.
pub async fn wait_until_ended(
    engine: &dyn Engine,
    scope: &TaskScope,
    chosen: impl Fn(&Task) -> bool,
    done: usize,
    context: &JobContext,
) -> Result<TasksEnded, Aborted> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let (tasks, nodes) = read(engine, scope, context).await?;
        let left = tasks.iter().filter(|it| !it.state.is_over() && !is_nowhere(it) && chosen(it));
        let (unheard, running): (Vec<&Task>, Vec<&Task>) = left.partition(|it| is_lost(it, &nodes));
        let count = plural(running.len() as u64, "task");
        match (running.len(), unheard.len()) {
            (0, 0) => return Ok(TasksEnded::All),
            (0, lost) => {
                let lost = plural(lost as u64, "task");
                let hosts = hosts(&unheard, &nodes);
                return Ok(TasksEnded::Unheard(format!("{lost} on {hosts}: the node is down")));
            }
            _ if Instant::now() >= deadline => {
                let hosts = hosts(&running, &nodes);
                return Ok(TasksEnded::Late(format!("{count} on {hosts} still run after 10 min")));
            }
            _ => {}
        }
        context.say(News::Step { done, doing: format!("{count} still to stop") });
        pause(context).await?;
    }
}

async fn read(
    engine: &dyn Engine,
    scope: &TaskScope,
    context: &JobContext,
) -> Result<(Vec<Task>, Arc<[Node]>), Aborted> {
    let retry = Retry::new(context);
    loop {
        match tokio::try_join!(engine.tasks(scope), engine.nodes()) {
            Ok(read) => return Ok(read),
            Err(err) => retry.after(err).await?,
        }
    }
}

/// Returns whether no node took the task, nor will: nobody reports its end.
fn is_nowhere(task: &Task) -> bool {
    task.node.is_none() && task.desired.is_over()
}

/// Returns whether nobody can say what the task does.
fn is_lost(task: &Task, nodes: &[Node]) -> bool {
    nodes.iter().any(|it| Some(&it.id) == task.node.as_ref() && it.state == NodeState::Down)
}

fn hosts(tasks: &[&Task], nodes: &[Node]) -> String {
    let on: BTreeSet<&NodeId> = tasks.iter().filter_map(|it| it.node.as_ref()).collect();
    let names = nodes.iter().filter(|it| on.contains(&it.id)).map(|it| &*it.hostname);
    names.collect::<Vec<_>>().join(", ")
}
