//! Deployment targets: one aim per object, in the order of stages.

use crate::domain::{
    compose::DesiredService,
    deployment::{
        deploy::limits::DeployLimits,
        plan::{Effect, Plan, PlanStep},
    },
    swarm::{
        cluster::ObjectKind,
        write::{Act, ObjectName},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// One object, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    pub object: ObjectName,
    /// What is written; nothing where the object is as it should be.
    pub act: Option<Act>,
    /// What takes back the write of an earlier deployment that was interrupted: this
    /// one answers for it.
    pub owed: Option<Act>,
    pub stage: Stage,
    pub before: Before,
    /// The patience with what is to be, and with what may come back.
    pub limits: DeployLimits,
    pub limits_back: DeployLimits,
}

/// Stages follow each other; what belongs to one stage is written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Networks, secrets, configs.
    Objects,
    /// Services that wait for those of the waves before.
    Wave(usize),
    /// What goes, once all else is healthy.
    Removals,
}

/// How the object was when the deployment began, or what would come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Absent,
    Healthy,
    /// It was not well then, so nobody can ask that it be well again.
    Ailing,
}

/// What is known of a service besides the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub before: Before,
    pub limits: DeployLimits,
    pub limits_back: DeployLimits,
}

/// Returns the aims of a plan; `past` tells of services.
pub fn aims(
    plan: &Plan,
    services: &[DesiredService],
    past: impl Fn(&PlanStep) -> Result<Past, String>,
) -> Result<Vec<Aim>, String> {
    let waves = waves(services);
    let stage = |step: &PlanStep| match (step.kind, &step.effect) {
        (_, Effect::Remove) => Stage::Removals,
        (ObjectKind::Services, _) => {
            Stage::Wave(waves.get(step.name.as_str()).copied().unwrap_or(0))
        }
        _ => Stage::Objects,
    };
    let aim = |step: &PlanStep| {
        let Past { before, limits, limits_back } = past(step)?;
        let object = ObjectName { kind: step.kind, name: step.name.clone() };
        let act = act(&step.effect);
        Ok(Aim { object, act, owed: None, stage: stage(step), before, limits, limits_back })
    };
    let mut aims: Vec<Aim> = plan.steps.iter().map(aim).collect::<Result<_, String>>()?;
    aims.sort_by_key(|it| it.stage);
    Ok(aims)
}

fn act(effect: &Effect) -> Option<Act> {
    match effect {
        Effect::Create => Some(Act::Create),
        Effect::InPlace | Effect::Replace(_) => Some(Act::Update),
        Effect::Remove => Some(Act::Remove),
        Effect::Unchanged | Effect::Refused(_) => None,
    }
}

/// Returns the wave of each service, by its full name: 0 for those that wait for
/// nobody. Services that wait for each other come together, in the last wave.
fn waves(services: &[DesiredService]) -> BTreeMap<&str, usize> {
    let mut waves = BTreeMap::new();
    let mut left: Vec<&DesiredService> = services.iter().collect();
    for wave in 0.. {
        let waiting: BTreeSet<&str> = left.iter().map(|it| it.key.as_str()).collect();
        let waits = |it: &&DesiredService| {
            it.depends_on.iter().any(|on| *on != it.key && waiting.contains(on.as_str()))
        };
        let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        let circle = now.is_empty();
        let ready = if circle { left } else { now };
        waves.extend(ready.iter().map(|it| (it.name.as_str(), wave)));
        left = later;
        if circle || left.is_empty() {
            break;
        }
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compose::Place;
    use serde_json::Value;

    /// Services as `web: api db, api: db, db:`; the expected waves as they come.
    fn check(stack: &str, expected: &[&str]) {
        let service = |line: &str| {
            let (key, on) = line.split_once(':').unwrap();
            DesiredService {
                key: key.trim().to_owned(),
                name: key.trim().to_owned(),
                image: String::new(),
                depends_on: on.split_whitespace().map(ToOwned::to_owned).collect(),
                spec: Value::Null,
                place: Place::default(),
            }
        };
        let services: Vec<_> = stack.split(',').map(service).collect();
        let mut found: Vec<Vec<&str>> = Vec::new();
        for (name, wave) in waves(&services) {
            found.resize(found.len().max(wave + 1), Vec::new());
            found[wave].push(name);
        }
        let found: Vec<String> = found.iter().map(|it| it.join(" ")).collect();
        assert_eq!(found, expected, "{stack}");
    }

    #[test]
    fn services_come_after_those_they_depend_on() {
        check("web:, db:", &["db web"]);
        check("web: api db, api: db, db:", &["db", "api", "web"]);
        check("web: nobody, db: db", &["db web"]);
        check("db:, a: b db, b: a, c: a", &["db", "a b c"]);
    }
}
