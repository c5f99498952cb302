//! What the swarm keeps about a service.

use crate::{
    domain::swarm::{
        cluster::{Mode, Update},
        names::{ServiceId, StackName},
        objects::ServiceSpec,
    },
    engine::fake::swarm::{rollout::Rollout, task::SlotKey, template::TaskTemplate},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Debug, Clone)]
pub struct ServiceRecord {
    pub id: ServiceId,
    pub version: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub spec: Value,
    pub previous: Option<Value>,
    pub update: Option<Update>,
    /// Ports as the engine assigned them.
    pub ports: Vec<Value>,
    /// Its virtual addresses, one in each of its networks.
    pub addresses: Vec<Value>,
    /// Version of the last run of a job.
    pub iteration: Option<u64>,
    pub last_run: Option<Timestamp>,
    pub template: Arc<TaskTemplate>,
    /// Whether it was written with registry credentials.
    pub credentials: bool,
    /// What the allocator and the updater have not seen yet.
    pub fresh: bool,
    pub rollout: Option<Rollout>,
    /// When tasks of a place were started again, since the last update.
    pub restarts: BTreeMap<SlotKey, Vec<Timestamp>>,
}

impl ServiceRecord {
    pub fn name(&self) -> &str {
        ServiceSpec(&self.spec).name().unwrap_or_default()
    }

    pub fn mode(&self) -> Mode {
        mode_of(&self.spec)
    }

    pub fn stack(&self) -> Option<StackName> {
        ServiceSpec(&self.spec).labels().stack().and_then(StackName::observed)
    }

    pub fn is_job(&self) -> bool {
        matches!(self.mode(), Mode::ReplicatedJob { .. } | Mode::GlobalJob)
    }
}

/// Reads the mode of a service spec.
pub fn mode_of(spec: &Value) -> Mode {
    ServiceSpec(spec).mode().unwrap_or(Mode::Replicated { replicas: 1 })
}

/// What the engine tells of a change of a spec.
pub fn differences(old: &Value, new: &Value) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let image = |spec| ServiceSpec(spec).image().map(str::to_owned);
    let replicas = |spec: &Value| match mode_of(spec) {
        Mode::Replicated { replicas } => Some(replicas.to_string()),
        _ => None,
    };
    for (key, old, new) in
        [("image", image(old), image(new)), ("replicas", replicas(old), replicas(new))]
    {
        if old != new {
            told.extend(old.map(|it| (format!("{key}.old"), it)));
            told.extend(new.map(|it| (format!("{key}.new"), it)));
        }
    }
    told
}
