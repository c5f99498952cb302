//! Facts about the cluster that checks use.

use crate::domain::swarm::{
    cluster::{Node, Service},
    constraint::Constraint,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A cluster, as it was when somebody looked.
#[derive(Debug, Clone, Default)]
pub struct ClusterFacts {
    pub nodes: Arc<[Node]>,
    /// All services: who holds which port.
    pub services: Arc<[Service]>,
    /// By name.
    pub networks: BTreeMap<String, NetworkFact>,
    /// Names.
    pub secrets: BTreeSet<String>,
    /// Names.
    pub configs: BTreeSet<String>,
}

/// What a network is like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkFact {
    /// `swarm` or `local`.
    pub scope: String,
    /// Each node has one of its own by that name, as `bridge`.
    pub predefined: bool,
    pub driver: String,
    pub internal: bool,
    pub attachable: bool,
    /// As `10.0.1.0/24`.
    pub subnets: Vec<String>,
}

impl ClusterFacts {
    /// Returns the nodes that take tasks and meet constraints. What cannot be
    /// known counts as met.
    pub fn nodes_for(&self, constraints: &[Constraint]) -> Vec<&Node> {
        let open = |it: &&Node| it.takes_tasks();
        let meets = |it: &&Node| constraints.iter().all(|rule| rule.admits(it) != Some(false));
        self.nodes.iter().filter(open).filter(meets).collect()
    }
}
