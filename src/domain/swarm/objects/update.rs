//! How the tasks of a service are replaced: its `UpdateConfig`.

use crate::domain::swarm::objects::nanos;
use serde_json::Value;
use std::time::Duration;

/// An `UpdateConfig` or a `RollbackConfig`.
#[derive(Debug, Clone, Copy)]
pub struct UpdateConfig<'a>(pub &'a Value);

impl<'a> UpdateConfig<'a> {
    /// Returns whether the spec has one.
    pub fn is_there(self) -> bool {
        self.0.is_object()
    }

    /// Returns how many tasks are replaced at once; 0 is all.
    pub fn parallelism(self) -> Option<u64> {
        self.0["Parallelism"].as_u64()
    }

    /// Returns how long it waits between two rounds.
    pub fn delay(self) -> Option<Duration> {
        nanos(&self.0["Delay"])
    }

    /// Returns how long a new task is watched for failure.
    pub fn monitor(self) -> Option<Duration> {
        nanos(&self.0["Monitor"])
    }

    /// Returns what happens when an update fails: `pause`, `continue`, `rollback`.
    pub fn failure_action(self) -> Option<&'a str> {
        self.0["FailureAction"].as_str()
    }

    /// Returns the share of tasks that may fail.
    pub fn max_failure_ratio(self) -> f64 {
        self.0["MaxFailureRatio"].as_f64().unwrap_or_default()
    }

    /// Returns which comes first: `stop-first` or `start-first`.
    pub fn order(self) -> Option<&'a str> {
        self.0["Order"].as_str()
    }
}
