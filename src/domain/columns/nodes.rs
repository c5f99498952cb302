//! Columns of nodes: role, state, availability and room.

use crate::domain::{
    columns::{Cell, Column, Faces, Known, Sign, Tone, short},
    swarm::{
        cluster::Node,
        states::{Availability, NodeState, Reachability},
    },
    text::{age, natural::natural, size},
};

pub const COLUMNS: &[Column<Node>] = &[
    Column::left("ID", 9, |it: &Node, _| Cell::new(short(it.id.as_str()), Tone::Text))
        .only(Faces::Commands),
    Column::left("NODE", 0, name).by(|a, b, _| natural(&a.hostname, &b.hostname)),
    Column::left("ROLE", 3, role)
        .at_most(20)
        .by(|a, b, _| b.manager.is_some().cmp(&a.manager.is_some())),
    Column::left("STATE", 0, state).at_most(14).by(|a, b, _| a.state.word().cmp(b.state.word())),
    Column::left("AVAIL", 1, availability)
        .at_most(7)
        .by(|a, b, _| a.availability.word().cmp(b.availability.word())),
    Column::left("ENGINE", 4, |it: &Node, _| Cell::new(&*it.engine, Tone::Muted))
        .at_most(14)
        .by(|a, b, _| natural(&a.engine, &b.engine)),
    Column::right("TASKS", 5, tasks)
        .at_most(6)
        .by(|a, b, known| known.facts.tasks_on(b).cmp(&known.facts.tasks_on(a)))
        .only(Faces::Cockpit),
    Column::left("ADDRESS", 5, |it: &Node, _| Cell::new(&*it.address, Tone::Muted)).at_most(40),
    Column::right("CPU", 6, |it: &Node, _| {
        Cell::new(size::cpus(it.capacity.nano_cpus), Tone::Text)
    })
    .at_most(6)
    .by(|a, b, _| b.capacity.nano_cpus.cmp(&a.capacity.nano_cpus)),
    Column::right("MEMORY", 6, |it: &Node, _| {
        Cell::new(size::memory(it.capacity.memory), Tone::Text)
    })
    .at_most(10)
    .by(|a, b, _| b.capacity.memory.cmp(&a.capacity.memory)),
    Column::right("AGE", 7, |it: &Node, known| {
        Cell::new(age::age(it.created, known.now()), Tone::Muted)
    })
    .at_most(5)
    .by(|a, b, _| b.created.cmp(&a.created)),
    Column::left("PLATFORM", 8, |it: &Node, _| Cell::new(&*it.platform, Tone::Muted)).at_most(16),
    Column::left("MESSAGE", 2, |it: &Node, _| Cell::sentence(&*it.message, Tone::Danger)),
];

/// Marks the leader; a command marks the node that answers, as docker does.
fn name<'a>(row: &'a Node, known: Known<'a>) -> Cell<'a> {
    let leads = row.manager.as_ref().is_some_and(|it| it.leader);
    let here = if known.facts.here() == Some(&row.id) { " *" } else { "" };
    let mark = if leads { Sign::Leader } else { Sign::Blank };
    Cell::new(format!("{}{here}", row.hostname), Tone::Text).after(mark)
}

fn role<'a>(row: &'a Node, _: Known<'a>) -> Cell<'a> {
    match &row.manager {
        None => Cell::new("worker", Tone::Muted),
        Some(it) if it.leader => Cell::new("leader", Tone::Text),
        Some(it) if it.reachability == Reachability::Reachable => Cell::new("manager", Tone::Text),
        Some(it) => Cell::new(format!("manager {}", it.reachability), Tone::Danger),
    }
}

fn state<'a>(row: &'a Node, _: Known<'a>) -> Cell<'a> {
    let ready = row.state == NodeState::Ready;
    Cell::new(row.state.word(), if ready { Tone::Ok } else { Tone::Danger })
}

fn availability<'a>(row: &'a Node, _: Known<'a>) -> Cell<'a> {
    let active = row.availability == Availability::Active;
    Cell::new(row.availability.word(), if active { Tone::Ok } else { Tone::Warn })
}

/// Tasks that run there, as far as all tasks were read.
fn tasks<'a>(row: &'a Node, known: Known<'a>) -> Cell<'a> {
    match known.facts.tasks_on(row) {
        Some(count) => Cell::new(count.to_string(), Tone::Text),
        None => Cell::new("", Tone::Muted),
    }
}
