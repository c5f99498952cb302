//! How fast an update goes, and what ends it.

use serde_json::Value;
use std::time::Duration;

/// How the spec wants its tasks replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    pub parallelism: usize,
    pub delay: Duration,
    pub monitor: Duration,
    pub action: String,
    pub ratio: f64,
    pub start_first: bool,
}

impl Pace {
    /// Reads the pace of an update, or of the rollback.
    pub fn read(spec: &Value, back: bool) -> Self {
        let config = &spec[if back { "RollbackConfig" } else { "UpdateConfig" }];
        let nanos = |key: &str| Duration::from_nanos(config[key].as_u64().unwrap_or(0));
        let parallelism = match (config.is_object(), config["Parallelism"].as_u64()) {
            (false, _) => 1,
            (true, None | Some(0)) => usize::MAX,
            (true, Some(some)) => usize::try_from(some).unwrap_or(usize::MAX),
        };
        let monitor = nanos("Monitor");
        Self {
            parallelism,
            delay: nanos("Delay"),
            monitor: if monitor.is_zero() { Duration::from_secs(5) } else { monitor },
            action: config["FailureAction"].as_str().unwrap_or("pause").to_owned(),
            ratio: config["MaxFailureRatio"].as_f64().unwrap_or(0.0),
            start_first: config["Order"] == "start-first",
        }
    }

    /// How long new tasks are watched after the last place had its turn.
    pub fn watch(&self) -> Duration {
        if self.delay >= self.monitor { self.delay + Duration::from_secs(1) } else { self.monitor }
    }
}
