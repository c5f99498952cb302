//! `skep rollback`: deploys an earlier release of a stack again.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        act::act,
        deploy::Care,
        number,
        plan::{failure, json},
        progress::last,
        project::swarm_name,
    },
    domain::deployment::plan::{Plan, lines},
    jobs::{
        Verdict,
        deploy::{RollbackOrder, recover::is_settled, rollback},
        operations::Operation,
    },
};
use async_trait::async_trait;
use clap::Args;

/// Deploy an earlier release of a stack again, as it was
///
/// Specs and digests are those of the release; no file is read, and no registry
/// is asked.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The stack, by its name in the swarm or its path in a project
    stack: String,
    /// Number of the release; default: the last healthy release before the live one whose content
    /// is different
    #[arg(value_name = "RELEASE", value_parser = number::release)]
    revision: Option<u32>,
    /// safe: roll back if a service does not come up; fast: send all at once and leave what fails
    #[arg(long, value_name = "MODE", default_value = "safe")]
    mode: Care,
    /// Send your registry credentials along, so that nodes can pull with them
    #[arg(long)]
    with_registry_auth: bool,
    /// A message that says why you roll back
    #[arg(short, long, default_value = "", hide_default_value = true)]
    message: String,
}

#[async_trait]
impl Run for Rollback {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let session = desk.session()?;
        let stack = swarm_name(desk, &self.stack)?;
        let (engine, store) = (&*session.engine, &session.store);
        let revision = match self.revision {
            Some(revision) => revision,
            None => rollback::target(engine, store, &stack).await.map_err(failure)?,
        };
        let mut wish = RollbackOrder {
            stack: stack.clone(),
            revision,
            with_registry_auth: self.with_registry_auth,
            message: self.message.clone(),
            mode: self.mode.mode(),
            confirmed: None,
        };
        let (_, prepared) = rollback::prepare(engine, store, &wish).await.map_err(failure)?;
        let words = rollback::words(engine, store, &wish).await.map_err(failure)?;
        writeln!(page.remarks, "{words}")?;
        for note in &prepared.notes {
            writeln!(page.remarks, "note: {note}")?;
        }
        show(&prepared.plan, page)?;
        if let Some(refusal) = prepared.refusal() {
            return Err(failure(refusal));
        }
        if prepared.plan.is_empty() && is_settled(&session, &stack).await.map_err(failure)? {
            let done = format!("the stack already matches release {revision}: nothing to do");
            writeln!(page.remarks, "{done}")?;
            if page.json {
                page.event(&last(&Verdict::Succeeded(done), None, None)?)?;
            }
            return Ok(Exit::Done);
        }
        // What is shown here is what is done, or nothing.
        wish.confirmed = Some(prepared.plan.digest(&prepared.desired));
        let operations = vec![Operation::RollBackStack(wish)];
        act(desk, page, operations).await
    }
}

fn show(plan: &Plan, page: &mut CommandOutput<'_>) -> Result<(), Failure> {
    if page.json {
        page.event(&serde_json::json!({ "event": "planned", "plan": json(plan) }))?;
        return Ok(());
    }
    for line in lines(plan) {
        writeln!(page.remarks, "{}", line.text)?;
    }
    Ok(())
}
