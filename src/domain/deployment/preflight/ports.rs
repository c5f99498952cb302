//! Preflight check of host-mode ports that are in use. Those of the ingress network are the plan's
//! to refuse.

use crate::domain::{
    compose::{Desired, DesiredService, codes, finding::Findings},
    deployment::{
        plan::Live,
        preflight::{
            ground::Ground,
            nodes::{eligible, holds, wanted},
        },
    },
    swarm::{
        cluster::{Node, Port, Service, Task},
        names::{NodeId, ServiceId},
        objects::{PortConfig, ServiceSpec},
    },
};

use std::{collections::BTreeSet, fmt};

/// Returns the services beside those desired that have ports of nodes which these want
/// too: where their tasks are decides.
pub fn rivals(desired: &Desired, live: &Live) -> Vec<ServiceId> {
    let all = desired.services.iter().flat_map(host_ports);
    let wanted: Vec<Wanted> = all.collect();
    let others = others(desired, live);
    others
        .filter(|it| wanted.iter().any(|port| port.is_held_by(it)))
        .map(|it| it.id.clone())
        .collect()
}

/// Looks for nodes that have the ports free.
pub fn of_nodes(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    for service in &desired.services {
        let nodes = eligible(service, live);
        let tasks = wanted(service, nodes.len());
        for port in host_ports(service) {
            let rivals: Vec<&Service> =
                others(desired, live).filter(|it| port.is_held_by(it)).collect();
            let busy = busy(&rivals, ground.rivals);
            let (taken, free): (Vec<&Node>, Vec<&Node>) =
                nodes.iter().partition(|it| busy.contains(&it.id));
            if taken.is_empty() || free.len() as u64 >= tasks {
                continue;
            }
            let names = |it: &[&Node]| {
                it.iter().map(|it| it.hostname.to_string()).collect::<Vec<_>>().join(", ")
            };
            let holders: Vec<&str> = rivals.iter().map(|it| &*it.name).collect();
            let held = format!(
                "service {}: {} has port {port} of {}",
                service.key,
                holders.join(", "),
                names(&taken)
            );
            let (code, message) = if free.is_empty() {
                (&codes::PORT_HELD, format!("{held}, and no other node can take its tasks"))
            } else {
                let free = free.len();
                (
                    &codes::HOST_PORT_NODES,
                    format!("{held}: {free} nodes are left for {tasks} tasks"),
                )
            };
            findings.say(code, service.place, message);
        }
    }
}

/// A port of the node that a service wants.
struct Wanted {
    number: u64,
    protocol: String,
}

impl Wanted {
    fn is_held_by(&self, service: &Service) -> bool {
        let same = |it: &Port| {
            it.host && u64::from(it.published) == self.number && it.protocol == self.protocol
        };
        service.ports.iter().any(same)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

fn host_ports(service: &DesiredService) -> Vec<Wanted> {
    let read = |it: PortConfig<'_>| {
        let (number, protocol) = (it.published()?, it.protocol().to_owned());
        it.is_host().then_some(Wanted { number, protocol })
    };
    ServiceSpec(&service.spec).ports().filter_map(read).collect()
}

/// Returns the services of the cluster that the deployment does not concern.
fn others<'a>(desired: &'a Desired, live: &'a Live) -> impl Iterator<Item = &'a Service> {
    let names: BTreeSet<&str> = desired.services.iter().map(|it| it.name.as_str()).collect();
    live.all.iter().filter(move |it| !names.contains(&*it.name))
}

/// Returns the nodes on which tasks of these services are.
fn busy(rivals: &[&Service], tasks: &[Task]) -> BTreeSet<NodeId> {
    let of = |it: &&Task| rivals.iter().any(|rival| Some(&rival.id) == it.service.as_ref());
    let holding = tasks.iter().filter(of).filter(|it| holds(it.state, it.desired));
    holding.filter_map(|it| it.node.clone()).collect()
}
