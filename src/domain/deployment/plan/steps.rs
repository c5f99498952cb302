//! What a deployment would do, step by step.

use crate::domain::{
    compose::{Place, policy::Added},
    project::Secrets,
    swarm::{cluster::ObjectKind, difference::Difference, names::StackName},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything a deployment would do, in the order in which it would do it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub stack: StackName,
    pub steps: Vec<PlanStep>,
    /// What policies add to the files.
    pub added: Vec<Added>,
    /// What must not be shown.
    pub secrets: Secrets,
}

/// What becomes of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanStep {
    pub kind: ObjectKind,
    pub name: String,
    pub effect: Effect,
    /// The fields that cause it.
    pub fields: Vec<Difference>,
    /// What the operator should know: ignored by the engine, will not fit, …
    pub notices: Vec<Notice>,
    /// Where the file asks for it; nowhere for what goes.
    pub place: Option<Place>,
    /// What to send: the body of the request, complete but for ids of secrets
    /// and configs that do not exist yet. Nothing for what goes or stays.
    pub body: Option<Value>,
    /// What it was made for: the live object and the index of its version.
    pub live: Option<LiveVersion>,
}

/// A live object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveVersion {
    pub id: String,
    pub version: u64,
    /// Fingerprint of its spec.
    pub spec: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Create,
    Unchanged,
    /// Changed without touching running tasks.
    InPlace,
    /// Tasks are replaced.
    Replace(Rollout),
    /// Goes, because the files do not name it any more.
    Remove,
    /// The engine would refuse it; nothing may be sent.
    Refused(String),
}

/// How tasks are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// Tasks that run now and would be replaced.
    pub tasks: u64,
    /// At once; 0 for all.
    pub parallelism: u64,
    /// `stop-first` or `start-first`.
    pub order: String,
}

/// Something worth knowing before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Docker takes the difference and does nothing about it.
    Ignored(String),
    Warning(String),
}

/// How many objects meet each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub create: usize,
    pub in_place: usize,
    pub replace: usize,
    pub remove: usize,
    pub unchanged: usize,
    pub refused: usize,
}

impl Plan {
    /// Takes steps that no policy and no secret has a part in.
    pub fn of(stack: StackName, steps: Vec<PlanStep>) -> Self {
        Self { stack, steps, added: Vec::new(), secrets: Secrets::default() }
    }

    /// Says where what is in it comes from, and hides what must not be shown.
    pub fn explain(&mut self, added: Vec<Added>, secrets: Secrets) {
        self.added = added;
        self.conceal(secrets);
    }

    /// Hides what must not be shown.
    pub fn conceal(&mut self, secrets: Secrets) {
        for step in &mut self.steps {
            for field in &mut step.fields {
                secrets.clean(&mut field.field);
                field.old.iter_mut().chain(&mut field.new).for_each(|it| secrets.clean(it));
            }
            for Notice::Ignored(text) | Notice::Warning(text) in &mut step.notices {
                secrets.clean(text);
            }
            if let Effect::Refused(why) = &mut step.effect {
                secrets.clean(why);
            }
        }
        self.added.iter_mut().for_each(|it| secrets.clean(&mut it.value));
        self.secrets.join(secrets);
    }

    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|it| it.effect == Effect::Unchanged)
    }

    /// Returns what stands in the way, as `service web: service mode change is not allowed`.
    pub fn refusals(&self) -> Vec<String> {
        let refused = |it: &PlanStep| match &it.effect {
            Effect::Refused(why) => Some(format!("{} {}: {why}", it.kind.word(), it.name)),
            _ => None,
        };
        self.steps.iter().filter_map(refused).collect()
    }

    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for step in &self.steps {
            *match step.effect {
                Effect::Create => &mut tally.create,
                Effect::Unchanged => &mut tally.unchanged,
                Effect::InPlace => &mut tally.in_place,
                Effect::Replace(_) => &mut tally.replace,
                Effect::Remove => &mut tally.remove,
                Effect::Refused(_) => &mut tally.refused,
            } += 1;
        }
        tally
    }

    /// Returns the versions that the plan was made for, by kind and name.
    pub fn versions(&self) -> BTreeMap<(&'static str, &str), u64> {
        let seen = |it: &'_ PlanStep| it.live.as_ref().map(|live| live.version);
        self.steps
            .iter()
            .filter_map(|it| Some(((it.kind.word(), it.name.as_str()), seen(it)?)))
            .collect()
    }
}

impl PlanStep {
    pub(in crate::domain::deployment::plan) fn new(
        kind: ObjectKind,
        name: &str,
        effect: Effect,
    ) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            effect,
            fields: Vec::new(),
            notices: Vec::new(),
            place: None,
            body: None,
            live: None,
        }
    }
}
