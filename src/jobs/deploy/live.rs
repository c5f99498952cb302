//! The live state of a stack, read from the cluster.

use crate::{
    domain::{
        compose::{Desired, bind},
        deployment::{
            plan::{Live, canonical, networks_by_name},
            preflight::asks_for_a_version,
        },
        health::crash_loops,
        swarm::{
            cluster::{Mode, ObjectKind, TaskScope},
            names::StackName,
            objects::AnyObject,
        },
    },
    engine::{Answer, Engine},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads what a plan looks at.
pub async fn read(engine: &dyn Engine, stack: &StackName) -> Answer<Live> {
    let scope = TaskScope::Stack(stack.clone());
    let stack = Some(stack.as_str());
    let (services, networks, secrets, configs, all, nodes, tasks) = tokio::try_join!(
        engine.list(ObjectKind::Services, stack),
        engine.list(ObjectKind::Networks, None),
        engine.list(ObjectKind::Secrets, None),
        engine.list(ObjectKind::Configs, None),
        engine.services(),
        engine.nodes(),
        engine.tasks(&scope),
    )?;
    Ok(Live {
        services: by_name(services),
        networks: networks_by_name(networks),
        secrets: by_name(secrets),
        configs: by_name(configs),
        all,
        nodes,
        tasks,
        engine: None,
    })
}

/// Reads what the plan of a deployment looks at; one question more where it asks for what
/// not every engine knows.
pub async fn read_for(engine: &dyn Engine, stack: &StackName, desired: &Desired) -> Answer<Live> {
    let mut live = read(engine, stack).await?;
    if asks_for_a_version(desired) {
        live.engine = Some(engine.system().await?.version);
    }
    Ok(live)
}

/// Fills in ids that exist. Those of secrets and configs that this deployment
/// creates follow later; any other that is missing is told by the preflight.
pub fn bind_known(desired: &mut Desired, live: &Live) {
    _ = bind(desired, &live.ids());
}

/// Returns whether a service runs as it should, and not just for this moment.
pub fn is_well(name: &str, live: &Live) -> bool {
    let Some(service) = live.all.iter().find(|it| *it.name == *name) else { return false };
    let tasks: Vec<_> =
        live.tasks.iter().filter(|it| it.service.as_ref() == Some(&service.id)).collect();
    let moving = service.update_state().is_some_and(|it| it.is_under_way() || it.is_paused());
    // A job has no updater: what its status says is the end of an older story.
    let moving = moving && !matches!(service.mode, Mode::ReplicatedJob { .. } | Mode::GlobalJob);
    service.converged() && !moving && crash_loops(&tasks, newest(live)).is_empty()
}

/// Returns the newest moment that the cluster speaks of: the time by its clock.
pub fn newest(live: &Live) -> Timestamp {
    let moments = live.tasks.iter().map(|it| it.since.max(it.created));
    moments.max().unwrap_or(Timestamp::MIN)
}

/// Returns whether a spec that was sent means the same as one that is stored.
pub fn same(sent: &Value, stored: &Value, live: &Live) -> bool {
    let [stored, sent] = canonical::pair(stored, sent, live);
    stored == sent
}

/// Puts raw objects in the order of their names.
pub fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    objects
        .into_iter()
        .map(|it| (AnyObject(&it).name().unwrap_or_default().to_owned(), it))
        .collect()
}
