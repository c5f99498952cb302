//! `skep service`: changes to services, in the words of `docker service`.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, act::act, find},
    domain::cluster::Service as Found,
    jobs::work::{Target, Work},
};
use async_trait::async_trait;
use clap::{Args, Subcommand};

/// Change services, and wait until they are what they should be
#[derive(Debug, Args)]
pub struct Service {
    #[command(subcommand)]
    change: Change,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Change how many replicas run: `scale web=3 api=2`
    Scale {
        /// A service, and how many tasks it shall have, as `web=3`
        #[arg(required = true, value_name = "SERVICE=REPLICAS", value_parser = wish)]
        wishes: Vec<(String, u64)>,
    },
    /// Replace every task
    Restart {
        /// The services whose tasks are replaced, by name or id
        #[arg(required = true, value_name = "SERVICE")]
        services: Vec<String>,
    },
    /// Return to the previous spec that the engine keeps
    Rollback {
        /// The services to take back, by name or id
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
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let services = desk.engine()?.services().await?;
        let works = self.change.works(&services)?;
        act(desk, page, works).await
    }
}

impl Change {
    fn works(&self, all: &[Found]) -> Result<Vec<Work>, Failure> {
        let each = |words: &[String], work: fn(Target) -> Work| {
            words.iter().map(|it| find::target(it, all).map(work)).collect()
        };
        match self {
            Self::Scale { wishes } => wishes
                .iter()
                .map(|(name, replicas)| {
                    let service = find::target(name, all)?;
                    Ok(Work::Scale { service, replicas: *replicas })
                })
                .collect(),
            Self::Restart { services } => each(services, |service| Work::Restart { service }),
            Self::Rollback { services } => each(services, |service| Work::RollBack { service }),
            Self::Rm { services } => each(services, |service| Work::RemoveService { service }),
        }
    }
}

/// Reads `web=3`.
fn wish(text: &str) -> Result<(String, u64), String> {
    let (name, replicas) =
        text.split_once('=').ok_or("write it as SERVICE=REPLICAS, as `web=3`")?;
    let replicas =
        replicas.parse().map_err(|_| format!("`{replicas}` is no number of replicas"))?;
    Ok((name.to_owned(), replicas))
}
