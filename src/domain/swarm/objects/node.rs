//! A node as `GET /nodes` tells it.

use crate::domain::swarm::{
    objects::Labels,
    states::{Availability, Word},
};
use serde_json::Value;

/// The spec of a node: what people may change of it.
#[derive(Debug, Clone, Copy)]
pub struct NodeSpec<'a>(pub &'a Value);

/// A node of the swarm.
#[derive(Debug, Clone, Copy)]
pub struct NodeObject<'a>(pub &'a Value);

impl<'a> NodeObject<'a> {
    /// Returns the index that a write must name.
    pub fn version(self) -> Option<u64> {
        self.0["Version"]["Index"].as_u64()
    }

    pub fn spec(self) -> NodeSpec<'a> {
        NodeSpec(&self.0["Spec"])
    }
}

impl<'a> NodeSpec<'a> {
    pub fn labels(self) -> Labels<'a> {
        Labels(&self.0["Labels"])
    }

    /// Returns what it is meant to be: `worker` or `manager`.
    pub fn role(self) -> Option<&'a str> {
        self.0["Role"].as_str()
    }

    pub fn availability(self) -> Option<Word<Availability>> {
        self.0["Availability"].as_str().map(Word::from)
    }
}
