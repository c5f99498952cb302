//! Preflight check of subnets that are in use.

use crate::domain::{
    compose::{
        check::{Held, clash},
        finding::Findings,
    },
    deployment::preflight::ground::Ground,
    swarm::objects::NetworkObject,
};

/// Holds the subnets of networks that will be made against those that are there.
pub fn of_networks(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    for network in desired.networks.iter().filter(|it| !live.networks.contains_key(&it.name)) {
        for pool in &network.pools {
            let held = live.networks.iter().flat_map(|(name, it)| {
                let it = NetworkObject(it);
                let is_swarm = it.is_of_swarm() && !it.is_predefined();
                it.subnets().map(move |subnet| Held { name, is_swarm, subnet })
            });
            findings.extend(clash(&network.key, &pool.value, pool.place, held));
        }
    }
}
