//! `skep nodes`: lists the nodes of the swarm.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        table::{Cell, CellTone, Column},
    },
    domain::{
        swarm::{
            cluster::{Manager, Membership, Node, System},
            names::NodeId,
            states::{Availability, NodeState, Reachability, Word},
        },
        text::{
            natural::natural,
            size::{cpus, memory},
        },
    },
};
use async_trait::async_trait;
use clap::Args;
use futures_util::future::try_join;
use serde::Serialize;

/// List the nodes of the swarm
#[derive(Debug, Args)]
pub struct Nodes {}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    /// It is the one that answers.
    here: bool,
    state: Word<NodeState>,
    message: String,
    availability: Word<Availability>,
    /// `leader`, or the engine's word; none for a worker.
    manager: Option<String>,
    engine: String,
    address: String,
    nano_cpus: i64,
    memory: i64,
    platform: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("ID", |it| it.id.get(..12).unwrap_or(&it.id).into()),
    Column::left("NAME", |it| format!("{}{}", it.name, if it.here { " *" } else { "" }).into()),
    Column::left("STATUS", |it| tell(it.state.word(), NodeState::Ready.word(), CellTone::Danger)),
    Column::left("AVAILABILITY", |it| {
        tell(it.availability.word(), Availability::Active.word(), CellTone::Warn)
    }),
    Column::left("MANAGER", |it| {
        let word = it.manager.as_deref().unwrap_or_default();
        tell(
            word,
            if word == "leader" { word } else { Reachability::Reachable.word() },
            CellTone::Danger,
        )
    }),
    Column::left("ENGINE", |it| it.engine.as_str().into()),
    Column::left("ADDRESS", |it| it.address.as_str().into()),
    Column::right("CPUS", |it| cpus(it.nano_cpus).into()),
    Column::right("MEMORY", |it| memory(it.memory).into()),
    Column::left("PLATFORM", |it| it.platform.as_str().into()),
    Column::left("NOTE", |it| Cell::toned(&it.message, CellTone::Danger)),
];

#[async_trait]
impl Run for Nodes {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let engine = desk.engine()?;
        let (nodes, system) = try_join(engine.nodes(), engine.system()).await?;
        let mut rows: Vec<Row> = nodes.iter().map(|it| row(it, own_id(&system))).collect();
        rows.sort_by(|a, b| natural(&a.name, &b.name));
        page.rows(COLUMNS, &rows)?;
        Ok(Exit::Done)
    }
}

fn row(node: &Node, here: Option<&NodeId>) -> Row {
    let manager = |it: &Manager| {
        if it.leader { "leader".to_owned() } else { it.reachability.to_string() }
    };
    Row {
        id: node.id.to_string(),
        name: node.hostname.to_string(),
        here: here == Some(&node.id),
        state: node.state.clone(),
        message: node.message.clone(),
        availability: node.availability.clone(),
        manager: node.manager.as_ref().map(manager),
        engine: node.engine.clone(),
        address: node.address.clone(),
        nano_cpus: node.capacity.nano_cpus,
        memory: node.capacity.memory,
        platform: node.platform.clone(),
    }
}

/// Shows a word, in a tone where it is not the expected one.
fn tell(word: &str, expected: &str, tone: CellTone) -> Cell {
    Cell::toned(word, if word == expected { CellTone::Plain } else { tone })
}

fn own_id(system: &System) -> Option<&NodeId> {
    match &system.swarm {
        Membership::Manager { node, .. } | Membership::Worker { node, .. } => Some(node),
        Membership::None | Membership::Locked | Membership::Pending { .. } => None,
    }
}
