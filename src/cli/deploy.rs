//! `skep deploy`: what `docker stack deploy` does, watched to its end.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, act::act, compose::StackFiles},
    jobs::{deploy::Order, work::Work},
};
use async_trait::async_trait;
use clap::Args;

/// Deploy a stack, and wait until its services run
///
/// Takes what `docker stack deploy` takes.
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    files: StackFiles,
    /// Return once everything is sent
    #[arg(short, long, num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value = "false")]
    detach: bool,
    /// Say what this deployment is for
    #[arg(short, long, default_value = "", hide_default_value = true)]
    message: String,
}

#[async_trait]
impl Run for Deploy {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let order =
            Order { message: self.message.clone(), detach: self.detach, ..self.files.order()? };
        act(desk, page, vec![Work::Deploy(Box::new(order))]).await
    }
}
