//! A service as `GET /services` tells it.

use crate::domain::swarm::{
    objects::{Labels, ServiceSpec, moment},
    states::{UpdateState, Word},
};
use jiff::Timestamp;
use serde_json::Value;

/// A service of the swarm.
#[derive(Debug, Clone, Copy)]
pub struct ServiceObject<'a>(pub &'a Value);

impl<'a> ServiceObject<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.0["ID"].as_str()
    }

    /// Returns the index that a write must name.
    pub fn version(self) -> Option<u64> {
        self.0["Version"]["Index"].as_u64()
    }

    pub fn spec(self) -> ServiceSpec<'a> {
        ServiceSpec(&self.0["Spec"])
    }

    /// Returns the spec before the last change, where the engine has one.
    pub fn previous_spec(self) -> ServiceSpec<'a> {
        ServiceSpec(&self.0["PreviousSpec"])
    }

    pub fn name(self) -> Option<&'a str> {
        self.spec().name()
    }

    pub fn labels(self) -> Labels<'a> {
        self.spec().labels()
    }

    /// Returns how far its last update is, where there was one and this version knows the word.
    pub fn update_state(self) -> Option<UpdateState> {
        let word = self.0["UpdateStatus"]["State"].as_str()?;
        Word::from(word).known()
    }

    /// Returns the engine's note on its last update.
    pub fn update_message(self) -> &'a str {
        self.0["UpdateStatus"]["Message"].as_str().unwrap_or_default()
    }

    pub fn update_started(self) -> Option<Timestamp> {
        moment(&self.0["UpdateStatus"]["StartedAt"])
    }

    pub fn created(self) -> Option<Timestamp> {
        moment(&self.0["CreatedAt"])
    }

    /// Returns the last write of any kind, also by the engine itself.
    pub fn updated(self) -> Option<Timestamp> {
        moment(&self.0["UpdatedAt"])
    }

    /// Returns when the run of a job began that counts now.
    pub fn job_began(self) -> Option<Timestamp> {
        moment(&self.0["JobStatus"]["LastExecution"])
    }
}
