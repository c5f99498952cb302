//! What every command does.

use crate::cli::{Desk, Exit, Failure, Page};
use async_trait::async_trait;

/// A command with its arguments.
#[async_trait]
pub trait Run: Sync {
    /// Does what it is for, and prints what it says.
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure>;
}
