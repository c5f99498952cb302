//! Stopped services: scaled to zero, and a label on the service keeps
//! how many replicas come back, so that every manager and every tool can see it.
//!
//! A label of the service (not of its containers) replaces no task.

use crate::domain::swarm::{cluster::Mode, objects::ServiceSpec, raw};
use serde_json::{Value, json};

/// The label that keeps the number of replicas of a stopped service.
pub const STOPPED_LABEL: &str = "skep.stopped";

/// Whether a service can be stopped or started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopState {
    /// It has so many replicas; none is a number like any other.
    Up(u64),
    /// It has none, and so many come back.
    Stopped(u64),
    /// It has no number of replicas, because it is what the word says.
    Fixed(&'static str),
}

/// Reads the standing of a spec. A service that somebody scaled up by hand is up,
/// whatever its label says.
pub fn standing(spec: &Value) -> StopState {
    let spec = ServiceSpec(spec);
    let Some(Mode::Replicated { replicas }) = spec.mode() else {
        return StopState::Fixed(if spec.is_job() { "a job" } else { "global" });
    };
    kept(replicas, spec.labels().get(STOPPED_LABEL))
        .map_or(StopState::Up(replicas), StopState::Stopped)
}

/// Returns how many replicas come back to a service that has so many, and this label.
pub fn kept(replicas: u64, label: Option<&str>) -> Option<u64> {
    label.filter(|_| replicas == 0)?.parse().ok()
}

/// Stops what is up; all else stays as it is.
pub fn stop(spec: &mut Value) {
    let StopState::Up(replicas @ 1..) = standing(spec) else { return };
    raw::set(spec, &["Mode", "Replicated"], json!({ "Replicas": 0 }));
    raw::set(spec, &["Labels", STOPPED_LABEL], json!(replicas.to_string()));
}

/// Starts what is stopped; all else stays as it is.
pub fn start(spec: &mut Value) {
    if let StopState::Stopped(replicas) = standing(spec) {
        raw::set(spec, &["Mode", "Replicated"], json!({ "Replicas": replicas }));
        forget(spec);
    }
}

/// Takes the label away.
pub fn forget(spec: &mut Value) {
    if let Some(labels) = spec.get_mut("Labels").and_then(Value::as_object_mut) {
        labels.remove(STOPPED_LABEL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(mode: &Value, label: Option<&str>) -> Value {
        let mut spec = json!({ "Name": "web", "Labels": { "team": "a" }, "Mode": mode });
        if let Some(label) = label {
            spec["Labels"][STOPPED_LABEL] = json!(label);
        }
        spec
    }

    fn check(mode: &Value, label: Option<&str>, expected: StopState) {
        assert_eq!(standing(&spec(mode, label)), expected, "{mode} {label:?}");
    }

    #[test]
    fn a_service_is_stopped_while_it_has_no_replicas_and_a_number_to_return_to() {
        let replicated = |count: u64| json!({ "Replicated": { "Replicas": count } });
        check(&replicated(2), None, StopState::Up(2));
        check(&replicated(0), None, StopState::Up(0));
        check(&replicated(0), Some("2"), StopState::Stopped(2));
        check(&replicated(3), Some("2"), StopState::Up(3));
        check(&replicated(0), Some("many"), StopState::Up(0));
        check(&json!({ "Replicated": {} }), None, StopState::Up(1));
    }

    #[test]
    fn what_has_no_replicas_cannot_be_stopped() {
        check(&json!({ "Global": {} }), None, StopState::Fixed("global"));
        check(&json!({ "ReplicatedJob": {} }), None, StopState::Fixed("a job"));
        check(&json!({ "GlobalJob": {} }), None, StopState::Fixed("a job"));
    }

    #[test]
    fn what_was_stopped_and_started_is_what_it_was() {
        let before = spec(&json!({ "Replicated": { "Replicas": 3 } }), None);
        let mut spec = before.clone();
        for _ in 0..2 {
            stop(&mut spec);
            assert_eq!(standing(&spec), StopState::Stopped(3));
        }
        for _ in 0..2 {
            start(&mut spec);
            assert_eq!(spec, before);
        }
    }

    #[test]
    fn a_spec_without_labels_gets_them() {
        let mut spec = json!({ "Labels": null, "Mode": { "Replicated": { "Replicas": 1 } } });
        stop(&mut spec);
        assert_eq!(standing(&spec), StopState::Stopped(1));
    }
}
