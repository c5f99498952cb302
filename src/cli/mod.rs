//! The commands: the same actions and the same words as the cockpit, for
//! scripts and for a quick look.
//!
//! A command is a file with its arguments and its `run`, a `mod` line and a
//! line in the table of [`Command`].

mod exit;
mod out;
mod json;
mod signals;
mod options;
mod number;
mod desk;
mod run;
mod answer;
mod permit;
mod news;
mod bars;
mod progress;
mod act;
mod find;
mod compose;
mod page;
mod table;
mod listed;
mod findings;
mod project;
mod file;

mod deploy;
mod stacks;
mod plan;
mod check;
mod render;
mod template;
mod import;
mod logs;
mod service;
mod node;
mod rollback;
mod recover;
mod history;
mod adopt;
mod gc;
mod audit;
mod drafts;
mod completions;
mod version;
mod config;
mod contexts;
mod ls;
mod nodes;
mod ps;
mod services;

pub use act::{ending, is_working};
pub use desk::{Desk, Reached};
pub use exit::{Exit, Failure};
pub use options::Options;
pub use out::{Out, Sink, remark};
pub use page::{CommandOutput, Live, paints};
pub use signals::{Asked, CANNOT_STOP, Signals, asked};

use crate::{cli::run::Run, domain::text::nearest::nearest};
use async_trait::async_trait;
use clap::{
    CommandFactory, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use std::ffi::OsString;

/// The cockpit for Docker Swarm.
///
/// Without a command it opens the cockpit.
#[derive(Debug, Parser)]
#[command(name = "skep", version)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads the arguments; `skep version` is what hands type for `skep --version`.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut args: Vec<OsString> = args.into_iter().collect();
        if args.len() == 2 && args[1] == "version" {
            args[1] = "--version".into();
        }
        Self::try_parse_from(args).map_err(without_guesses)
    }
}

/// Takes away commands that clap suggests although they are hardly like what was typed: they
/// might change a cluster.
fn without_guesses(mut err: clap::Error) -> clap::Error {
    let Some(ContextValue::String(typed)) = err.get(ContextKind::InvalidSubcommand) else {
        return err;
    };
    let typed = typed.clone();
    if let Some(ContextValue::Strings(guesses)) = err.remove(ContextKind::SuggestedSubcommand) {
        let like = |it: &String| nearest(&typed, [it.as_str()]).is_some();
        let guesses: Vec<String> = guesses.into_iter().filter(like).collect();
        if !guesses.is_empty() {
            err.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(guesses));
        }
    }
    err
}

/// Declares the commands: each is a type that has arguments and runs.
macro_rules! commands {
    ($($name:ident($command:path),)*) => {
        #[derive(Debug, Subcommand)]
        pub enum Command { $($name($command),)* }

        impl Command {
            fn chosen(&self) -> &dyn Run {
                match self { $(Self::$name(it) => it,)* }
            }
        }
    };
}

commands! {
    Deploy(deploy::Deploy),
    Rm(stacks::Rm),
    Stop(stacks::Stop),
    Start(stacks::Start),
    Plan(plan::Plan),
    Check(check::Check),
    Render(render::Render),
    Template(template::Template),
    Import(import::Import),
    Ls(ls::Ls),
    Services(services::Services),
    Ps(ps::Ps),
    Nodes(nodes::Nodes),
    Logs(logs::Logs),
    Service(service::Service),
    Node(node::Node),
    Contexts(contexts::Contexts),
    Rollback(rollback::Rollback),
    Recover(recover::Recover),
    History(history::History),
    Adopt(adopt::Adopt),
    Gc(gc::Gc),
    Audit(audit::Audit),
    Drafts(drafts::Drafts),
    Project(project::projects::Project),
    Env(project::environments::Env),
    Stack(project::stacks::Stack),
    Var(project::variables::Var),
    Policy(project::policies::Policy),
    Changes(project::changes::Changes),
    Vault(project::vault::Vault),
    Config(config::Config),
    Completions(completions::Completions),
    Version(version::Version),
}

impl Command {
    /// Runs the command and prints what it says, its failure too.
    pub async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Exit {
        let ended = self.chosen().run(desk, page).await;
        let printed = page.out.flush().map_err(Failure::from);
        let ended = ended.map(|exit| match left_out(desk) {
            Some(failure) => exit.or_worse(page.fail(&failure)),
            None => exit,
        });
        // Where remarks cannot be printed, there is nobody to tell.
        let _ = page.remarks.flush();
        let ended = match (ended, printed) {
            (Ok(exit), printed) => printed.map(|()| exit),
            // That says that what was printed is right.
            (Err(ended), Err(lost))
                if ended.exit == Exit::Incomplete && lost.exit == Exit::Failed =>
            {
                Err(lost)
            }
            (ended, _) => ended,
        };
        ended.unwrap_or_else(|failure| page.fail(&failure))
    }
}

/// Only here all commands are known.
#[async_trait]
impl Run for completions::Completions {
    async fn run(&self, _: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        page.exact(&self.script(&mut Cli::command()))?;
        Ok(Exit::Done)
    }
}

/// A list that is not complete is not a list: scripts must not take it for one.
fn left_out(desk: &Desk) -> Option<Failure> {
    let left_out = desk.engine.as_ref().ok()?.engine.left_out();
    let hint = "update skep, or ask `docker` for the raw answer".to_owned();
    let what = || format!("what was read is not complete: {left_out}");
    (!left_out.is_none()).then(|| Failure::new(what(), Some(hint)))
}
