//! `skep adopt`: records a first release of stacks that docker deployed.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, act::act, find},
    jobs::operations::Operation,
};
use async_trait::async_trait;
use clap::Args;

/// Record what runs now as the first release of a stack
///
/// For stacks that were deployed by docker, or by skep on another machine. Nothing in the
/// cluster changes; `skep rollback STACK 1` restores this state later. The first change of a
/// stack with skep records it by itself.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The stacks to record
    #[arg(required = true, value_name = "STACK")]
    stacks: Vec<String>,
}

#[async_trait]
impl Run for Adopt {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let services = desk.engine()?.services().await?;
        let operation =
            |word: &String| find::known_stack(desk, word, &services).map(Operation::Adopt);
        let operations = self.stacks.iter().map(operation).collect::<Result<_, _>>()?;
        act(desk, page, operations).await
    }
}
