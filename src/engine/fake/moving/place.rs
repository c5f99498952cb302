//! The scheduler: which node takes a task, and why none does.

use crate::{
    domain::swarm::{
        cluster::{Resources, TaskState},
        names::{NodeId, ServiceId, TaskId},
    },
    engine::fake::swarm::{Swarm, node::NodeRecord, task::TaskRecord, template::TaskTemplate},
};
use std::{cmp::Reverse, collections::BTreeMap, sync::Arc, time::Duration};

type Loads = BTreeMap<NodeId, Load>;

/// What the active tasks of a node take from it.
#[derive(Debug, Default)]
struct Load {
    used: Resources,
    tasks: usize,
    host_ports: Vec<(u64, String)>,
    /// By service: its tasks, and those of them that are wanted.
    services: BTreeMap<ServiceId, (usize, u64)>,
}

/// The filters in the order in which the engine asks them (swarmkit 20.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Filter {
    Ready,
    Resources,
    Constraints,
    HostPorts,
    MaxReplicas,
}

impl Swarm {
    /// Looks for a node for every pending task.
    pub fn schedule(&mut self) {
        self.will_schedule = false;
        let mut pending: Vec<_> = self
            .tasks
            .all()
            .filter(|it| it.state == TaskState::Pending && it.is_wanted())
            .map(|it| (it.created, it.id.clone()))
            .collect();
        pending.sort();
        let mut loads = self.loads();
        // Why no node took a task of a template; its other tasks fare the same,
        // for nodes only get fuller here.
        let mut hopeless: BTreeMap<*const TaskTemplate, String> = BTreeMap::new();
        for (_, id) in pending {
            let Some(task) = self.tasks.get(&id) else { continue };
            let template = Arc::as_ptr(&task.template);
            let anywhere = task.node.is_none();
            if let Some(why) = hopeless.get(&template).filter(|_| anywhere) {
                let why = why.clone();
                self.explain(&id, &why);
                continue;
            }
            match self.find_node(task, &loads) {
                Ok(node) => {
                    loads.entry(node.clone()).or_default().add(task);
                    self.assign(&id, node);
                }
                Err(why) => {
                    self.explain(&id, &why);
                    if anywhere {
                        hopeless.insert(template, why);
                    }
                }
            }
        }
    }

    fn explain(&mut self, id: &TaskId, why: &str) {
        if self.tasks.get(id).is_some_and(|it| it.error != why) {
            self.report(id, TaskState::Pending, "pending task scheduling", why);
        }
    }

    fn find_node(&self, task: &TaskRecord, loads: &Loads) -> Result<NodeId, String> {
        let idle = Load::default();
        let mut refusals: BTreeMap<Filter, usize> = BTreeMap::new();
        let mut best: Option<((usize, usize), NodeId)> = None;
        let may_be = |node: &&NodeRecord| task.node.as_ref().is_none_or(|it| *it == node.id);
        for node in self.nodes.values().filter(may_be) {
            let load = loads.get(&node.id).unwrap_or(&idle);
            if let Some(filter) = refusal(task, node, load) {
                *refusals.entry(filter).or_default() += 1;
                continue;
            }
            let rank = self.rank(task, node, load);
            if best.as_ref().is_none_or(|it| rank < it.0) {
                best = Some((rank, node.id.clone()));
            }
        }
        best.map(|it| it.1).ok_or_else(|| explanation(refusals))
    }

    /// Returns how loaded a node is: by this service's tasks first, then by all.
    fn rank(&self, task: &TaskRecord, node: &NodeRecord, load: &Load) -> (usize, usize) {
        let of_service = load.services.get(&task.service).map_or(0, |it| it.0);
        let recently = self.now - Duration::from_secs(300);
        let failures = self.tasks.of(&task.service).filter(|it| {
            it.node.as_ref() == Some(&node.id)
                && matches!(it.state, TaskState::Failed | TaskState::Rejected)
                && it.since > recently
        });
        // A node on which a service failed five times within five minutes is
        // avoided while others are free.
        let penalty = if failures.count() >= 5 { 1_000 } else { 0 };
        (of_service + penalty, load.tasks)
    }

    fn loads(&self) -> Loads {
        let mut loads = Loads::new();
        let placed = |it: &&TaskRecord| it.is_active() && it.state >= TaskState::Assigned;
        for task in self.tasks.all().filter(placed) {
            if let Some(node) = &task.node {
                loads.entry(node.clone()).or_default().add(task);
            }
        }
        loads
    }
}

impl Load {
    fn add(&mut self, task: &TaskRecord) {
        let template = &task.template;
        self.used.nano_cpus += template.reserved.nano_cpus;
        self.used.memory += template.reserved.memory;
        self.tasks += 1;
        self.host_ports.extend(template.host_ports.iter().cloned());
        let of_service = self.services.entry(task.service.clone()).or_default();
        of_service.0 += 1;
        of_service.1 += u64::from(task.is_wanted());
    }
}

/// Returns the first filter that keeps the task off the node.
fn refusal(task: &TaskRecord, node: &NodeRecord, load: &Load) -> Option<Filter> {
    let template = &task.template;
    if !node.takes_tasks() {
        return Some(Filter::Ready);
    }
    let (wanted, room) = (template.reserved, node.capacity);
    let short = |wanted: i64, used: i64, room: i64| wanted > 0 && used + wanted > room;
    if short(wanted.nano_cpus, load.used.nano_cpus, room.nano_cpus)
        || short(wanted.memory, load.used.memory, room.memory)
    {
        return Some(Filter::Resources);
    }
    if !template.constraints.iter().all(|it| it.admits(node)) {
        return Some(Filter::Constraints);
    }
    if template.host_ports.iter().any(|port| load.host_ports.contains(port)) {
        return Some(Filter::HostPorts);
    }
    let of_service = load.services.get(&task.service).map_or(0, |it| it.1);
    if template.max_per_node > 0 && of_service >= template.max_per_node {
        return Some(Filter::MaxReplicas);
    }
    None
}

/// Says why no node fits, in the engine's words: the filter that refused most
/// nodes comes first.
fn explanation(refusals: BTreeMap<Filter, usize>) -> String {
    let mut refusals: Vec<_> = refusals.into_iter().collect();
    refusals.sort_by_key(|it| Reverse(it.1));
    let said: Vec<_> = refusals.into_iter().map(|(filter, nodes)| words(filter, nodes)).collect();
    if said.is_empty() {
        return "no suitable node".to_owned();
    }
    format!("no suitable node ({})", said.join("; "))
}

fn words(filter: Filter, nodes: usize) -> String {
    let on = if nodes == 1 { "on 1 node".to_owned() } else { format!("on {nodes} nodes") };
    match filter {
        Filter::Ready if nodes == 1 => "1 node not available for new tasks".to_owned(),
        Filter::Ready => format!("{nodes} nodes not available for new tasks"),
        Filter::Resources => format!("insufficient resources {on}"),
        Filter::Constraints => format!("scheduling constraints not satisfied {on}"),
        Filter::HostPorts => format!("host-mode port already in use {on}"),
        Filter::MaxReplicas => "max replicas per node limit exceed".to_owned(),
    }
}
