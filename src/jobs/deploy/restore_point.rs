//! Restore points: the state that a deployment can roll back to.

use crate::{
    domain::{
        compose::bind_spec,
        deployment::{
            deploy::{Aim, Before, Debt, DeployLimits, Given, ObjectName, Past, aims},
            plan::{Effect, Live, PlanStep},
        },
        swarm::{
            cluster::ObjectKind,
            objects::{PayloadObject, ServiceObject, ServiceSpec},
        },
    },
    jobs::deploy::{live::is_well, prepare::Prepared, recorder::Recorder},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What each service was, by full name, and the labels of secrets and configs.
#[derive(Debug, Clone, Default)]
pub struct RestorePoint {
    pub services: BTreeMap<String, Remembered>,
    pub labels: BTreeMap<ObjectName, Value>,
}

/// The spec that a service gets back.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    pub spec: Value,
    pub before: Before,
}

impl RestorePoint {
    /// Remembers what is live where it is well; else the newest release in which
    /// the service was seen healthy; and where there is none, what is live.
    pub async fn of(prepared: &Prepared, recorder: &Recorder) -> Self {
        let live = &prepared.live;
        let ailing: Vec<&String> = live.services.keys().filter(|it| !is_well(it, live)).collect();
        // What is left alone does not come back: nobody can ask that it be well.
        let alone = |name: &String| {
            let services = prepared.plan.steps.iter().filter(|it| it.kind == ObjectKind::Services);
            let step = services.into_iter().find(|it| it.name == *name);
            step.is_none_or(|it| it.effect == Effect::Unchanged)
        };
        let written: Vec<&String> = ailing.iter().copied().filter(|it| !alone(it)).collect();
        let mut healthy = recorder.healthy_specs(&written).await;
        let remembered = |(name, found): (&String, &Value)| {
            let known = healthy.remove(name).and_then(|it| usable(name, it, found, live));
            let before = match &known {
                None if ailing.contains(&name) => Before::Ailing,
                _ => Before::Healthy,
            };
            let spec = known.unwrap_or_else(|| ServiceObject(found).spec().0.clone());
            (name.clone(), Remembered { spec, before })
        };
        let labels = prepared.plan.steps.iter().filter_map(|it| {
            let old = match it.kind {
                ObjectKind::Secrets => live.secrets.get(&it.name)?,
                ObjectKind::Configs => live.configs.get(&it.name)?,
                ObjectKind::Services | ObjectKind::Networks => return None,
            };
            let object = ObjectName { kind: it.kind, name: it.name.clone() };
            Some((object, PayloadObject(old).labels().0.clone()))
        });
        let labels = labels.collect();
        Self { services: live.services.iter().map(remembered).collect(), labels }
    }

    /// Goes back behind an interrupted deployment: to what was there before it.
    pub fn inherit(&mut self, debts: &[Debt]) {
        for debt in debts {
            let name = &debt.object.name;
            match (debt.object.kind, &debt.before) {
                (ObjectKind::Services, Some(spec)) => {
                    let remembered = Remembered { spec: spec.clone(), before: debt.was() };
                    self.services.insert(name.clone(), remembered);
                }
                (ObjectKind::Services, None) => _ = self.services.remove(name),
                (_, Some(labels)) => _ = self.labels.insert(debt.object.clone(), labels.clone()),
                (_, None) => {}
            }
        }
    }

    /// Returns what an object was, for the journal, and whether it was not well then.
    pub fn before(&self, object: &ObjectName) -> (Option<Value>, bool) {
        match self.services.get(&object.name).filter(|_| object.kind == ObjectKind::Services) {
            Some(old) => (Some(old.spec.clone()), old.before == Before::Ailing),
            None => (self.labels.get(object).cloned(), false),
        }
    }

    /// Returns what the deployment is to do. An error says which service has limits
    /// that make no sense.
    pub fn aims(&self, prepared: &Prepared, given: Given) -> Result<Vec<Aim>, String> {
        let spec = |step: &PlanStep| {
            let wanted = prepared.desired.services.iter().find(|it| it.name == step.name);
            wanted.map(|it| &it.spec).filter(|_| step.kind == ObjectKind::Services)
        };
        aims(&prepared.plan, &prepared.desired.services, |step| {
            let old = self.services.get(&step.name).filter(|_| step.kind == ObjectKind::Services);
            let limits = DeployLimits::of(spec(step).unwrap_or(&Value::Null))?.with(given);
            // Labels of long ago are no reason to refuse what is wanted now.
            let limits_back = old.and_then(|it| DeployLimits::of(&it.spec).ok()).unwrap_or(limits);
            let before = old.map_or(Before::Absent, |it| it.before);
            Ok(Past { before, limits, limits_back })
        })
    }
}

/// Returns the spec of an earlier release with the ids of today; nothing where
/// what it uses is gone, or the engine would not let the mode change.
fn usable(name: &str, mut spec: Value, found: &Value, live: &Live) -> Option<Value> {
    bind_spec(name, &mut spec, &live.ids()).ok()?;
    let found = ServiceObject(found).spec();
    (ServiceSpec(&spec).mode_word() == found.mode_word()).then_some(spec)
}
