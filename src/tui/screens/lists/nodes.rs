//! Nodes: role, state, availability and room.

use crate::{
    domain::{
        swarm::{
            cluster::{Node, TaskScope},
            states::{Availability, NodeState, Reachability},
        },
        text::{age, natural::natural, size},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{Wants, lists::FullScreen},
        widgets::{
            DrawContext,
            list::{Listing, Moments},
            table::{Cell, Column, Side},
        },
        world::World,
    },
};
use std::collections::BTreeMap;

/// All nodes; the pane shows what fits beside the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nodes;

const COLUMNS: &[Column<Node>] = &[
    Column {
        title: "NODE",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: name,
        order: Some(|a, b, _| natural(&a.hostname, &b.hostname)),
    },
    Column {
        title: "ROLE",
        side: Side::Left,
        at_most: 20,
        rank: 3,
        cell: role,
        order: Some(|a, b, _| b.manager.is_some().cmp(&a.manager.is_some())),
    },
    Column {
        title: "STATE",
        side: Side::Left,
        at_most: 14,
        rank: 0,
        cell: state,
        order: Some(|a, b, _| a.state.word().cmp(b.state.word())),
    },
    Column {
        title: "AVAIL",
        side: Side::Left,
        at_most: 7,
        rank: 1,
        cell: availability,
        order: Some(|a, b, _| a.availability.word().cmp(b.availability.word())),
    },
    Column {
        title: "ENGINE",
        side: Side::Left,
        at_most: 14,
        rank: 4,
        cell: engine,
        order: Some(|a, b, _| natural(&a.engine, &b.engine)),
    },
    Column {
        title: "TASKS",
        side: Side::Right,
        at_most: 6,
        rank: 5,
        cell: tasks,
        order: Some(|a, b, look| look.world.tasks_on(b).cmp(&look.world.tasks_on(a))),
    },
    Column { title: "ADDRESS", side: Side::Left, at_most: 40, rank: 5, cell: address, order: None },
    Column {
        title: "CPU",
        side: Side::Right,
        at_most: 6,
        rank: 6,
        cell: cpu,
        order: Some(|a, b, _| b.capacity.nano_cpus.cmp(&a.capacity.nano_cpus)),
    },
    Column {
        title: "MEMORY",
        side: Side::Right,
        at_most: 10,
        rank: 6,
        cell: memory,
        order: Some(|a, b, _| b.capacity.memory.cmp(&a.capacity.memory)),
    },
    Column {
        title: "AGE",
        side: Side::Right,
        at_most: 5,
        rank: 7,
        cell: joined,
        order: Some(|a, b, _| b.created.cmp(&a.created)),
    },
    Column {
        title: "PLATFORM",
        side: Side::Left,
        at_most: 16,
        rank: 8,
        cell: platform,
        order: None,
    },
    Column::text("MESSAGE", 2, message),
];

impl Listing for Nodes {
    type Row = Node;

    fn title(&self, _world: &World) -> String {
        "Nodes".to_owned()
    }

    fn columns(&self) -> &'static [Column<Node>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Node> {
        world.nodes().iter().collect()
    }

    fn subject(&self, row: &Node) -> Subject {
        Subject::Node(row.id.clone())
    }

    fn fine(&self, row: &Node) -> bool {
        row.takes_tasks()
    }

    fn moments(&self, row: &Node) -> Moments {
        [Some(row.created), None, None]
    }

    fn empty(&self, _world: &World) -> String {
        "waiting for the engine".to_owned()
    }

    fn labels<'r>(&self, row: &'r Node) -> Option<&'r BTreeMap<String, String>> {
        Some(&row.labels)
    }
}

impl FullScreen for Nodes {
    fn place(&self) -> Destination {
        Destination::Nodes
    }

    fn wants(&self, _world: &World) -> Wants {
        Wants { tasks: Some(TaskScope::All), ..Wants::default() }
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Node(id) = subject else { return None };
        Some(Destination::Tasks(Scope::Node(id.clone())))
    }
}

fn name<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    let leads = row.manager.as_ref().is_some_and(|it| it.leader);
    let mark = if leads { look.theme.glyphs.leader } else { " " };
    Cell::new(format!("{} {mark}", row.hostname), look.theme.text)
}

fn role<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    match &row.manager {
        None => Cell::new("worker", look.theme.muted),
        Some(it) if it.leader => Cell::new("leader", look.theme.text),
        Some(it) if it.reachability == Reachability::Reachable => {
            Cell::new("manager", look.theme.text)
        }
        Some(it) => Cell::new(format!("manager {}", it.reachability), look.theme.danger),
    }
}

fn state<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.state.word(), look.theme.health(row.state == NodeState::Ready))
}

fn availability<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    let style =
        if row.availability == Availability::Active { look.theme.ok } else { look.theme.warn };
    Cell::new(row.availability.word(), style)
}

fn engine<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.engine, look.theme.muted)
}

/// Tasks that run there, as far as all tasks were read.
fn tasks<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    match look.world.tasks_on(row) {
        Some(count) => Cell::new(count.to_string(), look.theme.text),
        None => Cell::new("", look.theme.muted),
    }
}

fn address<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.address, look.theme.muted)
}

fn cpu<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(size::cpus(row.capacity.nano_cpus), look.theme.text)
}

fn memory<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(size::memory(row.capacity.memory), look.theme.text)
}

fn joined<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.created, look.world.now), look.theme.muted)
}

fn platform<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.platform, look.theme.muted)
}

fn message<'a>(row: &'a Node, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::sentence(&*row.message, look.theme.danger)
}
