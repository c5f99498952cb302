//! Planning of services and the effect on their tasks.

use crate::domain::{
    compose::DesiredService,
    deployment::plan::{
        Live, canonical,
        fit::host,
        objects::seen,
        steps::{Effect, Notice, PlanStep, Rollout},
    },
    swarm::{
        cluster::ObjectKind,
        difference::differences,
        objects::{ServiceObject, ServiceSpec},
        stop::{self, StopState, standing},
    },
    text::mask::Secrecy,
};
use serde_json::{Value, json};

/// Plans one service; its spec has its image resolved and its ids filled in as
/// far as they are known.
pub fn step(wanted: &DesiredService, live: &Live) -> PlanStep {
    let mut step = PlanStep::new(ObjectKind::Services, &wanted.name, Effect::Create);
    step.place = Some(wanted.place);
    step.body = Some(wanted.spec.clone());
    let Some(found) = live.services.get(&wanted.name) else {
        if live.all.iter().any(|it| *it.name == *wanted.name) {
            step.effect = Effect::Refused(
                "a service of that name exists and is not part of the stack".to_owned(),
            );
        }
        return step;
    };
    step.live = seen(found);
    // What is stopped is compared as it would be started: a deployment starts it.
    let found_spec = ServiceObject(found).spec().0;
    let stopped = matches!(standing(found_spec), StopState::Stopped(_));
    let mut running = found_spec.clone();
    stop::start(&mut running);
    let [old, new] = canonical::pair(&running, &wanted.spec, live);
    step.fields = differences(&old, &new, Secrecy::Mask);
    if let Some(why) = mode_change(&old, &new) {
        step.effect = Effect::Refused(why);
        return step;
    }
    step.effect = effect(&old, &new, found, live, &mut step.notices);
    if stopped {
        step.notices.push(Notice::Warning("it is stopped: a deployment starts it".to_owned()));
        if step.effect == Effect::Unchanged {
            step.effect = Effect::InPlace;
        }
    }
    if step.effect == Effect::Unchanged {
        step.body = None;
    }
    step
}

fn effect(
    old: &Value,
    new: &Value,
    found: &Value,
    live: &Live,
    notices: &mut Vec<Notice>,
) -> Effect {
    if old == new {
        return Effect::Unchanged;
    }
    if ServiceSpec(new).is_job() {
        notices.push(Notice::Warning("every update of a job runs it again".to_owned()));
    }
    let tasks = replaced(old, new, found, live);
    match tasks {
        None => Effect::InPlace,
        Some(tasks) => Effect::Replace(rollout(new, tasks)),
    }
}

/// Returns how many tasks are replaced; `None` where the difference touches no
/// task. Only the task template and the endpoint do; a placement that changed
/// alone spares the tasks whose node it admits (swarmkit's updater).
fn replaced(old: &Value, new: &Value, found: &Value, live: &Live) -> Option<u64> {
    let id = ServiceObject(found).id().unwrap_or_default();
    let all = || live.wanted_tasks(id).count() as u64;
    let (old, new) = (ServiceSpec(old), ServiceSpec(new));
    if new.is_job() {
        return Some(all());
    }
    let core = |it: ServiceSpec<'_>| {
        let mut template = it.template().0.clone();
        if let Some(fields) = template.as_object_mut() {
            fields.remove("Placement");
        }
        json!([template, it.endpoint()])
    };
    if core(old) != core(new) {
        return Some(all());
    }
    if old.template().placement() == new.template().placement() {
        return None;
    }
    let constraints = new.template().rules();
    let stays = |node| constraints.iter().all(|it| it.admits(node) == Some(true));
    let moved = live.wanted_tasks(id).filter(|it| !host(it, live).is_some_and(stays)).count();
    (moved > 0).then_some(moved as u64)
}

fn rollout(new: &Value, tasks: u64) -> Rollout {
    let config = ServiceSpec(new).update_config();
    let parallelism = if config.is_there() { config.parallelism().unwrap_or(0) } else { 1 };
    let order = config.order().unwrap_or("stop-first").to_owned();
    Rollout { tasks, parallelism, order }
}

/// A service stays what it was made: replicated, global, or a job.
fn mode_change(old: &Value, new: &Value) -> Option<String> {
    let (old, new) = (ServiceSpec(old).mode_word()?, ServiceSpec(new).mode_word()?);
    (old != new).then(|| {
        format!("service mode change is not allowed ({old} to {new}): remove the service first")
    })
}
