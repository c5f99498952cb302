//! `skep node`: drains, pauses and activates nodes.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, act::act, find},
    domain::swarm::states::Availability,
    jobs::{node::foresee, operations::Operation},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};

/// Drain, pause or activate nodes
#[derive(Debug, Args)]
pub struct Node {
    #[command(subcommand)]
    change: Change,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Let nodes take tasks again
    Active(Nodes),
    /// Let nodes keep their tasks and take no new ones
    Pause(Nodes),
    /// Move the tasks of nodes to other nodes, and wait until that is done
    Drain(Nodes),
}

#[derive(Debug, Args)]
struct Nodes {
    /// The nodes, by host name or id
    #[arg(required = true, value_name = "NODE")]
    nodes: Vec<String>,
}

#[async_trait]
impl Run for Node {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let all = desk.engine()?.nodes().await?;
        let (availability, words) = match &self.change {
            Change::Active(it) => (Availability::Active, &it.nodes),
            Change::Pause(it) => (Availability::Pause, &it.nodes),
            Change::Drain(it) => (Availability::Drain, &it.nodes),
        };
        let operation = |word: &String| {
            let node = find::node(word, &all)?;
            Ok(Operation::SetAvailability {
                node: node.id.clone(),
                hostname: node.hostname.to_string(),
                availability,
            })
        };
        let operations: Vec<Operation> =
            words.iter().map(operation).collect::<Result<_, Failure>>()?;
        if availability == Availability::Drain {
            foresee_drain(desk, page, &operations).await?;
        }
        act(desk, page, operations).await
    }
}

/// Says what the drain will move, before anybody is asked.
async fn foresee_drain(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    operations: &[Operation],
) -> Result<(), Failure> {
    let nodes = operations.iter().filter_map(|it| match it {
        Operation::SetAvailability { node, hostname, .. } => {
            Some((node.clone(), hostname.as_str()))
        }
        _ => None,
    });
    let nodes: Vec<_> = nodes.collect();
    let ids: Vec<_> = nodes.iter().map(|it| it.0.clone()).collect();
    let lines = foresee(desk.engine()?, &ids).await?;
    for (id, hostname) in nodes {
        writeln!(page.remarks, "drain {hostname}")?;
        for line in lines.get(&id).into_iter().flatten() {
            writeln!(page.remarks, "{line}")?;
        }
    }
    Ok(())
}
