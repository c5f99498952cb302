//! `skep service`: scales, restarts, rolls back and removes services.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, act::act, find},
    domain::swarm::{change::ServiceRef, cluster::Service as Found},
    jobs::{operations::Operation, rollback_preview::preview_rollback, service::no_previous},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};

/// Scale, restart, roll back and remove services, and wait until that is done
#[derive(Debug, Args)]
pub struct Service {
    #[command(subcommand)]
    change: Change,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Change how many replicas run: `scale web=3 api=2`
    Scale {
        /// A service and its number of replicas, for example `web=3`
        #[arg(required = true, value_name = "SERVICE=REPLICAS", value_parser = wish)]
        wishes: Vec<(String, u64)>,
    },
    /// Replace every task
    Restart {
        /// The services whose tasks are replaced, by name or id
        #[arg(required = true, value_name = "SERVICE")]
        services: Vec<String>,
    },
    /// Roll back to the previous spec that the engine keeps
    Rollback {
        /// The services to roll back, by name or id
        #[arg(required = true, value_name = "SERVICE")]
        services: Vec<String>,
    },
    /// Remove services
    Rm {
        /// The services to remove, by name or id
        #[arg(required = true, value_name = "SERVICE")]
        services: Vec<String>,
    },
}

#[async_trait]
impl Run for Service {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let services = desk.engine()?.services().await?;
        let operations = self.change.operations(&services)?;
        if let Change::Rollback { .. } = self.change {
            tell_what_comes_back(desk, page, &operations).await?;
        }
        act(desk, page, operations).await
    }
}

impl Change {
    fn operations(&self, all: &[Found]) -> Result<Vec<Operation>, Failure> {
        let each = |words: &[String], operation: fn(ServiceRef) -> Operation| {
            words.iter().map(|it| find::target(it, all).map(operation)).collect()
        };
        match self {
            Self::Scale { wishes } => wishes
                .iter()
                .map(|(name, replicas)| {
                    let found = find::service(name, all)?;
                    if let Some(why) = found.mode.why_not_scaled() {
                        return Err(Failure::new(format!("{} {why}", found.name), None));
                    }
                    let service = find::target(name, all)?;
                    Ok(Operation::Scale { service, replicas: *replicas })
                })
                .collect(),
            Self::Restart { services } => each(services, |service| Operation::Restart { service }),
            Self::Rollback { services } => {
                each(services, |service| Operation::RollBackService { service })
            }
            Self::Rm { services } => each(services, |service| Operation::RemoveService { service }),
        }
    }
}

/// Prints what a roll-back changes, before anybody is asked about it. Where nothing can come
/// back, nobody is asked.
async fn tell_what_comes_back(
    desk: &Desk,
    page: &mut CommandOutput<'_>,
    operations: &[Operation],
) -> Result<(), Failure> {
    let target = |operation: &Operation| match operation {
        Operation::RollBackService { service } => Some(service.clone()),
        _ => None,
    };
    let targets: Vec<ServiceRef> = operations.iter().filter_map(target).collect();
    let found = preview_rollback(desk.engine()?, &desk.store, &targets).await?;
    let lacks = |it: &&ServiceRef| found.get(&it.id).is_some_and(|it| !it.is_kept);
    if let Some(target) = targets.iter().find(lacks) {
        return Err(Failure::from(&no_previous(target)));
    }
    for line in targets.iter().filter_map(|it| found.get(&it.id)).flat_map(|it| &it.lines) {
        writeln!(page.remarks, "{line}")?;
    }
    Ok(())
}

/// Reads `web=3`.
fn wish(text: &str) -> Result<(String, u64), String> {
    let (name, replicas) =
        text.split_once('=').ok_or("write it as SERVICE=REPLICAS, for example `web=3`")?;
    let replicas =
        replicas.parse().map_err(|_| format!("`{replicas}` is not a number of replicas"))?;
    Ok((name.to_owned(), replicas))
}
