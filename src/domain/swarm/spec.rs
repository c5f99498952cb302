//! Service specs as raw JSON, and the one place where bodies of updates are
//! made.
//!
//! Invariant: a body without `TaskTemplate.Placement` never leaves this module.
//! Such an update makes the manager dereference nil, and again at every start,
//! because the spec is in raft by then (seen on engines 20.10.24 and 28.5.2).
//! Nor does one that spells `Healthcheck` as typed clients do: the engine would
//! read it, but whoever wrote it has read the spec through a model that loses
//! health checks.

use crate::domain::swarm::{
    cluster::Mode,
    objects::{ServiceObject, ServiceSpec},
    stop::{self, StopState, standing},
};
use serde_json::{Map, Value, json};

/// The body of `POST /services/create`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewService(Value);

/// The body of `POST /services/{id}/update`.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateBody(Value);

/// A change to a live spec that leaves all else as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Scale {
        replicas: u64,
    },
    /// Replaces every task, as `docker service update --force`.
    Restart,
    /// Scales to zero and keeps the number of replicas in a label.
    Stop,
    /// Brings as many replicas back as the label says.
    Start,
    /// Sends the spec as it is (for the engine's own roll-back).
    Nothing,
}

/// Why a spec cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("service `{0}` has no task template; only services that run containers can be changed")]
    NoTaskTemplate(String),
    #[error("the spec of `{0}` has no Placement: sending it would crash the manager")]
    NoPlacement(String),
    #[error("the spec of `{0}` spells `HealthCheck`: its health check may be lost")]
    ForeignHealthcheck(String),
    #[error("service `{name}` {why}")]
    NotScalable { name: String, why: &'static str },
    #[error("service `{name}` is {mode}: only replicated services can be stopped and started")]
    NotStoppable { name: String, mode: &'static str },
}

impl NewService {
    /// Takes a desired spec.
    pub fn new(desired: Value) -> Result<Self, SpecError> {
        sealed(desired).map(Self)
    }

    pub fn name(&self) -> &str {
        name_of(&self.0)
    }

    pub fn json(&self) -> &Value {
        &self.0
    }
}

impl UpdateBody {
    /// Replaces the whole spec by a desired one.
    pub fn replace(desired: Value) -> Result<Self, SpecError> {
        sealed(desired).map(Self)
    }

    /// Changes one thing of the live service `live` (as `GET /services/{id}`
    /// answers) and keeps the rest to the byte.
    ///
    /// A live spec may lack Placement (engines before 2017, other clients); it
    /// gets the empty one, which places tasks just the same.
    pub fn edit(live: &Value, edit: &Edit) -> Result<Self, SpecError> {
        let mut spec = ServiceObject(live).spec().0.clone();
        let name = name_of(&spec).to_owned();
        let Some(template) = spec.get_mut("TaskTemplate").and_then(Value::as_object_mut) else {
            return Err(SpecError::NoTaskTemplate(name));
        };
        if !template.get("Placement").is_some_and(Value::is_object) {
            template.insert("Placement".to_owned(), json!({}));
        }
        match edit {
            Edit::Scale { replicas } => scale(&mut spec, &name, *replicas)?,
            Edit::Restart => restart(template),
            Edit::Stop | Edit::Start => stop_or_start(&mut spec, name, edit)?,
            Edit::Nothing => {}
        }
        sealed(spec).map(Self)
    }

    pub fn json(&self) -> &Value {
        &self.0
    }
}

fn scale(spec: &mut Value, name: &str, replicas: u64) -> Result<(), SpecError> {
    let refused = |why| Err(SpecError::NotScalable { name: name.to_owned(), why });
    if let Some(why) = ServiceSpec(spec).mode().and_then(Mode::why_not_scaled) {
        return refused(why);
    }
    let Some(mode) = spec.get_mut("Mode").and_then(Value::as_object_mut) else {
        return refused("is of no known mode and cannot be scaled");
    };
    if let Some(replicated) = mode.get_mut("Replicated") {
        *replicated = json!({ "Replicas": replicas });
    } else if let Some(job) = mode.get_mut("ReplicatedJob") {
        let at_once = job.get("MaxConcurrent").cloned().unwrap_or_default();
        *job = json!({ "MaxConcurrent": at_once, "TotalCompletions": replicas });
    } else {
        return refused("is of no known mode and cannot be scaled");
    }
    if replicas > 0 {
        stop::forget(spec);
    }
    Ok(())
}

fn stop_or_start(spec: &mut Value, name: String, edit: &Edit) -> Result<(), SpecError> {
    if let StopState::Fixed(mode) = standing(spec) {
        return Err(SpecError::NotStoppable { name, mode });
    }
    if *edit == Edit::Stop {
        stop::stop(spec);
    } else {
        stop::start(spec);
    }
    Ok(())
}

fn restart(template: &mut Map<String, Value>) {
    let count = template.get("ForceUpdate").and_then(Value::as_u64).unwrap_or(0);
    template.insert("ForceUpdate".to_owned(), json!(count + 1));
}

/// The gate every body passes.
fn sealed(spec: Value) -> Result<Value, SpecError> {
    let name = || name_of(&spec).to_owned();
    let template = ServiceSpec(&spec).template();
    if !template.is_there() {
        return Err(SpecError::NoTaskTemplate(name()));
    }
    if !template.placement().is_object() {
        return Err(SpecError::NoPlacement(name()));
    }
    if template.container().has_foreign_healthcheck() {
        return Err(SpecError::ForeignHealthcheck(name()));
    }
    Ok(spec)
}

fn name_of(spec: &Value) -> &str {
    ServiceSpec(spec).name().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Value {
        json!({ "ID": "x", "Spec": {
            "Name": "web", "Mode": { "Replicated": { "Replicas": 2 } },
            "TaskTemplate": { "ForceUpdate": 3, "Placement": { "Constraints": ["node.role==worker"] },
                "ContainerSpec": { "Image": "web:1", "Healthcheck": { "Test": ["CMD", "x"] } } } } })
    }

    #[test]
    fn scaling_changes_the_number_and_nothing_else() {
        let body = UpdateBody::edit(&live(), &Edit::Scale { replicas: 5 }).unwrap();
        let mut expected = live()["Spec"].clone();
        expected["Mode"]["Replicated"]["Replicas"] = json!(5);
        assert_eq!(body.json(), &expected);
    }

    #[test]
    fn restarting_counts_up() {
        let body = UpdateBody::edit(&live(), &Edit::Restart).unwrap();
        assert_eq!(body.json()["TaskTemplate"]["ForceUpdate"], json!(4));
    }

    #[test]
    fn a_body_without_placement_is_refused() {
        for placement in [Value::Null, json!([])] {
            let mut spec = live()["Spec"].clone();
            spec["TaskTemplate"]["Placement"] = placement;
            assert_eq!(UpdateBody::replace(spec), Err(SpecError::NoPlacement("web".to_owned())));
        }
    }

    #[test]
    fn a_live_spec_without_placement_gets_the_empty_one() {
        let mut live = live();
        live["Spec"]["TaskTemplate"].as_object_mut().unwrap().remove("Placement");
        let body = UpdateBody::edit(&live, &Edit::Nothing).unwrap();
        assert_eq!(body.json()["TaskTemplate"]["Placement"], json!({}));
    }

    #[test]
    fn the_spelling_of_typed_clients_is_refused() {
        let mut spec = live()["Spec"].clone();
        spec["TaskTemplate"]["ContainerSpec"]["HealthCheck"] = json!({});
        assert_eq!(UpdateBody::replace(spec), Err(SpecError::ForeignHealthcheck("web".to_owned())));
    }

    #[test]
    fn a_stopped_service_that_is_scaled_up_is_not_stopped_any_more() {
        let stopped = UpdateBody::edit(&live(), &Edit::Stop).unwrap();
        assert_eq!(standing(stopped.json()), StopState::Stopped(2));
        let live = json!({ "Spec": stopped.json() });
        for (edit, expected) in [
            (Edit::Scale { replicas: 5 }, StopState::Up(5)),
            (Edit::Scale { replicas: 0 }, StopState::Stopped(2)),
            (Edit::Restart, StopState::Stopped(2)),
            (Edit::Start, StopState::Up(2)),
        ] {
            let body = UpdateBody::edit(&live, &edit).unwrap();
            assert_eq!(standing(body.json()), expected, "{edit:?}");
        }
    }

    #[test]
    fn global_services_and_jobs_do_not_stop() {
        for (mode, word) in [("Global", "global"), ("ReplicatedJob", "a job")] {
            let mut live = live();
            live["Spec"]["Mode"] = json!({ mode: {} });
            let err = UpdateBody::edit(&live, &Edit::Stop).unwrap_err();
            let words = "only replicated services can be stopped and started";
            assert_eq!(err.to_string(), format!("service `web` is {word}: {words}"));
        }
    }

    #[test]
    fn global_services_do_not_scale() {
        let mut live = live();
        live["Spec"]["Mode"] = json!({ "Global": {} });
        let err = UpdateBody::edit(&live, &Edit::Scale { replicas: 1 }).unwrap_err();
        assert_eq!(
            err.to_string(),
            "service `web` is global: it runs once on each node and cannot be scaled"
        );
    }
}
