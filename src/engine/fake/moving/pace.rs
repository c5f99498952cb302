//! Update pace: parallelism, delay and failure.

use crate::domain::swarm::objects::ServiceSpec;
use serde_json::Value;
use std::time::Duration;

/// How the spec wants its tasks replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatePace {
    pub parallelism: usize,
    pub delay: Duration,
    pub monitor: Duration,
    pub action: String,
    pub ratio: f64,
    pub start_first: bool,
}

impl UpdatePace {
    /// Reads the pace of an update, or of the rollback.
    pub fn read(spec: &Value, back: bool) -> Self {
        let spec = ServiceSpec(spec);
        let config = if back { spec.rollback_config() } else { spec.update_config() };
        let parallelism = match (config.is_there(), config.parallelism()) {
            (false, _) => 1,
            (true, None | Some(0)) => usize::MAX,
            (true, Some(some)) => usize::try_from(some).unwrap_or(usize::MAX),
        };
        Self {
            parallelism,
            delay: config.delay().unwrap_or_default(),
            monitor: config.monitor().unwrap_or(Duration::from_secs(5)),
            action: config.failure_action().unwrap_or("pause").to_owned(),
            ratio: config.max_failure_ratio(),
            start_first: config.order() == Some("start-first"),
        }
    }

    /// How long new tasks are watched after the last place had its turn.
    pub fn watch(&self) -> Duration {
        if self.delay >= self.monitor { self.delay + Duration::from_secs(1) } else { self.monitor }
    }
}
