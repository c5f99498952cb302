//! Columns of tasks: where each runs, in which state it is, and why.

use crate::domain::{
    columns::{Cell, Column, Faces, Known, ListFacts, Tone, by, host, short, task_name},
    health::{exit::is_lost_with_node, less_than},
    swarm::{
        cluster::{Task, TaskState},
        states::NodeState,
    },
    text::{age, natural::natural},
};
use std::slice;

pub const COLUMNS: &[Column<Task>] = &[
    Column::left("ID", 9, |it: &Task, _| Cell::new(short(it.id.as_str()), Tone::Text))
        .only(Faces::Commands),
    Column::left("TASK", 0, name)
        .by(|a, b, it| natural(&task_name(it.facts, a), &task_name(it.facts, b))),
    Column::left("NODE", 1, node)
        .at_most(24)
        .by(|a, b, it| natural(host(it.facts, a.node.as_ref()), host(it.facts, b.node.as_ref()))),
    Column::left("STATE", 0, state).at_most(10).by(|a, b, _| by(b, a, |it| (rank(it), it.state))),
    Column::right("RESTARTS", 1, restarts).at_most(8),
    Column::left("DESIRED", 5, |it: &Task, _| Cell::new(it.desired.word(), Tone::Muted))
        .at_most(10),
    Column::right("AGE", 2, |it: &Task, known| {
        Cell::new(age::age(it.since, known.now()), Tone::Muted)
    })
    .at_most(5)
    .by(|a, b, _| b.since.cmp(&a.since)),
    Column::right("RAN", 4, ran).at_most(5),
    Column::left("IMAGE", 6, |it: &Task, _| Cell::image(&it.image, Tone::Muted))
        .at_most(40)
        .by(|a, b, _| natural(&a.image, &b.image)),
    Column::left("WHY", 0, why),
];

fn name<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    let tone = if row.desired.is_over() { Tone::Muted } else { Tone::Text };
    let history = if known.facts.is_replaced(row) { " \\_ " } else { "" };
    Cell::new(format!("{history}{}", task_name(known.facts, row)), tone)
}

fn node<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    match &row.node {
        Some(id) => Cell::new(host(known.facts, Some(id)), Tone::Text),
        None => Cell::nothing(Tone::Text),
    }
}

/// What is said of a task on a node that is down is old.
fn state<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    let lost = is_lost(row, known.facts);
    Cell::new(row.state.word(), if lost { Tone::Warn } else { tone(row, known) })
}

/// How a task looks, given where it should go.
fn tone(row: &Task, known: Known<'_>) -> Tone {
    match row.state {
        _ if known.facts.is_replaced(row) => Tone::Muted,
        TaskState::Failed | TaskState::Rejected | TaskState::Orphaned => Tone::Danger,
        TaskState::Running | TaskState::Complete => Tone::Ok,
        state if row.desired.is_over() || state.is_over() => Tone::Muted,
        _ => Tone::Warn,
    }
}

fn is_lost(row: &Task, facts: &dyn ListFacts) -> bool {
    let node = row.node.as_ref().and_then(|it| facts.node(it));
    !row.state.is_over() && node.is_some_and(|it| it.state == NodeState::Down)
}

/// How often the tasks of its slot ended within the last hour.
fn restarts<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    let restarts = known.facts.attempts().restarts(row);
    match restarts.filter(|_| !known.facts.is_replaced(row)) {
        Some(it) if it.count > 0 => Cell::new(it.to_string(), Tone::Warn),
        Some(_) => Cell::nothing(Tone::Muted),
        None => Cell::new("", Tone::Muted),
    }
}

/// How long it ran at most, once it ended.
fn ran<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    let ran = known.facts.attempts().ran(row).map(less_than);
    Cell::new(ran.unwrap_or_default(), Tone::Muted)
}

fn why<'a>(row: &'a Task, known: Known<'a>) -> Cell<'a> {
    let tone = if row.desired.is_over() { Tone::Muted } else { tone(row, known) };
    let at = host(known.facts, row.node.as_ref());
    if row.error.is_empty() && is_lost(row, known.facts) {
        return Cell::sentence(format!("{at} is down: this is the last known state"), Tone::Warn);
    }
    let node = row.node.as_ref().and_then(|it| known.facts.node(it));
    if is_lost_with_node(row, node.map_or(&[], slice::from_ref)) {
        return Cell::sentence(format!("{at} went down and came back: {}", row.error), tone);
    }
    match row.exit_code {
        Some(code) if code != 0 && !row.error.contains(&code.to_string()) => {
            Cell::sentence(format!("{} (exit {code})", row.error), tone)
        }
        _ => Cell::sentence(reasons(&row.error), tone),
    }
}

/// That no node takes it, its state says.
fn reasons(error: &str) -> &str {
    let reasons = error.strip_prefix("no suitable node (").and_then(|it| it.strip_suffix(')'));
    reasons.unwrap_or(error)
}

/// Trouble first: failed, then not yet running, then running, then history.
fn rank(row: &Task) -> u8 {
    match row.state {
        TaskState::Failed | TaskState::Rejected if !row.desired.is_over() => 3,
        TaskState::Running | TaskState::Complete => 1,
        _ if row.desired.is_over() => 0,
        _ => 2,
    }
}
