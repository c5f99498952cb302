//! What the swarm keeps about a task.

use crate::{
    domain::swarm::{
        cluster::TaskState,
        names::{NodeId, ServiceId, StackName, TaskId},
    },
    engine::fake::swarm::template::TaskTemplate,
};
use jiff::Timestamp;
use std::sync::Arc;

/// Where one of a service's tasks belongs: tasks of the same place follow each
/// other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlotKey {
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
    pub place: SlotKey,
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
    pub template: Arc<TaskTemplate>,
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
            SlotKey::Slot(slot) => slot,
            SlotKey::Node(_) | SlotKey::Run(_) => 0,
        }
    }
}
