//! `skep recover`: finishes or undoes interrupted deployments.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, act::act_as_asked, answer, find,
        project::swarm_name,
    },
    config::values,
    domain::{deployment::driver::Driver, swarm::names::StackName},
    jobs::{
        deploy::{RecoveryOrder, RecoveryWay, interrupted::Interrupted, recover},
        operations::Operation,
        session::Session,
    },
};
use async_trait::async_trait;
use clap::Args;
use serde_json::json;
use std::io::{self, IsTerminal};

/// Finish or undo deployments that were interrupted because skep was killed
///
/// Says how far each of them got. Without a flag it asks, or does what `recovery` in
/// the settings says. To undo is to roll back: it ends with exit code 3, as every rollback does.
#[derive(Debug, Args)]
pub struct Recover {
    /// Only this stack, by its name in the swarm or its path in a project
    stack: Option<String>,
    /// Deploy the rest; if that fails, roll everything back
    #[arg(long, conflicts_with = "undo")]
    finish: bool,
    /// Roll back what was deployed: services get their old specs, and what was created is removed
    #[arg(long)]
    undo: bool,
    /// Send your registry credentials along, so that nodes can pull with them
    #[arg(long)]
    with_registry_auth: bool,
}

#[async_trait]
impl Run for Recover {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let session = desk.session()?;
        // Who keeps no journal cannot know whether anything was interrupted.
        session.store.placed()?;
        let only = self.stack.as_deref().map(|it| swarm_name(desk, it)).transpose()?;
        let concerns = |it: &StackName| only.as_ref().is_none_or(|only| it == only);
        let mut found = Interrupted::all(&session.store, &*session.engine).await?;
        found.retain(|it| concerns(&it.release.key.stack));
        let dead = dead(&session, &found, concerns).await?;
        if let (true, true, Some(word)) = (found.is_empty(), dead.is_empty(), &self.stack) {
            // Nothing was interrupted: unless the name is a slip.
            find::known_stack(desk, word, &session.engine.services().await?)?;
        }
        if found.is_empty() && dead.is_empty() && !page.json {
            writeln!(page.remarks, "nothing was interrupted")?;
        }
        let mut exit = Exit::Done;
        for interrupted in &found {
            // One that fails does not stop the others.
            let ended = self.recover(interrupted, desk, page).await;
            exit = exit.or_worse(ended.unwrap_or_else(|failure| page.fail(&failure)));
        }
        for driver in dead {
            if !page.json {
                writeln!(page.remarks, "the skep that ran `{}` was killed", driver.purpose)?;
            }
            if let (Some(asked), false) = (self.asked(), page.json) {
                let stack = &driver.stack;
                let what =
                    "no release of it is interrupted; `skep history` shows which one is live";
                writeln!(page.remarks, "nothing of {stack} is {asked}: {what}")?;
            }
            let operation = Operation::ReleaseLease(driver);
            let ended = act_as_asked(desk, page, operation).await;
            exit = exit.or_worse(ended.unwrap_or_else(|failure| page.fail(&failure)));
        }
        Ok(exit)
    }
}

impl Recover {
    /// Says in a word what was asked for.
    fn asked(&self) -> Option<&'static str> {
        match (self.finish, self.undo) {
            (true, _) => Some("finished"),
            (_, true) => Some("undone"),
            _ => None,
        }
    }
}

impl Recover {
    async fn recover(
        &self,
        interrupted: &Interrupted,
        desk: &Desk,
        page: &mut CommandOutput<'_>,
    ) -> Result<Exit, Failure> {
        let words = interrupted.words();
        if page.json {
            let release = &interrupted.release;
            page.event(&json!({ "event": "interrupted", "stood": words, "release": release }))?;
        } else {
            writeln!(page.remarks, "{words}")?;
        }
        let way = match (self.way(), desk.settings.config.recovery) {
            (Some(way), _) => way,
            (None, values::Recovery::Finish) => RecoveryWay::Finish,
            (None, values::Recovery::Undo) => RecoveryWay::Undo,
            (None, values::Recovery::Ask) => ask(interrupted, page)?,
        };
        let (with_registry_auth, anyway) = (self.with_registry_auth, desk.options.yes);
        let wish = RecoveryOrder {
            with_registry_auth,
            anyway,
            ..RecoveryOrder::of(&interrupted.release.key, way)
        };
        act_as_asked(desk, page, Operation::Recover(wish)).await
    }

    fn way(&self) -> Option<RecoveryWay> {
        match (self.finish, self.undo) {
            (true, _) => Some(RecoveryWay::Finish),
            (_, true) => Some(RecoveryWay::Undo),
            _ => None,
        }
    }
}

/// Finds who died on this machine and left no release open; one for each stack.
async fn dead(
    session: &Session,
    found: &[Interrupted],
    concerns: impl Fn(&StackName) -> bool,
) -> Result<Vec<Driver>, Failure> {
    let mut dead = recover::dead(session).await?;
    let open = |it: &StackName| found.iter().any(|open| open.release.key.stack == *it);
    dead.retain(|it| concerns(&it.stack) && !open(&it.stack));
    dead.sort_by(|a, b| a.stack.cmp(&b.stack));
    dead.dedup_by(|a, b| a.stack == b.stack);
    Ok(dead)
}

fn ask(interrupted: &Interrupted, page: &mut CommandOutput<'_>) -> Result<RecoveryWay, Failure> {
    let stack = &interrupted.release.key.stack;
    let hint = Some(format!(
        "`skep recover {stack} --undo` rolls back what it deployed, `--finish` deploys the rest; a new deployment replaces it"
    ));
    if !io::stdin().is_terminal() || page.json {
        return Err(Failure::new("there is no terminal to ask what to do with it", hint));
    }
    let answer = answer::ask(page, "Undo it, finish it, or leave it as it is?", "[u/f/N]")?;
    match answer.to_lowercase().as_str() {
        "u" | "undo" => Ok(RecoveryWay::Undo),
        "f" | "finish" => Ok(RecoveryWay::Finish),
        _ => Err(Failure::declined(hint)),
    }
}
