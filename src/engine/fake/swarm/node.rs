//! What the swarm keeps about a node.

use crate::domain::swarm::{
    cluster::Resources,
    names::NodeId,
    objects::{Labels, NodeSpec},
    states::{Availability, Word},
};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

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

impl NodeRecord {
    pub fn availability(&self) -> Word<Availability> {
        NodeSpec(&self.spec).availability().unwrap_or(Availability::Active.into())
    }

    pub fn is_manager(&self) -> bool {
        NodeSpec(&self.spec).role() == Some("manager")
    }

    /// Returns whether new tasks may start here.
    pub fn takes_tasks(&self) -> bool {
        self.up && self.availability() == Availability::Active
    }

    /// Returns whether tasks that are here may stay.
    pub fn keeps_tasks(&self) -> bool {
        self.up && self.availability() != Availability::Drain
    }

    pub fn labels(&self) -> Labels<'_> {
        NodeSpec(&self.spec).labels()
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels().get(key)
    }
}
