//! Secrets and configs as `GET /secrets` and `GET /configs` tell them, and as they are made.

use crate::domain::swarm::objects::{Labels, moment};
use jiff::Timestamp;
use serde_json::Value;

/// A secret or a config of the swarm.
#[derive(Debug, Clone, Copy)]
pub struct PayloadObject<'a>(pub &'a Value);

/// The spec of one, and the body that makes one.
#[derive(Debug, Clone, Copy)]
pub struct PayloadSpec<'a>(pub &'a Value);

impl<'a> PayloadObject<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.0["ID"].as_str()
    }

    /// Returns the index that a write must name.
    pub fn version(self) -> Option<u64> {
        self.0["Version"]["Index"].as_u64()
    }

    pub fn spec(self) -> PayloadSpec<'a> {
        PayloadSpec(&self.0["Spec"])
    }

    pub fn name(self) -> Option<&'a str> {
        self.spec().name()
    }

    pub fn labels(self) -> Labels<'a> {
        self.spec().labels()
    }

    pub fn updated(self) -> Option<Timestamp> {
        moment(&self.0["UpdatedAt"])
    }
}

impl<'a> PayloadSpec<'a> {
    pub fn name(self) -> Option<&'a str> {
        self.0["Name"].as_str()
    }

    pub fn labels(self) -> Labels<'a> {
        Labels(&self.0["Labels"])
    }

    /// Returns what it holds, in base64; engines tell it of configs only.
    pub fn data(self) -> Option<&'a str> {
        self.0["Data"].as_str()
    }

    /// Returns whether a driver has what it holds, and not the swarm.
    pub fn is_driven(self) -> bool {
        self.0["Driver"].is_object()
    }
}
