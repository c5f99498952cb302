//! What becomes of a service, and of its tasks.

use crate::domain::{
    cluster::Kind,
    compose::DesiredService,
    describe::differences,
    mask::Secrecy,
    plan::{
        Effect, Live, Notice, Rollout, Step, canonical,
        fit::{constraints, host},
        objects::seen,
    },
    stop::{self, Standing, standing},
};
use serde_json::{Value, json};

/// Plans one service; its spec has its image resolved and its ids filled in as
/// far as they are known.
pub fn step(wanted: &DesiredService, live: &Live) -> Step {
    let mut step = Step::new(Kind::Services, &wanted.name, Effect::Create);
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
    let stopped = matches!(standing(&found["Spec"]), Standing::Stopped(_));
    let mut running = found["Spec"].clone();
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
    if new["Mode"].get("ReplicatedJob").is_some() || new["Mode"].get("GlobalJob").is_some() {
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
    let id = found["ID"].as_str().unwrap_or_default();
    let all = || live.wanted_tasks(id).count() as u64;
    let is_job =
        new["Mode"].get("ReplicatedJob").is_some() || new["Mode"].get("GlobalJob").is_some();
    if is_job {
        return Some(all());
    }
    let core = |it: &Value| {
        let mut template = it["TaskTemplate"].clone();
        if let Some(fields) = template.as_object_mut() {
            fields.remove("Placement");
        }
        json!([template, it["EndpointSpec"]])
    };
    if core(old) != core(new) {
        return Some(all());
    }
    if old["TaskTemplate"]["Placement"] == new["TaskTemplate"]["Placement"] {
        return None;
    }
    let constraints = constraints(&new["TaskTemplate"]["Placement"]);
    let stays = |node| constraints.iter().all(|it| it.admits(node) == Some(true));
    let moved = live.wanted_tasks(id).filter(|it| !host(it, live).is_some_and(stays)).count();
    (moved > 0).then_some(moved as u64)
}

fn rollout(new: &Value, tasks: u64) -> Rollout {
    let config = &new["UpdateConfig"];
    let parallelism =
        if config.is_object() { config["Parallelism"].as_u64().unwrap_or(0) } else { 1 };
    let order = config["Order"].as_str().unwrap_or("stop-first").to_owned();
    Rollout { tasks, parallelism, order }
}

/// A service stays what it was made: replicated, global, or a job.
fn mode_change(old: &Value, new: &Value) -> Option<String> {
    let kind = |it: &Value| it["Mode"].as_object().and_then(|it| it.keys().next().cloned());
    let (old, new) = (kind(old)?, kind(new)?);
    (old != new).then(|| {
        format!("service mode change is not allowed ({old} to {new}): remove the service first")
    })
}
