//! A plan in words, for terminals of both faces.

use crate::domain::{
    deployment::plan::steps::{Effect, Notice, Plan, PlanStep},
    text::{count::plural, escape},
};
use std::borrow::Cow;

/// One line of a plan.
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

impl PlanLine {
    /// Keeps it on one line: a label with a line break must not look like another line of
    /// the plan.
    pub fn straighten(&mut self) {
        if let Cow::Owned(text) = escape::shown(&self.text) {
            self.text = text;
        }
    }
}

/// Writes one step in one line.
pub fn head(step: &PlanStep) -> PlanLine {
    let name = format!("{} {}", step.kind.word(), step.name);
    let (text, tone) = match &step.effect {
        Effect::Create => (format!("+ {name}"), PlanTone::Create),
        Effect::Unchanged => (format!("= {name}"), PlanTone::Quiet),
        Effect::InPlace => {
            (format!("~ {name}: update in place, no task is touched"), PlanTone::Change)
        }
        Effect::Replace(rollout) => {
            let at_once = match rollout.parallelism {
                0 => "all at once".to_owned(),
                n => format!("{n} at a time"),
            };
            let tasks = plural(rollout.tasks, "task");
            (format!("! {name}: replace {tasks}, {at_once}, {}", rollout.order), PlanTone::Replace)
        }
        Effect::Remove => (format!("- {name}"), PlanTone::Remove),
        Effect::Refused(why) => (format!("x {name}: {why}"), PlanTone::Refused),
    };
    PlanLine { text, tone }
}

/// Writes what one should know.
pub fn notice(notice: &Notice) -> PlanLine {
    let text = match notice {
        Notice::Ignored(what) => format!("ignored by docker: {what}"),
        Notice::Warning(what) => format!("warning: {what}"),
    };
    PlanLine { text, tone: PlanTone::Warning }
}

/// Counts what meets which fate.
pub fn sum(plan: &Plan) -> PlanLine {
    if plan.is_empty() {
        let objects = plural(plan.steps.len() as u64, "object");
        let text = format!("nothing to do: {objects} unchanged");
        return PlanLine { text, tone: PlanTone::Quiet };
    }
    let tally = plan.tally();
    let parts = [
        (tally.create, "to create"),
        (tally.in_place, "to update in place"),
        (tally.replace, "to update by replacing tasks"),
        (tally.remove, "to remove"),
        (tally.refused, "refused"),
        (tally.unchanged, "unchanged"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|it| it.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
    PlanLine { text: parts.join(", "), tone: PlanTone::Quiet }
}
