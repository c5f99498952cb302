//! Candidate nodes of a service.

use crate::domain::{
    compose::DesiredService,
    deployment::plan::Live,
    swarm::{
        cluster::{Mode, Node, TaskState},
        objects::ServiceSpec,
    },
};

/// Returns the nodes that take tasks and meet the constraints of a service. What cannot
/// be known from here counts as met.
pub fn eligible<'a>(service: &DesiredService, live: &'a Live) -> Vec<&'a Node> {
    let constraints = ServiceSpec(&service.spec).template().rules();
    let meets = |it: &&Node| constraints.iter().all(|rule| rule.admits(it) != Some(false));
    live.nodes.iter().filter(|it| it.takes_tasks()).filter(meets).collect()
}

/// Returns how many tasks a service wants at once, where it may land on so many nodes.
pub fn wanted(service: &DesiredService, nodes: usize) -> u64 {
    match ServiceSpec(&service.spec).mode() {
        Some(Mode::Replicated { replicas }) => replicas,
        Some(Mode::ReplicatedJob { at_once, .. }) => at_once,
        Some(Mode::Global | Mode::GlobalJob) => nodes as u64,
        None => 1,
    }
}

/// Returns whether a task holds what it has of its node.
pub fn holds(state: TaskState, desired: TaskState) -> bool {
    !state.is_over() && !desired.is_over()
}
