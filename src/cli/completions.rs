//! `skep completions`: prints completion scripts for shells.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Print the completions for a shell
///
/// For bash: `skep completions bash > ~/.local/share/bash-completion/completions/skep`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads them
    shell: Shell,
}

impl Completions {
    /// Writes what makes the shell complete commands.
    pub fn script(&self, commands: &mut Command) -> Vec<u8> {
        let mut script = Vec::new();
        generate(self.shell, commands, "skep", &mut script);
        script
    }
}
