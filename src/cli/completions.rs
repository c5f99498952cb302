//! `skep completions`: what makes a shell complete skep's commands.

use crate::cli::{Cli, Desk, Exit, Failure, Page, Run};
use async_trait::async_trait;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

/// Print the completions for a shell
///
/// For bash: `skep completions bash > ~/.local/share/bash-completion/completions/skep`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads them
    shell: Shell,
}

#[async_trait]
impl Run for Completions {
    async fn run(&self, _: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "skep", &mut script);
        page.exact(&script)?;
        Ok(Exit::Done)
    }
}
