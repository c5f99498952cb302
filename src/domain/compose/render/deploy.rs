//! The `deploy` of a service.

use crate::domain::compose::{
    convert::body::{Body, list},
    model::{Deploy, Reservations, ResourceLimits, RestartPolicy, UpdateConfig},
    place::At,
    render::fields::{bytes, duration, labels, put_pairs, some_duration},
};
use serde_json::{Value, json};

pub fn deploy(deploy: &Deploy) -> Body {
    let mut resources = Body::default();
    resources.give("limits", deploy.limits.as_deref().map(limits));
    resources.give("reservations", deploy.reservations.as_deref().map(reservations));
    let preferences = list(&deploy.preferences).into_iter().map(|it| json!({ "spread": it }));
    let mut placement = Body::default();
    placement.put("constraints", list(&deploy.constraints));
    placement.put("preferences", preferences.collect::<Vec<_>>());
    placement.put("max_replicas_per_node", deploy.max_replicas_per_node.value);

    let mut body = Body::default();
    body.put("mode", deploy.mode.as_str());
    body.give("replicas", deploy.replicas.map(|it| it.value));
    body.put("endpoint_mode", deploy.endpoint_mode.as_str());
    put_pairs(&mut body, "labels", labels(&deploy.labels));
    body.nest("placement", placement);
    body.nest("resources", resources);
    body.give("restart_policy", deploy.restart_policy.as_deref().map(restart_policy));
    body.give("update_config", deploy.update_config.as_deref().map(update_config));
    body.give("rollback_config", deploy.rollback_config.as_deref().map(update_config));
    body
}

fn limits(limits: &ResourceLimits) -> Body {
    let mut body = Body::default();
    body.put("cpus", limits.cpus.as_str());
    body.give("memory", bytes(limits.memory));
    body.put("pids", limits.pids.value);
    body
}

fn reservations(reservations: &Reservations) -> Body {
    let generic = reservations.generic_resources.iter().map(|it| {
        let mut spec = Body::default();
        spec.put("kind", it.kind.as_str());
        spec.set("value", it.value.value);
        json!({ "discrete_resource_spec": Value::from(spec) })
    });
    let mut body = Body::default();
    body.put("cpus", reservations.cpus.as_str());
    body.give("memory", bytes(reservations.memory));
    body.put("generic_resources", generic.collect::<Vec<_>>());
    body
}

fn restart_policy(policy: &RestartPolicy) -> Body {
    let mut body = Body::default();
    body.put("condition", policy.condition.as_str());
    body.give("delay", duration(policy.delay));
    body.give("max_attempts", policy.max_attempts.map(|it| it.value));
    body.give("window", duration(policy.window));
    body
}

fn update_config(config: &UpdateConfig) -> Body {
    let mut body = Body::default();
    body.give("parallelism", config.parallelism.map(|it| it.value));
    body.put("order", config.order.as_str());
    body.give("delay", some_duration(config.delay));
    body.give("monitor", some_duration(config.monitor));
    body.put("failure_action", config.failure_action.as_str());
    body.put("max_failure_ratio", ratio(config.max_failure_ratio));
    body
}

/// Widens a number so that its digits stay the same.
fn ratio(ratio: At<f32>) -> Option<f64> {
    ratio.value.to_string().parse().ok()
}
