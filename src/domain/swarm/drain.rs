//! Drain preview: which tasks of a node move and where, which fit nowhere else, whose data
//! stays behind. As far as a manager can know.

use crate::domain::{
    swarm::{
        cluster::{Mode, Node, Service, Task, TaskState},
        names::{NodeId, ServiceId},
        objects::{Mount, ServiceObject, TaskTemplate},
    },
    text::count::plural,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What there is to judge by.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    pub nodes: &'a [Node],
    pub services: &'a [Service],
    /// The services, raw: their mounts and constraints.
    pub specs: &'a [Value],
    /// All tasks of the nodes to drain.
    pub tasks: &'a [Task],
    /// The nodes that are drained together: none of them takes tasks of another.
    pub together: &'a [NodeId],
}

/// Returns what becomes of what runs on a node, a line for each service.
pub fn outlook(node: &NodeId, grounds: &Grounds<'_>) -> Vec<String> {
    let mut here: BTreeMap<&ServiceId, u64> = BTreeMap::new();
    let runs = |it: &&Task| it.node.as_ref() == Some(node) && holds(it.state, it.desired);
    for task in grounds.tasks.iter().filter(runs) {
        if let Some(service) = &task.service {
            *here.entry(service).or_default() += 1;
        }
    }
    if here.is_empty() {
        return vec!["  no task runs there".to_owned()];
    }
    let mut moved: Vec<(&str, String)> = Vec::new();
    let mut stays: Vec<(&str, String)> = Vec::new();
    for (id, tasks) in here {
        let Some(service) = grounds.services.iter().find(|it| it.id == *id) else { continue };
        let specs = grounds.specs.iter().map(ServiceObject);
        let spec = specs.clone().find(|it| it.id() == Some(id.as_str()));
        let template = spec.map_or(TaskTemplate(&Value::Null), |it| it.spec().template());
        let (name, count) = (&*service.name, plural(tasks, "task"));
        if matches!(service.mode, Mode::Global | Mode::GlobalJob) {
            let line = format!(
                "  {name}: {count} of a global service stops until the node is active again"
            );
            stays.push((name, line));
            continue;
        }
        let hosts = hosts(template, grounds);
        // What waits for this node finds its data there again.
        let elsewhere = match hosts.is_empty() {
            true => "",
            false => "; its task starts with an empty volume elsewhere",
        };
        stays.extend(
            volumes(template).into_iter().map(|it| {
                (name, format!("  {name}: its data in volume {it} stays here{elsewhere}"))
            }),
        );
        moved.push((name, move_of(service, tasks, &hosts, grounds)));
    }
    moved.sort();
    stays.sort();
    moved.into_iter().chain(stays).map(|it| it.1).collect()
}

fn holds(state: TaskState, desired: TaskState) -> bool {
    !state.is_over() && !desired.is_over()
}

/// Returns the nodes that stay and take tasks.
fn open<'a>(grounds: &Grounds<'a>) -> impl Iterator<Item = &'a Node> {
    let together = grounds.together;
    grounds.nodes.iter().filter(move |it| it.takes_tasks() && !together.contains(&it.id))
}

/// Returns those of them that meet the constraints of a service, by name.
fn hosts<'a>(template: TaskTemplate<'_>, grounds: &Grounds<'a>) -> Vec<&'a str> {
    let rules = template.rules();
    let meets = |it: &&Node| rules.iter().all(|rule| rule.admits(it) != Some(false));
    let mut hosts: Vec<&str> = open(grounds).filter(meets).map(|it| &*it.hostname).collect();
    hosts.sort_unstable();
    hosts
}

fn move_of(service: &Service, tasks: u64, hosts: &[&str], grounds: &Grounds<'_>) -> String {
    let (name, count) = (&service.name, plural(tasks, "task"));
    match hosts {
        [] => {
            let why = match open(grounds).next() {
                None => "no other node takes tasks",
                Some(_) => "no other node meets its constraints",
            };
            let wait = if tasks == 1 { "waits" } else { "wait" };
            format!("  {name}: {why}; {count} {wait} until this node is active again")
        }
        hosts => {
            let away = if service.desired == 1 {
                ", and is down meanwhile (it has one replica)"
            } else {
                ""
            };
            format!("  {name}: {count} → {}{away}", hosts.join(" or "))
        }
    }
}

/// Returns the volumes of a service that only this node has, as far as its spec says.
fn volumes(template: TaskTemplate<'_>) -> Vec<String> {
    let is_local = |it: &Mount<'_>| {
        let kind = it.driver_option("type").unwrap_or_default();
        let far = ["nfs", "nfs4", "cifs", "smb3"].contains(&kind);
        it.is_volume() && matches!(it.driver(), None | Some("" | "local")) && !far
    };
    let name = |it: Mount<'_>| match it.source() {
        None | Some("") => format!("at {} (it has no name)", it.target()),
        Some(source) => source.to_owned(),
    };
    template.container().mounts().filter(is_local).map(name).collect()
}
