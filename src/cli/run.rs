//! What every command does.

use crate::cli::{CommandOutput, Desk, Exit, Failure};
use async_trait::async_trait;

/// A command with its arguments.
#[async_trait]
pub trait Run: Sync {
    /// Does what it is for, and prints what it says.
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure>;
}
