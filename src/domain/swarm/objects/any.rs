//! What all objects of a swarm have. Networks are older than the swarm: they spell their id
//! otherwise, and have no spec.

use crate::domain::swarm::objects::{Labels, moment};
use jiff::Timestamp;
use serde_json::Value;

/// An object of any kind.
#[derive(Debug, Clone, Copy)]
pub struct AnyObject<'a>(pub &'a Value);

impl<'a> AnyObject<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.0["ID"].as_str().or(self.0["Id"].as_str())
    }

    pub fn name(self) -> Option<&'a str> {
        self.0["Spec"]["Name"].as_str().or(self.0["Name"].as_str())
    }

    /// Returns the index that a write must name.
    pub fn version(self) -> Option<u64> {
        self.0["Version"]["Index"].as_u64()
    }

    /// Returns its spec as the engine has it.
    pub fn spec(self) -> &'a Value {
        &self.0["Spec"]
    }

    pub fn labels(self) -> Labels<'a> {
        let spec = self.spec();
        Labels(if spec.is_object() { &spec["Labels"] } else { &self.0["Labels"] })
    }

    pub fn created(self) -> Option<Timestamp> {
        moment(&self.0["CreatedAt"]).or_else(|| moment(&self.0["Created"]))
    }
}
