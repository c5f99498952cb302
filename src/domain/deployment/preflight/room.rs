//! Preflight check of reservations against the resources of nodes. Tasks of other services are not
//! asked for: that would cost as much as the cluster is large.

use crate::domain::{
    compose::{DesiredService, Place, codes, finding::Findings},
    deployment::{
        plan::Live,
        preflight::{
            ground::Ground,
            nodes::{eligible, wanted},
        },
    },
    health::Load,
    swarm::{
        cluster::{Mode, Node, Resources, Service},
        objects::ServiceSpec,
    },
    text::size,
};
use std::collections::BTreeSet;

/// Counts for each service how many of its tasks find room on empty nodes.
pub fn of_services(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let Some(Shortage { room, tasks, nodes }) = shortage(service, ground.live) else {
            continue;
        };
        let each = words(ServiceSpec(&service.spec).template().reserved());
        let message = format!(
            "service {}: {room} of its {tasks} tasks fit on the {nodes} nodes it may run on, even if these were empty: each reserves {each}",
            service.key,
        );
        findings.say(&codes::NO_ROOM, service.place, message);
    }
}

/// Adds up all services, as they will be.
pub fn of_cluster(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    // A service that is too much by itself is told already.
    if desired.services.iter().any(|it| shortage(it, live).is_some()) {
        return;
    }
    let names: BTreeSet<&str> = desired.services.iter().map(|it| it.name.as_str()).collect();
    let others: Vec<Service> =
        live.all.iter().filter(|it| !names.contains(&*it.name)).cloned().collect();
    let load = Load::of_cluster(&others, &live.nodes);
    let mut all = load.reserved;
    for service in &desired.services {
        let tasks = wanted(service, eligible(service, live).len());
        all = sum(all, ServiceSpec(&service.spec).template().reserved(), tasks);
    }
    let before = Load::of_cluster(&live.all, &live.nodes).reserved;
    let kinds = [
        (
            " of memory",
            all.memory,
            before.memory,
            load.available.memory,
            size::memory as fn(i64) -> String,
        ),
        (" cpus", all.nano_cpus, before.nano_cpus, load.available.nano_cpus, size::cpus),
    ];
    for (kind, after, before, available, write) in kinds {
        // What was too much before is no news of this deployment.
        if available > 0 && after > available && after > before {
            let message = format!(
                "all services together will reserve {}{kind}, and the nodes that take tasks have {}",
                write(after),
                write(available)
            );
            findings.say(&codes::CLUSTER_FULL, Place::default(), message);
        }
    }
}

/// Tasks that do not find room.
struct Shortage {
    room: u64,
    tasks: u64,
    nodes: usize,
}

fn shortage(service: &DesiredService, live: &Live) -> Option<Shortage> {
    let reserved = ServiceSpec(&service.spec).template().reserved();
    let nodes = eligible(service, live);
    let tasks = wanted(service, nodes.len());
    let is_global = ServiceSpec(&service.spec).mode() == Some(Mode::Global);
    let most = |it: &&Node| fits(it, reserved).min(if is_global { 1 } else { u64::MAX });
    let room = nodes.iter().map(most).fold(0, u64::saturating_add);
    // Where not one fits, the plan says that no node is large enough.
    (room > 0 && room < tasks).then_some(Shortage { room, tasks, nodes: nodes.len() })
}

/// Returns how many such tasks an empty node takes.
fn fits(node: &Node, reserved: Resources) -> u64 {
    let times =
        |has: i64, each: i64| if each > 0 { (has / each).max(0).unsigned_abs() } else { u64::MAX };
    times(node.capacity.nano_cpus, reserved.nano_cpus)
        .min(times(node.capacity.memory, reserved.memory))
}

fn sum(all: Resources, one: Resources, times: u64) -> Resources {
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    let add = |all: i64, one: i64| all.saturating_add(one.saturating_mul(times));
    Resources { nano_cpus: add(all.nano_cpus, one.nano_cpus), memory: add(all.memory, one.memory) }
}

fn words(reserved: Resources) -> String {
    let Resources { nano_cpus, memory } = reserved;
    match (nano_cpus > 0, memory > 0) {
        (true, true) => format!("{} cpus and {}", size::cpus(nano_cpus), size::memory(memory)),
        (true, false) => format!("{} cpus", size::cpus(nano_cpus)),
        _ => size::memory(memory),
    }
}
