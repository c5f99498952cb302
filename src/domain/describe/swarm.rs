//! The page of the swarm: its settings, with lengths of time as people read them.

use crate::domain::text::duration;
use serde_json::Value;

/// Fields that hold nanoseconds.
const SPANS: &[&str] = &["HeartbeatPeriod", "NodeCertExpiry"];

const DAY: i64 = 24 * 60 * 60 * 1_000_000_000;

/// Returns a swarm with `90d` where the engine says `7776000000000000`.
pub fn swarm(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| (key.clone(), field(key, value));
            members.iter().map(member).collect()
        }
        Value::Array(items) => items.iter().map(swarm).collect(),
        other => other.clone(),
    }
}

fn field(key: &str, value: &Value) -> Value {
    match value.as_i64().filter(|_| SPANS.contains(&key)) {
        Some(nanos) if nanos > 0 && nanos % DAY == 0 => format!("{}d", nanos / DAY).into(),
        Some(nanos) => duration::format(nanos).into(),
        None => swarm(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lengths_of_time_have_a_unit() {
        let raw = json!({ "Spec": {
            "Dispatcher": { "HeartbeatPeriod": 5_000_000_000_i64 },
            "CAConfig": { "NodeCertExpiry": 7_776_000_000_000_000_i64 },
            "Raft": { "ElectionTick": 10 },
        } });
        let page = json!({ "Spec": {
            "Dispatcher": { "HeartbeatPeriod": "5s" },
            "CAConfig": { "NodeCertExpiry": "90d" },
            "Raft": { "ElectionTick": 10 },
        } });
        assert_eq!(swarm(&raw), page);
    }
}
