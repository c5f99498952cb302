//! `skep adopt`: stacks that others deployed get a first release.

use crate::{
    cli::{Desk, Exit, Failure, Page, Run, act::act, find},
    jobs::operations::Operation,
};
use async_trait::async_trait;
use clap::Args;

/// Write down what is live as the first release of stacks
///
/// For stacks that docker deployed, or skep from elsewhere. Nothing in the cluster
/// changes; `skep rollback STACK 1` leads back to what was found. The first change of
/// a stack with skep does the same by itself.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The stacks to write down
    #[arg(required = true, value_name = "STACK")]
    stacks: Vec<String>,
}

#[async_trait]
impl Run for Adopt {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let services = desk.engine()?.services().await?;
        let operation =
            |word: &String| find::known_stack(desk, word, &services).map(Operation::Adopt);
        let operations = self.stacks.iter().map(operation).collect::<Result<_, _>>()?;
        act(desk, page, operations).await
    }
}
