//! What the swarm keeps about a node.

use crate::domain::{cluster::Resources, names::NodeId};
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
