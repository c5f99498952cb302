//! `skep rm`, `skep stop`, `skep start`: whole stacks.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, act::act, find},
    domain::names::StackName,
    jobs::{
        stack::{Fate, Whole},
        work::Work,
    },
};
use async_trait::async_trait;
use clap::Args;

/// Remove stacks, and wait until all that belongs to them is gone
///
/// Services go first; once their last task has ended, networks, configs and secrets
/// follow. What another stack still uses stays, and is named. Volumes stay unless asked
/// for: they live on the nodes, and a manager can reach those of its own node only.
#[derive(Debug, Args)]
pub struct Rm {
    /// Remove its volumes too: on this node, and on those that a docker context leads to
    #[arg(long)]
    volumes: bool,
    /// The stacks to remove, by their names in the swarm
    #[arg(required = true, value_name = "STACK", value_parser = observed)]
    stacks: Vec<StackName>,
}

/// Stop stacks: scale their services to zero, and remember the replicas
///
/// The number stands in the label skep.stopped of each service, until `skep start` or
/// a deployment brings it back. Global services and jobs cannot be scaled: they go on,
/// and are named.
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
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let mut works = Vec::new();
        for stack in &self.stacks {
            let fate = if self.volumes { Fate::Purge } else { Fate::Remove };
            let whole = Whole::removal(desk.engine()?, stack, fate).await?;
            if whole.parts.is_empty() {
                let services = desk.engine()?.services().await?;
                let meant = find::similar_stack(stack.as_str(), &services);
                let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
                writeln!(page.remarks, "note: there is no stack `{stack}`{meant}")?;
            }
            works.push(Work::Stack(whole));
        }
        act(desk, page, works).await
    }
}

#[async_trait]
impl Run for Stop {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let works = works(desk, &self.stacks, Fate::Stop).await?;
        act(desk, page, works).await
    }
}

#[async_trait]
impl Run for Start {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let works = works(desk, &self.stacks, Fate::Start).await?;
        act(desk, page, works).await
    }
}

async fn works(desk: &Desk, stacks: &[String], fate: Fate) -> Result<Vec<Work>, Failure> {
    let services = desk.engine()?.services().await?;
    let work = |word: &String| {
        let stack = find::known_stack(word, &services)?;
        Ok(Work::Stack(Whole::of(&stack, fate, &services)))
    };
    stacks.iter().map(work).collect()
}

/// Takes any name that an engine may know: what others made must be removable too.
fn observed(text: &str) -> Result<StackName, String> {
    StackName::observed(text).ok_or_else(|| "a stack needs a name".to_owned())
}
