//! The live state that a plan compares with.

use crate::domain::{
    compose::Ids,
    swarm::{
        cluster::{Node, Service, Task},
        objects::{NetworkObject, PayloadObject},
        raw,
    },
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
    /// The version of the engine that was asked; read where it matters only.
    pub engine: Option<String>,
}

/// Returns networks by their names, as services call them: a network of this node alone,
/// as docker compose makes them, gives way to one of the swarm that has its name.
pub fn networks_by_name(all: Vec<Value>) -> BTreeMap<String, Value> {
    let mut named: BTreeMap<String, Value> = BTreeMap::new();
    for network in all {
        let Some(name) = NetworkObject(&network).name().map(str::to_owned) else { continue };
        let kept = match named.remove(&name) {
            None => network,
            Some(known) if NetworkObject(&network).is_of_swarm() => with_addresses(network, &known),
            Some(known) => with_addresses(known, &network),
        };
        named.insert(name, kept);
    }
    named
}

/// The swarm's own `bridge` has no addresses; those of the node's are taken all the same.
fn with_addresses(mut kept: Value, other: &Value) -> Value {
    if NetworkObject(&kept).is_predefined() {
        raw::set(&mut kept, &["IPAM"], NetworkObject(other).addresses().clone());
    }
    kept
}

impl Live {
    /// Returns the ids of networks by their names.
    pub fn network_ids(&self) -> BTreeMap<String, String> {
        let id = |(name, it): (&String, &Value)| {
            Some((name.clone(), NetworkObject(it).id()?.to_owned()))
        };
        self.networks.iter().filter_map(id).collect()
    }

    /// Returns the ids of secrets and configs by their names.
    pub fn ids(&self) -> Ids {
        let ids = |found: &BTreeMap<String, Value>| {
            let id = |it: &Value| PayloadObject(it).id().unwrap_or_default().to_owned();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::swarm::objects::PREDEFINED_LABEL;
    use serde_json::json;
    use std::slice::from_ref;

    #[test]
    fn the_bridge_of_the_node_keeps_its_addresses() {
        let labels = json!({ PREDEFINED_LABEL: "bridge" });
        let swarm = json!({ "Id": "s", "Name": "bridge", "Scope": "swarm", "Labels": labels });
        let ipam = json!({ "Config": [{ "Subnet": "172.17.0.0/16" }] });
        let local = json!({ "Id": "l", "Name": "bridge", "Scope": "local", "IPAM": ipam });
        for all in [[swarm.clone(), local.clone()], [local, swarm]] {
            let named = networks_by_name(all.to_vec());
            assert_eq!((&named["bridge"]["Id"], &named["bridge"]["IPAM"]), (&json!("s"), &ipam));
        }
    }

    #[test]
    fn a_network_of_the_swarm_comes_before_one_of_this_node_with_its_name() {
        let network =
            |id: &str, name: &str, scope: &str| json!({ "Id": id, "Name": name, "Scope": scope });
        let swarm = [network("s1", "host", "swarm"), network("s2", "web_default", "swarm")];
        let local = [network("l1", "host", "local"), network("l2", "web_default", "local")];
        let alone = network("l3", "none", "local");
        for all in [
            [&swarm[..], &local[..], from_ref(&alone)].concat(),
            [&local[..], from_ref(&alone), &swarm[..]].concat(),
        ] {
            let networks = Live { networks: networks_by_name(all), ..Live::default() };
            let ids: Vec<_> = networks.network_ids().into_iter().collect();
            let expected = [("host", "s1"), ("none", "l3"), ("web_default", "s2")];
            assert_eq!(ids, expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
        }
    }
}
