//! What of a cluster a plan looks at.

use crate::domain::{
    cluster::{Node, Service, Task},
    compose::Ids,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// The cluster as it was read for a plan, raw objects by name.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Services of the stack.
    pub services: BTreeMap<String, Value>,
    /// All networks.
    pub networks: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, Value>,
    pub configs: BTreeMap<String, Value>,
    /// All services of the cluster, in short: who holds which port.
    pub all: Arc<[Service]>,
    pub nodes: Arc<[Node]>,
    /// Tasks of the stack's services.
    pub tasks: Vec<Task>,
}

impl Live {
    /// Returns the ids of networks by their names.
    pub fn network_ids(&self) -> BTreeMap<String, String> {
        let id =
            |(name, it): (&String, &Value)| Some((name.clone(), it["Id"].as_str()?.to_owned()));
        self.networks.iter().filter_map(id).collect()
    }

    /// Returns the ids of secrets and configs by their names.
    pub fn ids(&self) -> Ids {
        let ids = |found: &BTreeMap<String, Value>| {
            let id = |it: &Value| it["ID"].as_str().unwrap_or_default().to_owned();
            found.iter().map(|(name, it)| (name.clone(), id(it))).collect()
        };
        Ids { secrets: ids(&self.secrets), configs: ids(&self.configs) }
    }

    /// Returns the tasks of a service that run or will.
    pub fn wanted_tasks(&self, id: &str) -> impl Iterator<Item = &Task> {
        let of = move |it: &&Task| it.service.as_ref().is_some_and(|it| it.as_str() == id);
        self.tasks.iter().filter(of).filter(|it| !it.desired.is_over() && !it.state.is_over())
    }
}
