//! What the swarm keeps about its nodes, services and tasks.

use crate::{
    domain::{
        cluster::{Mode, Resources, TaskState, Update},
        names::{NodeId, STACK_LABEL, ServiceId, StackName, TaskId},
    },
    engine::fake::{moving::rollout::Rollout, swarm::template::Template},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Debug, Clone)]
pub struct NodeRecord {
    pub id: NodeId,
    pub version: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// `Name`, `Labels`, `Role`, `Availability`.
    pub spec: Value,
    pub hostname: Arc<str>,
    pub address: String,
    pub capacity: Resources,
    pub up: bool,
    pub message: String,
    pub leader: bool,
}

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

/// Where one of a service's tasks belongs: tasks of the same place follow each
/// other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Slot(u64),
    Node(NodeId),
    /// One of the completions a job wants, counted from 1.
    Run(u64),
}

#[derive(Debug, Clone)]
pub struct TaskRecord {
    pub id: TaskId,
    pub version: u64,
    pub service: ServiceId,
    /// That of its service when it was created: a task outlives its service.
    pub stack: Option<StackName>,
    pub place: Place,
    pub node: Option<NodeId>,
    pub state: TaskState,
    pub desired: TaskState,
    pub message: &'static str,
    pub error: String,
    pub exit_code: Option<i64>,
    pub container: Option<String>,
    pub created: Timestamp,
    /// When the state was reported.
    pub since: Timestamp,
    pub template: Arc<Template>,
    pub iteration: Option<u64>,
    /// What must be over before a task that is to be ready may run.
    pub wait: Option<Wait>,
    /// The step on the agenda that counts.
    pub step: u64,
    /// When its container began to write lines.
    pub speaks: Option<Timestamp>,
    /// When it stopped to.
    pub silent: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    pub until: Timestamp,
    pub old: Option<TaskId>,
}

impl NodeRecord {
    pub fn availability(&self) -> &str {
        self.spec["Availability"].as_str().unwrap_or("active")
    }

    pub fn is_manager(&self) -> bool {
        self.spec["Role"] == "manager"
    }

    /// Returns whether new tasks may start here.
    pub fn takes_tasks(&self) -> bool {
        self.up && self.availability() == "active"
    }

    /// Returns whether tasks that are here may stay.
    pub fn keeps_tasks(&self) -> bool {
        self.up && self.availability() != "drain"
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.spec["Labels"].get(key).and_then(Value::as_str)
    }
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

impl TaskRecord {
    /// Returns whether the swarm still wants this task to run, or to complete.
    pub fn is_wanted(&self) -> bool {
        self.desired <= TaskState::Complete
    }

    /// Returns whether it holds resources of its node.
    pub fn is_active(&self) -> bool {
        !self.state.is_over()
    }

    pub fn slot(&self) -> u64 {
        match self.place {
            Place::Slot(slot) => slot,
            Place::Node(_) | Place::Run(_) => 0,
        }
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
