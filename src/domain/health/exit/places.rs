//! Placement failures: names what keeps a task from every node, which the scheduler only counts.

use crate::domain::{
    health::exit::around::Around,
    swarm::{
        cluster::{Node, Port, Service, Task, TaskState},
        constraint::Constraint,
        names::NodeId,
    },
};
use std::collections::BTreeSet;

/// Returns what is known of why no node takes a task: the constraints that none meets, and
/// who has its ports; as far as that explains what the scheduler said.
pub fn named(around: &Around<'_>, error: &str) -> Vec<String> {
    let mut found = Vec::new();
    if error.contains("constraints not satisfied") {
        found.extend(unmet(&around.constraints, around.nodes));
    }
    if PORT_WORDS.iter().any(|it| error.contains(it)) {
        found.extend(holders(around));
    }
    found
}

/// Words of schedulers and engines where a port is taken.
pub const PORT_WORDS: &[&str] =
    &["host-mode port already in use", "port is already allocated", "address already in use"];

fn unmet(constraints: &[&str], nodes: &[Node]) -> Option<String> {
    let rules: Vec<(&str, Constraint)> =
        constraints.iter().filter_map(|it| Some((*it, Constraint::parse(it).ok()?))).collect();
    let fails = |rule: &Constraint, node: &Node| rule.admits(node) == Some(false);
    let takes = |it: &&Node| it.takes_tasks();
    let open: Vec<&Node> = nodes.iter().filter(takes).collect();
    let of_none = |it: &&(&str, Constraint)| open.iter().all(|node| fails(&it.1, node));
    let none: Vec<&str> = rules.iter().filter(of_none).map(|it| it.0).collect();
    if open.is_empty() || rules.is_empty() {
        return None;
    }
    if none.is_empty() {
        let alone = |node: &&Node| !rules.iter().any(|it| fails(&it.1, node));
        let all: Vec<&str> = rules.iter().map(|it| it.0).collect();
        let nobody = rules.len() > 1 && !open.iter().any(alone);
        return nobody.then(|| format!("no node meets all of {}", all.join(", ")));
    }
    // Those that are down or drained may be what is missing.
    let away = |it: &&Node| !takes(it) && !rules.iter().any(|rule| fails(&rule.1, it));
    let mut hosts: Vec<&str> = nodes.iter().filter(away).map(|it| &*it.hostname).collect();
    hosts.sort_unstable();
    let met = |node: &Node| rules.iter().any(|it| none.contains(&it.0) && !fails(&it.1, node));
    let none = none.join(", ");
    Some(match hosts.as_slice() {
        [] if nodes.iter().any(met) => format!("no node that takes tasks meets {none}"),
        [] => format!("no node meets {none}"),
        [one] => format!("no node meets {none} but {one}, which takes no tasks now"),
        some => format!("no node meets {none} but {}, which take no tasks now", some.join(", ")),
    })
}

/// Who has the ports that the service wants of its nodes, and on which, where tasks tell.
fn holders(around: &Around<'_>) -> Vec<String> {
    let Some(service) = around.service else { return Vec::new() };
    let mut said = Vec::new();
    for port in service.ports.iter().filter(|it| it.host && it.published > 0) {
        let holds = |it: &&Service| {
            it.id != service.id && it.running > 0 && it.ports.iter().any(|it| same(it, port))
        };
        let mut others: Vec<&Service> = around.services.iter().filter(holds).collect();
        if others.is_empty() && service.running > 0 {
            others.push(service);
        }
        let mut names: Vec<String> = others.iter().map(|it| holder(around, it)).collect();
        names.sort();
        if !names.is_empty() {
            let (number, protocol) = (port.published, &port.protocol);
            said.push(format!("port {number}/{protocol} is used by {}", names.join(" and ")));
        }
    }
    said
}

fn same(one: &Port, other: &Port) -> bool {
    one.published == other.published && one.protocol == other.protocol
}

fn holder(around: &Around<'_>, service: &Service) -> String {
    let runs =
        |it: &&Task| it.service.as_ref() == Some(&service.id) && it.state == TaskState::Running;
    let on = around.tasks.iter().filter(runs).filter_map(|it| it.node.as_ref());
    let host = |id: &NodeId| around.nodes.iter().find(|it| it.id == *id).map(|it| &*it.hostname);
    let hosts: BTreeSet<&str> = on.filter_map(host).collect();
    match hosts.len() {
        0 => service.name.to_string(),
        _ => format!("{} on {}", service.name, hosts.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
