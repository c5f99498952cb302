//! The options that every command takes.

use crate::config::{EngineFlags, Flags, values::Span};
use clap::Args;
use std::path::PathBuf;

#[allow(clippy::struct_excessive_bools, reason = "each is a flag that stands alone")]
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options for all commands")]
pub struct Options {
    /// The docker context to use
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "host")]
    pub context: Option<String>,
    #[arg(
        short = 'H',
        long,
        global = true,
        value_name = "ADDRESS",
        help = "The engine to use: unix:///path, tcp://host:port, ssh://user@host"
    )]
    pub host: Option<String>,
    /// Use a demo: a made-up cluster
    #[arg(long, global = true, conflicts_with_all = ["context", "host"])]
    pub demo: bool,
    /// Refuse everything that changes a cluster
    #[arg(long, global = true)]
    pub read_only: bool,
    /// The file with your settings
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Answer yes to questions
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Confirm a change in production: the name of what is changed, or of the context
    #[arg(long, global = true, value_name = "NAME")]
    pub confirm: Option<String>,
    /// How long to wait for an answer of the engine, for example 10s
    #[arg(long, global = true, value_name = "DURATION")]
    pub timeout: Option<Span>,
    #[arg(long, global = true, help = "Print no colours; setting NO_COLOR does the same")]
    pub no_color: bool,
}

impl Options {
    /// Returns what the options say about settings.
    pub fn flags(&self) -> Flags {
        Flags {
            read_only: self.read_only.then_some(true),
            engine: EngineFlags {
                context: self.context.clone(),
                host: self.host.clone(),
                timeout: self.timeout,
            },
        }
    }
}
