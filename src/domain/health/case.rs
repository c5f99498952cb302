//! One service with what is known around it.

use crate::domain::{
    health::exit::crowd::Network,
    swarm::cluster::{Node, Service, Task},
    text::age::age,
};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;

/// A task may wait so long without a reason before it is one.
pub const SILENCE: SignedDuration = SignedDuration::from_secs(30);

/// One service with its tasks, newest first.
pub struct Case<'a> {
    pub service: &'a Service,
    pub tasks: Vec<&'a Task>,
    pub nodes: &'a [Node],
    pub networks: &'a [Network],
    /// All services, and all tasks that are known.
    pub services: &'a [Service],
    pub all: &'a [Task],
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    pub fn new(
        service: &'a Service,
        mut tasks: Vec<&'a Task>,
        nodes: &'a [Node],
        now: Timestamp,
    ) -> Self {
        tasks.sort_by_key(|it| Reverse(it.created));
        Self { service, tasks, nodes, networks: &[], services: &[], all: &[], now }
    }

    pub fn is_fresh(&self) -> bool {
        self.now.duration_since(self.service.changed) < SILENCE
    }

    pub fn name(&self, task: &Task) -> String {
        let service = &self.service.name;
        if task.slot > 0 {
            return format!("{service}.{}", task.slot);
        }
        let host = self.host(task);
        host.map_or_else(|| service.to_string(), |it| format!("{service} on {it}"))
    }

    pub fn host(&self, task: &Task) -> Option<&str> {
        let node = self.nodes.iter().find(|it| Some(&it.id) == task.node.as_ref());
        node.map(|it| &*it.hostname)
    }

    pub fn age(&self, task: &Task) -> String {
        age(task.since, self.now)
    }

    pub fn waited(&self, task: &Task) -> SignedDuration {
        self.now.duration_since(task.since)
    }
}

/// Global services have one task a node, others one a slot.
pub fn same_slot(one: &Task, other: &Task) -> bool {
    one.slot == other.slot && (one.slot > 0 || one.node == other.node)
}
