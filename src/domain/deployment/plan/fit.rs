//! Feasibility checks of a plan: ports in use, matching nodes, capacity.

use crate::domain::{
    deployment::plan::{
        Live,
        steps::{Effect, Notice, PlanStep},
    },
    swarm::{
        cluster::{Node, ObjectKind, Port, Resources, Service, Task},
        constraint::Constraint,
        objects::{PortConfig, ServiceSpec},
    },
    text::size,
};
use serde_json::Value;

/// What the nodes that take tasks have in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// Nodes that meet the constraints and take tasks.
    pub nodes: usize,
    /// Nodes of those with room for one task, everything on them taken away.
    pub large_enough: usize,
}

/// Returns the node a task is on.
pub fn host<'a>(task: &Task, live: &'a Live) -> Option<&'a Node> {
    live.nodes.iter().find(|it| Some(&it.id) == task.node.as_ref())
}

/// Adds to each service what stands in its way.
pub fn check(steps: &mut [PlanStep], live: &Live) {
    for step in steps.iter_mut().filter(|it| it.kind == ObjectKind::Services) {
        let Some(body) = step.body.clone() else { continue };
        if let Some(why) = port_taken(&step.name, &body, live) {
            step.effect = Effect::Refused(why);
        }
        step.notices.extend(no_room(&body, live));
    }
}

/// Ingress ports belong to one service of the cluster; ports of nodes may belong to
/// several, but not beside one of the ingress network (swarmkit's control API).
fn port_taken(name: &str, body: &Value, live: &Live) -> Option<String> {
    ServiceSpec(body).ports().find_map(|it| taken(name, it, live))
}

fn taken(name: &str, port: PortConfig<'_>, live: &Live) -> Option<String> {
    let (published, protocol, host) = (port.published()?, port.protocol(), port.is_host());
    let clashes = |it: &Port| {
        u64::from(it.published) == published && it.protocol == protocol && !(host && it.host)
    };
    let holds = |it: &&Service| *it.name != *name && it.ports.iter().any(clashes);
    let owner = live.all.iter().find(holds)?;
    let as_host =
        if owner.ports.iter().any(|it| clashes(it) && it.host) { " on its nodes" } else { "" };
    Some(format!(
        "port {published}/{protocol} is already in use by service {}{as_host}",
        owner.name
    ))
}

fn no_room(body: &Value, live: &Live) -> Option<Notice> {
    if live.nodes.is_empty() {
        return None;
    }
    let template = ServiceSpec(body).template();
    let reserved = template.reserved();
    let room = room(&template.rules(), reserved, live);
    if room.nodes == 0 {
        let texts: Vec<&str> = template.constraints().collect();
        let what = if texts.is_empty() {
            "no node takes tasks".to_owned()
        } else {
            format!("no node that takes tasks meets {}", texts.join(", "))
        };
        return Some(Notice::Warning(format!("{what}: its tasks will stay pending")));
    }
    if room.large_enough == 0 {
        let wanted = format!(
            "{} cpus and {}",
            size::cpus(reserved.nano_cpus),
            size::memory(reserved.memory)
        );
        return Some(Notice::Warning(format!(
            "no node is large enough for a task that reserves {wanted}"
        )));
    }
    let most = template.max_replicas_per_node()? * room.nodes as u64;
    let replicas = ServiceSpec(body).replicas();
    (replicas > most).then(|| {
        let short = replicas - most;
        Notice::Warning(format!(
            "{} nodes take {most} tasks at max_replicas_per_node: {short} will stay pending",
            room.nodes
        ))
    })
}

fn room(constraints: &[Constraint], reserved: Resources, live: &Live) -> Room {
    let open = |it: &&Node| it.takes_tasks();
    // What a client cannot know counts as met: a warning must not be wrong.
    let meets =
        |it: &&Node| constraints.iter().all(|constraint| constraint.admits(it) != Some(false));
    let nodes: Vec<&Node> = live.nodes.iter().filter(open).filter(meets).collect();
    let large = |it: &&&Node| {
        it.capacity.nano_cpus >= reserved.nano_cpus && it.capacity.memory >= reserved.memory
    };
    Room { nodes: nodes.len(), large_enough: nodes.iter().filter(large).count() }
}
