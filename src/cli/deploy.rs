//! `skep deploy`: what `docker stack deploy` does, watched to its end.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, act::act, compose::ComposeFiles},
    domain::{names::StackName, resolve::Resolve},
    jobs::{deploy::Order, work::Work},
};
use async_trait::async_trait;
use clap::{Args, ValueEnum};

/// Deploy a stack, and wait until its services run
///
/// Takes what `docker stack deploy` takes.
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    files: ComposeFiles,
    /// When to ask registries for the digests of images
    #[arg(long, value_name = "WHEN", default_value = "always")]
    resolve_image: When,
    /// Send your registry credentials along, for nodes to pull with
    #[arg(long)]
    with_registry_auth: bool,
    /// Remove services that the files do not name any more, once the others run
    #[arg(long)]
    prune: bool,
    /// Return once everything is sent
    #[arg(short, long, num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value = "false")]
    detach: bool,
    /// Say what this deployment is for
    #[arg(short, long, default_value = "", hide_default_value = true)]
    message: String,
    stack: StackName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    Always,
    Changed,
    Never,
}

#[async_trait]
impl Run for Deploy {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let order = Order {
            stack: self.stack.clone(),
            sources: self.files.read()?,
            resolve: match self.resolve_image {
                When::Always => Resolve::Always,
                When::Changed => Resolve::Changed,
                When::Never => Resolve::Never,
            },
            with_registry_auth: self.with_registry_auth,
            prune: self.prune,
            message: self.message.clone(),
            detach: self.detach,
        };
        act(desk, page, vec![Work::Deploy(Box::new(order))]).await
    }
}
