//! `skep deploy`: deploys a stack, and watches until its services run.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, act::act, compose::StackFiles,
        project::confirm_here,
    },
    config::values::Span,
    domain::deployment::deploy::{Given, Mode},
    jobs::{deploy::DeployOrder, operations::Operation},
};
use async_trait::async_trait;
use clap::{Args, ValueEnum};

/// Deploy a stack, and wait until its services run
///
/// Takes the options of `docker stack deploy`.
#[derive(Debug, Args)]
pub struct Deploy {
    #[command(flatten)]
    files: StackFiles,
    /// safe: roll back if a service does not come up; fast: send all at once and leave what fails
    #[arg(long, value_name = "MODE", default_value = "safe", conflicts_with = "detach")]
    mode: Care,
    /// Return as soon as everything is sent, without watching
    #[arg(short, long, num_args = 0..=1, default_missing_value = "true", require_equals = true, default_value = "false")]
    detach: bool,
    /// A message that says what this deployment is for
    #[arg(short, long, default_value = "", hide_default_value = true)]
    message: String,
    /// How long all tasks of a service must run before it counts as healthy; overrides labels
    #[arg(long, value_name = "DURATION", conflicts_with = "detach")]
    window: Option<Span>,
    /// How long a task may wait for a node; overrides labels
    #[arg(long, value_name = "DURATION", conflicts_with = "detach")]
    grace: Option<Span>,
    /// How long a service may take until all its tasks run; overrides labels
    #[arg(long, value_name = "DURATION", conflicts_with = "detach")]
    deadline: Option<Span>,
    /// How long to wait while somebody else changes the stack, for example 10m
    #[arg(long, value_name = "DURATION")]
    wait: Option<Span>,
}

/// How much care is taken while somebody waits.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Care {
    Safe,
    Fast,
}

impl Care {
    pub fn mode(self) -> Mode {
        match self {
            Self::Safe => Mode::Safe,
            Self::Fast => Mode::Fast,
        }
    }
}

#[async_trait]
impl Run for Deploy {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let mode = if self.detach { Mode::Detached } else { self.mode.mode() };
        let wait = self.wait.map(Span::get).unwrap_or_default();
        let limits = Given {
            window: self.window.map(Span::get),
            grace: self.grace.map(Span::get),
            deadline: self.deadline.map(Span::get),
        };
        let message = self.message.clone();
        let order = DeployOrder { message, mode, wait, limits, ..self.files.order(desk)? };
        // Nobody is asked about what may not be done.
        desk.session()?;
        if self.files.are_named() {
            confirm_here(desk, page, &order.stack)?;
        }
        act(desk, page, vec![Operation::Deploy(Box::new(order))]).await
    }
}
