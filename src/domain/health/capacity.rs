//! Capacity: reservations compared with the resources of nodes.

use crate::domain::{
    health::{
        sight::Sight,
        trouble::{Severity, Trouble},
    },
    swarm::{
        cluster::{Mode, Node, Object, Resources, Service, TaskState},
        names::{NodeId, ServiceId},
    },
    text::size,
};
use std::{collections::BTreeMap, sync::Arc};

/// Reservations of the cluster. Only what services reserve counts: the scheduler
/// knows of nothing else, neither real use nor plain containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// All services together, against the nodes that take tasks.
    pub cluster: Load,
    /// Every node that takes tasks, by the tasks known.
    pub nodes: Vec<NodeLoad>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub reserved: Resources,
    pub available: Resources,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeLoad {
    pub id: NodeId,
    pub hostname: Arc<str>,
    /// Tasks on it that run or will.
    pub tasks: usize,
    pub load: Load,
}

/// From here on there is little room.
const TIGHT_PERCENT: u64 = 90;

impl Capacity {
    pub fn of(sight: &Sight<'_>) -> Self {
        let reserved: BTreeMap<&ServiceId, Resources> =
            sight.services.iter().map(|it| (&it.id, it.reserved)).collect();
        let open: Vec<&Node> = sight.nodes.iter().filter(|it| it.takes_tasks()).collect();
        let node_load = |node: &&Node| {
            let mut load = Load { reserved: Resources::default(), available: node.capacity };
            let on_it = sight.tasks.iter().filter(|it| it.node.as_ref() == Some(&node.id));
            let mut tasks = 0;
            for task in on_it.filter(|it| it.desired <= TaskState::Running && !it.state.is_over()) {
                tasks += 1;
                let one = task.service.as_ref().and_then(|it| reserved.get(it)).copied();
                load.reserved = sum(load.reserved, one.unwrap_or_default(), 1);
            }
            NodeLoad { id: node.id.clone(), hostname: Arc::clone(&node.hostname), tasks, load }
        };
        let nodes = open.iter().map(node_load).collect();
        Self { cluster: Load::of_cluster(sight.services, sight.nodes), nodes }
    }

    /// Returns what there is to say about room in the cluster.
    pub fn trouble(&self) -> Option<Trouble> {
        let kinds: [(&str, Amount, Writing); 2] =
            [("memory", |it| it.memory, size::memory), ("cpu", |it| it.nano_cpus, size::cpus)];
        let mut found: Vec<_> = kinds.into_iter().filter_map(|it| self.room(it)).collect();
        found.sort_by_key(|it| it.severity);
        found.into_iter().next()
    }

    fn room(&self, (kind, amount, write): (&str, Amount, Writing)) -> Option<Trouble> {
        let Load { reserved, available } = self.cluster;
        let (reserved, available) = (amount(&reserved), amount(&available));
        let percent = size::percent(reserved, available)?;
        let largest = self.nodes.iter().max_by_key(|it| amount(&it.load.available))?;
        let without = available - amount(&largest.load.available);
        let figures = format!("{} of {} reserved", write(reserved), write(available));
        let (severity, what) = if percent > 100 {
            (Severity::Warning, format!("more {kind} is reserved than there is"))
        } else if percent >= TIGHT_PERCENT {
            (Severity::Notice, format!("{kind} is reserved up to {percent}%"))
        } else if reserved > without && self.nodes.len() > 1 {
            (Severity::Notice, format!("no {kind} to spare for the loss of {}", largest.hostname))
        } else {
            return None;
        };
        let now = "lower reservations, or add a node";
        Some(Trouble::new(severity, Object::Swarm, what, &figures, now))
    }
}

type Amount = fn(&Resources) -> i64;
type Writing = fn(i64) -> String;

impl Load {
    /// Returns what all services reserve, against what the nodes that take tasks have.
    pub fn of_cluster(services: &[Service], nodes: &[Node]) -> Self {
        let nothing = Resources::default();
        let open = nodes.iter().filter(|it| it.takes_tasks());
        Self {
            reserved: services.iter().fold(nothing, |all, it| sum(all, it.reserved, wanted(it))),
            available: open.fold(nothing, |all, it| sum(all, it.capacity, 1)),
        }
    }

    /// Returns the share of memory that is reserved, in percent.
    pub fn memory_percent(&self) -> Option<u64> {
        size::percent(self.reserved.memory, self.available.memory)
    }

    /// Returns the share of processor time that is reserved, in percent.
    pub fn cpu_percent(&self) -> Option<u64> {
        size::percent(self.reserved.nano_cpus, self.available.nano_cpus)
    }
}

/// Tasks that a service holds room for; jobs that are done hold none.
fn wanted(service: &Service) -> u64 {
    match service.mode {
        Mode::ReplicatedJob { .. } | Mode::GlobalJob if service.converged() => 0,
        _ => service.desired,
    }
}

fn sum(all: Resources, one: Resources, times: u64) -> Resources {
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    let add = |all: i64, one: i64| all.saturating_add(one.saturating_mul(times));
    Resources { nano_cpus: add(all.nano_cpus, one.nano_cpus), memory: add(all.memory, one.memory) }
}
