//! `skep version`: prints the version.

use crate::cli::{CommandOutput, Desk, Exit, Failure, Run};
use async_trait::async_trait;
use clap::Args;
use serde_json::json;

/// Print the version of skep
#[derive(Debug, Args)]
pub struct Version {}

#[async_trait]
impl Run for Version {
    async fn run(&self, _: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let version = env!("CARGO_PKG_VERSION");
        if page.json {
            page.json(&json!({ "version": version }))?;
        } else {
            writeln!(page.out, "skep {version}")?;
        }
        Ok(Exit::Done)
    }
}
