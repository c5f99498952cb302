//! `skep plan`: prints the plan of a deployment, and changes nothing.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, compose::StackFiles, findings},
    domain::deployment::plan::{Effect, Notice, Plan as Planned, lines},
    domain::swarm::difference::Difference,
    jobs::{
        Verdict,
        deploy::{compare, prepare},
    },
};
use async_trait::async_trait;
use clap::Args;
use serde_json::{Value, json};

/// Show what a deployment would do, and change nothing
#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    files: StackFiles,
    /// Exit with 2 if there is something to do
    #[arg(long)]
    detailed_exitcode: bool,
}

#[async_trait]
impl Run for Plan {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let order = self.files.order(desk)?;
        let refused = |it| failure(it).because_of(&order.sources, &order.stack, page.json);
        let mut prepared = prepare(desk.engine()?, &order).await.map_err(refused)?;
        compare(desk.engine()?, &desk.store, &mut prepared).await;
        for note in &prepared.notes {
            writeln!(page.remarks, "note: {note}")?;
        }
        if page.json {
            let findings = findings::rows(&prepared.preflight.findings, &prepared.preflight.files);
            let mut plan = json(&prepared.plan);
            plan["findings"] = serde_json::to_value(findings).unwrap_or_default();
            if let Some(refusal) = prepared.refusal() {
                plan["error"] = Failure::from(&refusal).named("refused").json();
            }
            prepared.plan.secrets.clean_json(&mut plan);
            page.json(&plan)?;
        } else {
            for line in lines(&prepared.plan) {
                writeln!(page.out, "{}", line.text)?;
            }
        }
        for error in prepared.preflight.errors() {
            writeln!(page.remarks, "error: {error}")?;
        }
        Ok(match &prepared.plan {
            _ if prepared.refusal().is_some() => Exit::Failed,
            it if self.detailed_exitcode && !it.is_empty() => Exit::Usage,
            _ => Exit::Done,
        })
    }
}

/// Turns the end of a preparation into the end of a command.
#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub fn failure(verdict: Verdict) -> Failure {
    Failure::from(&verdict)
}

/// Writes a field that differs for scripts.
pub fn field(it: &Difference) -> Value {
    let [old, new] = it.values();
    json!({ "field": it.field, "old": old, "new": new })
}

/// Writes a plan for scripts.
pub fn json(plan: &Planned) -> Value {
    let steps = plan.steps.iter().map(|step| {
        let fields = step.fields.iter().map(field);
        let notices = step.notices.iter().map(|it| match it {
            Notice::Ignored(what) => json!({ "ignored": what }),
            Notice::Warning(what) => json!({ "warning": what }),
        });
        json!({
            "kind": step.kind.word(),
            "name": step.name,
            "effect": effect(&step.effect),
            "fields": fields.collect::<Vec<_>>(),
            "notices": notices.collect::<Vec<_>>(),
            "version": step.live.as_ref().map(|it| it.version),
        })
    });
    let added = plan.added.iter().map(|it| {
        json!({ "service": it.service, "field": it.field, "value": it.value, "policy": it.by })
    });
    json!({ "stack": plan.stack.as_str(), "nothing_to_do": plan.is_empty(), "steps": steps.collect::<Vec<_>>(), "added": added.collect::<Vec<_>>() })
}

fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::Create => json!("create"),
        Effect::Unchanged => json!("unchanged"),
        Effect::InPlace => json!("in-place"),
        Effect::Replace(it) => {
            json!({ "replace": { "tasks": it.tasks, "parallelism": it.parallelism, "order": it.order } })
        }
        Effect::Remove => json!("remove"),
        Effect::Refused(why) => json!({ "refused": why }),
    }
}
