//! Subnets that networks of the cluster have already.

use crate::domain::{
    compose::{
        check::{Held, clash},
        finding::Findings,
    },
    plan::PREDEFINED_LABEL,
    preflight::Ground,
};
use serde_json::Value;

/// Holds the subnets of networks that will be made against those that are there.
pub fn of_networks(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    for network in desired.networks.iter().filter(|it| !live.networks.contains_key(&it.name)) {
        for pool in &network.pools {
            let held = live.networks.iter().flat_map(|(name, it)| {
                let is_swarm = it["Scope"] == "swarm" && !is_predefined(it);
                subnets(it).map(move |subnet| Held { name, is_swarm, subnet })
            });
            findings.extend(clash(&network.key, &pool.value, pool.place, held));
        }
    }
}

/// Returns whether it stands for networks that each node has, as `bridge`.
pub fn is_predefined(network: &Value) -> bool {
    network["Labels"][PREDEFINED_LABEL].is_string()
}

/// Returns the subnets of a network as the engine lists it.
pub fn subnets(network: &Value) -> impl Iterator<Item = &str> {
    let pools = network["IPAM"]["Config"].as_array().into_iter().flatten();
    pools.filter_map(|it| it["Subnet"].as_str())
}
