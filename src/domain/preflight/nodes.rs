//! Which nodes tasks of a service may land on.

use crate::domain::{
    cluster::{Node, TaskState},
    compose::DesiredService,
    constraint::Constraint,
    plan::Live,
};
use serde_json::Value;

/// Returns the nodes that take tasks and meet the constraints of a service. What cannot
/// be known from here counts as met.
pub fn eligible<'a>(service: &DesiredService, live: &'a Live) -> Vec<&'a Node> {
    let constraints = constraints(&service.spec);
    let meets = |it: &&Node| constraints.iter().all(|rule| rule.admits(it) != Some(false));
    live.nodes.iter().filter(|it| it.takes_tasks()).filter(meets).collect()
}

/// Returns how many tasks a service wants at once, where it may land on so many nodes.
pub fn wanted(service: &DesiredService, nodes: usize) -> u64 {
    let mode = &service.spec["Mode"];
    if let Some(job) = mode.get("ReplicatedJob") {
        return job["MaxConcurrent"].as_u64().unwrap_or(1);
    }
    if mode.get("Global").is_some() || mode.get("GlobalJob").is_some() {
        return nodes as u64;
    }
    mode["Replicated"]["Replicas"].as_u64().unwrap_or(1)
}

/// Returns whether a task holds what it has of its node.
pub fn holds(state: TaskState, desired: TaskState) -> bool {
    !state.is_over() && !desired.is_over()
}

fn constraints(spec: &Value) -> Vec<Constraint> {
    let texts = spec["TaskTemplate"]["Placement"]["Constraints"].as_array().into_iter().flatten();
    texts.filter_map(Value::as_str).filter_map(|it| Constraint::parse(it).ok()).collect()
}
