//! Tasks of a service on its page.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{FactTone, Section},
    },
    health::{at_most, exit, runs},
    swarm::{
        cluster::{Task, TaskState},
        names::NodeId,
        objects::TaskTemplate,
    },
    text::age::age,
};
use jiff::SignedDuration;
use std::cmp::Reverse;

/// Lists tasks: those that should run first, the newest of each slot on top; the
/// error of each uncut, and below it what it means.
pub fn section(
    service: &str,
    tasks: &[Task],
    delay: SignedDuration,
    template: TaskTemplate<'_>,
    lens: &Lens<'_>,
) -> Section {
    let around = exit::Around::of_template(template, lens.nodes);
    let ran = runs(tasks, |_| delay);
    let mut sorted: Vec<&Task> = tasks.iter().collect();
    sorted.sort_by_key(|it| (is_past(it), it.slot, Reverse(it.created)));
    let mut section = Section::new("Tasks");
    let mut told = None;
    for task in sorted {
        section = section.toned(
            &label(service, task, lens),
            line(task, ran.get(&task.id).copied(), lens),
            tone(task),
        );
        let trouble = (!task.error.is_empty()).then_some((task.error.as_str(), task.exit_code));
        if trouble.is_some() && trouble == told {
            section = section.muted("", "with the same error".to_owned());
            continue;
        }
        told = trouble;
        section = section.toned("", task.error.clone(), tone(task));
        let why = around.cause(task).means.filter(|_| !task.error.is_empty());
        let (says, what_now) = why.map(|it| (it.says, it.what_now)).unzip();
        section = section.muted("", says).muted("", what_now);
    }
    section
}

/// `api.1`, or `api.node2` where there are no slots.
fn label(service: &str, task: &Task, lens: &Lens<'_>) -> String {
    if task.slot > 0 {
        return format!("{service}.{}", task.slot);
    }
    match &task.node {
        Some(node) => format!("{service}.{}", lens.name(node.as_str())),
        None => format!("{service}.{}", task.id.short()),
    }
}

fn line(task: &Task, ran: Option<SignedDuration>, lens: &Lens<'_>) -> String {
    let node = task.node.as_ref().map(NodeId::as_str).map(|it| format!(" on {}", lens.name(it)));
    let code = task.exit_code.filter(|it| *it != 0).map(|it| format!(", exit code {it}"));
    let ended = is_past(task) && !task.state.is_over();
    let fate = if ended { format!(", to be {}", task.desired) } else { String::new() };
    // A state that lasts has lasted so long; an end was so long ago.
    let (ago, ran) = match (task.state.is_over(), ran) {
        (false, _) => ("", String::new()),
        (true, ran) => {
            (" ago", ran.map(|it| format!(", ran for {}", at_most(it))).unwrap_or_default())
        }
    };
    format!(
        "{} {}{ago}{}{fate}{ran}{}",
        task.state,
        age(task.since, lens.now),
        node.unwrap_or_default(),
        code.unwrap_or_default(),
    )
}

fn tone(task: &Task) -> FactTone {
    match task.state {
        TaskState::Failed | TaskState::Rejected | TaskState::Orphaned => FactTone::Danger,
        _ if is_past(task) => FactTone::Muted,
        _ if !task.error.is_empty() => FactTone::Warn,
        _ => FactTone::Normal,
    }
}

/// Whether a task is not meant to run, now or any more.
fn is_past(task: &Task) -> bool {
    task.desired > TaskState::Running && task.state != TaskState::Complete
}
