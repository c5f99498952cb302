//! `skep nodes`: lists the nodes of the swarm.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, listed::Listed},
    domain::{
        columns::nodes,
        swarm::{
            cluster::{Manager, Membership, Node, System},
            names::NodeId,
            states::{Availability, NodeState, Word},
        },
        text::natural::natural,
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

#[async_trait]
impl Run for Nodes {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let engine = desk.engine()?;
        let (found, system) = try_join(engine.nodes(), engine.system()).await?;
        let here = own_id(&system);
        let mut rows: Vec<&Node> = found.iter().collect();
        rows.sort_by(|a, b| natural(&a.hostname, &b.hostname));
        let listed = Listed { here, ..Listed::at(desk) };
        page.objects(nodes::COLUMNS, &rows, &listed, |it| row(it, here))?;
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

fn own_id(system: &System) -> Option<&NodeId> {
    match &system.swarm {
        Membership::Manager { node, .. } | Membership::Worker { node, .. } => Some(node),
        Membership::None | Membership::Locked | Membership::Pending { .. } => None,
    }
}
