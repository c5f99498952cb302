//! A plan in words, for terminals of both faces.

use crate::domain::{
    describe::arrow,
    plan::{Effect, Notice, Plan, Step, word},
    text::count::plural,
};

/// One line of a plan, and how deep it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    pub text: String,
    pub tone: PlanTone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanTone {
    Create,
    Change,
    Replace,
    Remove,
    Quiet,
    Warning,
    Refused,
}

/// Writes a plan; unchanged objects are counted, not named.
pub fn lines(plan: &Plan) -> Vec<PlanLine> {
    let mut lines = Vec::new();
    for step in
        plan.steps.iter().filter(|it| it.effect != Effect::Unchanged || !it.notices.is_empty())
    {
        lines.push(head(step));
        let quiet = |text: String| PlanLine { text, tone: PlanTone::Quiet };
        lines.extend(
            step.fields.iter().map(|it| quiet(format!("    {}: {}", field(&it.field), arrow(it)))),
        );
        lines.extend(step.notices.iter().map(notice));
    }
    lines.push(PlanLine { text: sum(plan), tone: PlanTone::Quiet });
    lines
}

fn head(step: &Step) -> PlanLine {
    let name = format!("{} {}", word(step.kind), step.name);
    let (text, tone) = match &step.effect {
        Effect::Create => (format!("+ {name}"), PlanTone::Create),
        Effect::Unchanged => (format!("= {name}"), PlanTone::Quiet),
        Effect::InPlace => {
            (format!("~ {name}: updated in place, no task is touched"), PlanTone::Change)
        }
        Effect::Replace(rollout) => {
            let at_once = match rollout.parallelism {
                0 => "all at once".to_owned(),
                n => format!("{n} at a time"),
            };
            let tasks = plural(rollout.tasks, "task");
            (format!("! {name}: {tasks} replaced, {at_once}, {}", rollout.order), PlanTone::Replace)
        }
        Effect::Remove => (format!("- {name}"), PlanTone::Remove),
        Effect::Refused(why) => (format!("x {name}: {why}"), PlanTone::Refused),
    };
    PlanLine { text, tone }
}

fn notice(notice: &Notice) -> PlanLine {
    let text = match notice {
        Notice::Ignored(what) => format!("    ignored by docker: {what}"),
        Notice::Warning(what) => format!("    warning: {what}"),
    };
    PlanLine { text, tone: PlanTone::Warning }
}

/// Fields as people know them: without the engine's wrapping.
fn field(path: &str) -> &str {
    let path = path.strip_prefix("TaskTemplate.").unwrap_or(path);
    path.strip_prefix("ContainerSpec.").unwrap_or(path)
}

fn sum(plan: &Plan) -> String {
    if plan.is_empty() {
        return format!(
            "nothing to do: {} as the files have it",
            plural(plan.steps.len() as u64, "object")
        );
    }
    let tally = plan.tally();
    let parts = [
        (tally.create, "to create"),
        (tally.in_place, "to update in place"),
        (tally.replace, "with tasks replaced"),
        (tally.remove, "to remove"),
        (tally.refused, "refused"),
        (tally.unchanged, "unchanged"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|it| it.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
    parts.join(", ")
}
