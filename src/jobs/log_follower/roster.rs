//! Roster reading: the tasks of a log, with their services and nodes, from the engine.

use crate::{
    domain::{
        logs::{Note, NoteKind, Roster},
        swarm::{
            cluster::{Object, Service, Task, TaskScope},
            names::{ServiceId, TaskId},
            objects::TaskObject,
        },
    },
    engine::{Answer, Engine, EngineError},
    jobs::log_follower::{LogQuery, LogScope},
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// An engine that takes longer is told to be silent.
const PATIENCE: Duration = Duration::from_secs(6);
/// Of so many services that never started anything it is said why; others are named.
const MOST_IDLE: usize = 10;

/// Asks the engine.
pub async fn look(engine: Arc<dyn Engine>, ask: LogQuery) -> Answer<Roster> {
    timeout(PATIENCE, ask_for(&*engine, &ask)).await.unwrap_or_else(|_| {
        Err(EngineError::TimedOut {
            address: engine.address(),
            call: "GET /tasks".to_owned(),
            after: PATIENCE,
        })
    })
}

async fn ask_for(engine: &dyn Engine, ask: &LogQuery) -> Answer<Roster> {
    let (services, nodes) = futures_util::try_join!(engine.services(), engine.nodes())?;
    let (scope, one) = match &ask.of {
        LogScope::Stack(stack) => (TaskScope::Stack(stack.clone()), None),
        LogScope::Service(id) | LogScope::Slot(id, _) => {
            if !services.iter().any(|it| it.id == *id) {
                return Err(EngineError::NotFound { what: format!("service {id}") });
            }
            (TaskScope::Services(vec![id.clone()]), None)
        }
        LogScope::Task(id) => {
            let service = service_of(engine, id).await?;
            (TaskScope::Services(vec![service]), Some(id))
        }
    };
    let mut tasks = engine.tasks(&scope).await?;
    if let Some(one) = one
        && let Some(wanted) = tasks.iter().find(|it| it.id == *one).cloned()
    {
        tasks.retain(|it| has_place_of(&wanted, it));
    }
    if let LogScope::Slot(_, slot) = ask.of {
        tasks.retain(|it| it.slot == slot);
    }
    if let Some(node) = &ask.node {
        tasks.retain(|it| it.node.as_ref() == Some(node));
    }
    tasks.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Roster { services, nodes, tasks, full_names: ask.full_names })
}

async fn service_of(engine: &dyn Engine, task: &TaskId) -> Answer<ServiceId> {
    let raw = engine.inspect(&Object::Task(task.clone())).await?;
    let service = TaskObject(&raw).service().unwrap_or_default();
    if service.is_empty() {
        return Err(EngineError::NotFound { what: format!("the service of task {task}") });
    }
    Ok(service.into())
}

fn has_place_of(wanted: &Task, task: &Task) -> bool {
    task.slot == wanted.slot && (task.slot > 0 || task.node == wanted.node)
}

/// Returns whether the lines of a task are asked for.
pub fn reads(ask: &LogQuery, task: &Task) -> bool {
    task.container.is_some() && !matches!(&ask.of, LogScope::Task(id) if *id != task.id)
}

/// Returns whether a task that wrote nothing so far may still begin to.
pub fn may_start(task: &Task) -> bool {
    task.container.is_none() && !task.state.is_over() && !task.desired.is_over()
}

/// Says of a task that started nothing why there are no lines of it.
pub fn why_none(roster: &Roster, task: &Task) -> Option<String> {
    if task.container.is_some() {
        return None;
    }
    let what = if may_start(task) { "not started yet" } else { "never started" };
    let (name, state) = (roster.full_task_name(task), because(task));
    Some(format!("{name} was {what}, so there are no lines: it is {state}"))
}

/// Says of services that have started nothing why there are no lines of them.
pub fn idle(roster: &Roster, ask: &LogQuery, now: Timestamp) -> Vec<Note> {
    let text = |text: String| Note::new(now, NoteKind::Remark, text);
    if let LogScope::Task(id) = &ask.of {
        // Where it starts no more, that is told at the end.
        let waits = roster.task(id).filter(|it| may_start(it) || !ask.follow);
        return waits.and_then(|it| why_none(roster, it)).map(text).into_iter().collect();
    }
    let asked = |it: &&Service| match &ask.of {
        LogScope::Service(id) | LogScope::Slot(id, _) => it.id == *id,
        LogScope::Stack(stack) => it.stack.as_ref() == Some(stack),
        LogScope::Task(_) => false,
    };
    let asked: Vec<&Service> = roster.services.iter().filter(asked).collect();
    if let (LogScope::Stack(stack), true) = (&ask.of, asked.is_empty()) {
        return vec![text(format!("there is no service of stack {stack}"))];
    }
    let idle = asked.into_iter().filter_map(|it| Some((it, why_idle(roster, ask, it)?)));
    let (mut told, mut more) = (Vec::new(), Vec::new());
    for (service, why) in idle {
        if told.len() < MOST_IDLE {
            told.push(text(why));
        } else {
            more.push(roster.service_name(Some(&service.id)));
        }
    }
    if !more.is_empty() {
        told.push(text(format!("no lines from these either: {}", more.join(", "))));
    }
    told
}

fn why_idle(roster: &Roster, ask: &LogQuery, service: &Service) -> Option<String> {
    let name = roster.service_name(Some(&service.id));
    let tasks: Vec<&Task> =
        roster.tasks.iter().filter(|it| it.service.as_ref() == Some(&service.id)).collect();
    if tasks.iter().any(|it| it.container.is_some()) {
        return None;
    }
    let of = if ask.node.is_some() { format!("{name} there") } else { name.to_owned() };
    let Some(task) = tasks.iter().max_by_key(|it| (!it.desired.is_over(), it.since)) else {
        let why = if service.desired == 0 { ": it is scaled to 0" } else { "" };
        return Some(match ask.of {
            LogScope::Slot(_, slot) => {
                format!("{of} has no task {slot}, so there are no lines{why}")
            }
            _ => format!("{of} has no tasks, so there are no lines{why}"),
        });
    };
    let (task, state) = (roster.task_name(task), because(task));
    Some(format!("no task of {of} was started yet, so there are no lines: {task} is {state}"))
}

/// Returns the state of a task, and why it has it where the engine says so.
fn because(task: &Task) -> String {
    match [&task.error, &task.message].into_iter().find(|it| !it.is_empty()) {
        Some(why) => format!("{} ({why})", task.state),
        None => task.state.to_string(),
    }
}
