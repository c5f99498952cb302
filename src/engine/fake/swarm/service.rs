//! What the swarm keeps about a service.

use crate::{
    domain::{
        cluster::{Mode, Update},
        names::{STACK_LABEL, ServiceId, StackName},
    },
    engine::fake::swarm::{rollout::Rollout, task::Place, template::Template},
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
    pub template: Arc<Template>,
    /// Whether it was written with registry credentials.
    pub credentials: bool,
    /// What the allocator and the updater have not seen yet.
    pub fresh: bool,
    pub rollout: Option<Rollout>,
    /// When tasks of a place were started again, since the last update.
    pub restarts: BTreeMap<Place, Vec<Timestamp>>,
}

impl ServiceRecord {
    pub fn name(&self) -> &str {
        self.spec["Name"].as_str().unwrap_or_default()
    }

    pub fn mode(&self) -> Mode {
        mode_of(&self.spec)
    }

    pub fn stack(&self) -> Option<StackName> {
        self.spec["Labels"].get(STACK_LABEL).and_then(Value::as_str).and_then(StackName::observed)
    }

    pub fn is_job(&self) -> bool {
        matches!(self.mode(), Mode::ReplicatedJob { .. } | Mode::GlobalJob)
    }
}

/// Reads the mode of a service spec.
pub fn mode_of(spec: &Value) -> Mode {
    let mode = &spec["Mode"];
    let number = |value: &Value| value.as_u64().unwrap_or(1);
    if mode.get("Global").is_some() {
        Mode::Global
    } else if mode.get("GlobalJob").is_some() {
        Mode::GlobalJob
    } else if let Some(job) = mode.get("ReplicatedJob") {
        let at_once = number(&job["MaxConcurrent"]);
        let total = job["TotalCompletions"].as_u64().unwrap_or(at_once);
        Mode::ReplicatedJob { at_once, total }
    } else {
        Mode::Replicated { replicas: number(&mode["Replicated"]["Replicas"]) }
    }
}

/// What the engine tells of a change of a spec.
pub fn differences(old: &Value, new: &Value) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let image =
        |spec: &Value| spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().map(str::to_owned);
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
