//! `skep rm`, `skep stop`, `skep start`: remove, stop and start whole stacks.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, act::act, find, project::swarm_name},
    domain::swarm::names::StackName,
    jobs::{
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
};
use async_trait::async_trait;
use clap::Args;

/// Remove stacks, and wait until all that belongs to them is gone
///
/// Services go first; once their last task has ended, networks, configs and secrets
/// follow. What another stack still uses stays, and is named. Volumes stay, unless --volumes is
/// given: they live on the nodes, and a manager reaches only those of its own node.
#[derive(Debug, Args)]
pub struct Rm {
    /// Remove volumes too: on this node, and on each node that a docker context leads to
    #[arg(long)]
    volumes: bool,
    /// The stacks to remove, by their names in the swarm or their paths in a project
    #[arg(required = true, value_name = "STACK")]
    stacks: Vec<String>,
}

/// Stop stacks: scale their services to zero, and remember the replicas
///
/// The number is kept in the label skep.stopped of each service, until `skep start` or a
/// deployment restores it. Global services and jobs cannot be scaled: they keep running, and
/// are named.
#[derive(Debug, Args)]
pub struct Stop {
    /// The stacks to stop
    #[arg(required = true, value_name = "STACK")]
    stacks: Vec<String>,
}

/// Start stopped stacks with the replicas they had, and wait until they run
#[derive(Debug, Args)]
pub struct Start {
    /// The stacks to start
    #[arg(required = true, value_name = "STACK")]
    stacks: Vec<String>,
}

#[async_trait]
impl Run for Rm {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let mut operations = Vec::new();
        for word in &self.stacks {
            operations.push(Operation::Stack(self.removal(desk, word).await?));
        }
        act(desk, page, operations).await
    }
}

impl Rm {
    /// Finds what a word names: any name that the swarm uses, whoever made it, else the
    /// path of a stack. What is not there cannot be removed.
    async fn removal(&self, desk: &Desk, word: &str) -> Result<StackOperation, Failure> {
        if let Some(whole) = self.of(desk, StackName::observed(word)).await? {
            return Ok(whole);
        }
        if !find::is_path(word) {
            return Err(find::no_stack(word, &desk.engine()?.services().await?));
        }
        let name = swarm_name(desk, word)?;
        let found = self.of(desk, Some(name.clone())).await?;
        found.ok_or_else(|| find::not_there(word, &name))
    }

    async fn of(
        &self,
        desk: &Desk,
        stack: Option<StackName>,
    ) -> Result<Option<StackOperation>, Failure> {
        let Some(stack) = stack else { return Ok(None) };
        let engine = desk.engine()?;
        let action = if self.volumes { StackAction::Purge } else { StackAction::Remove };
        let whole = StackOperation::removal(engine, &stack, action).await?;
        Ok(whole.is_there(engine, &desk.neighbours).await?.then_some(whole))
    }
}

#[async_trait]
impl Run for Stop {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let operations = operations(desk, &self.stacks, StackAction::Stop).await?;
        act(desk, page, operations).await
    }
}

#[async_trait]
impl Run for Start {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let operations = operations(desk, &self.stacks, StackAction::Start).await?;
        act(desk, page, operations).await
    }
}

async fn operations(
    desk: &Desk,
    stacks: &[String],
    action: StackAction,
) -> Result<Vec<Operation>, Failure> {
    let services = desk.engine()?.services().await?;
    let operation = |word: &String| {
        let stack = find::known_stack(desk, word, &services)?;
        Ok(Operation::Stack(StackOperation::of(&stack, action, &services)))
    };
    stacks.iter().map(operation).collect()
}
