//! Networks: drivers, addresses, and what the cluster has already.

use crate::domain::compose::{
    check::scene::{Scene, Subject},
    codes,
    finding::{Finding, Findings},
    model::Network,
    place::Place,
};
use std::{collections::BTreeMap, net::IpAddr};

/// Drivers whose networks are of one node only.
const LOCAL: &[&str] = &["bridge", "host", "null", "none", "macvlan", "ipvlan"];

/// How many addresses a network has where nothing is said (a /24).
const ADDRESSES: u64 = 256;

/// The address of the network, its gateway, and the last one.
const KEPT: u64 = 3;

/// Networks of the engine that are not for services.
const RESERVED: &[&str] = &["ingress", "none"];

/// Finds networks that the engine keeps for itself.
pub fn reserved(scene: &Scene<'_>, findings: &mut Findings) {
    let reserved = |it: &&Network| it.external && RESERVED.contains(&it.name.as_str());
    for network in scene.stack.networks.values().filter(reserved) {
        let message = format!("services cannot use the network {}", network.name.value);
        findings.say(&codes::NETWORK_RESERVED, network.place, message);
    }
}

/// Finds networks that services cannot use.
pub fn drivers(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in own(scene) {
        let driver = &network.driver;
        if !LOCAL.contains(&driver.as_str()) {
            continue;
        }
        let message = format!("network {key}: services cannot use the driver `{}`", driver.value);
        let finding = Finding::new(&codes::NETWORK_DRIVER, driver.place, message);
        let raw = scene.text(driver.place);
        findings.push(match raw == driver.as_str() {
            true => finding.fix(driver.place, "overlay"),
            false => finding,
        });
    }
}

/// Finds subnets that are none.
pub fn subnets(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in own(scene) {
        for pool in network.pools.iter().filter(|it| !it.is_empty() && size(it).is_none()) {
            let message = format!("network {key}: `{}` is no subnet", pool.value);
            findings.say(&codes::SUBNET, pool.place, message);
        }
    }
}

/// Counts the addresses that tasks and services take.
pub fn addresses(scene: &Scene<'_>, findings: &mut Findings) {
    let implied = Network::default();
    let mut needed: BTreeMap<&str, (u64, Place)> = BTreeMap::new();
    let nodes = scene.cluster.map_or(1, |it| it.nodes.len().max(1) as u64);
    for subject in scene.subjects() {
        let address =
            u64::from(!subject.service.deploy.endpoint_mode.eq_ignore_ascii_case("dnsrr"));
        let tasks = subject.replicas().unwrap_or(nodes).saturating_add(address);
        for (network, place) in attached(&subject) {
            let (sum, _) = needed.entry(network).or_insert((nodes, place));
            *sum = sum.saturating_add(tasks);
        }
    }
    for (key, (needed, used_at)) in needed {
        let declared = scene.stack.networks.get(key);
        let network = declared.unwrap_or(&implied);
        let pools: Option<Vec<u64>> = network.pools.iter().map(|it| size(it)).collect();
        let Some(pools) = pools.filter(|_| !network.external) else { continue };
        let all = if pools.is_empty() { ADDRESSES } else { pools.into_iter().max().unwrap_or(0) };
        let free = all.saturating_sub(KEPT);
        if needed > free {
            let place = declared.map_or(used_at, |it| it.place);
            let message =
                format!("network {key}: tasks and services take {needed} addresses of {free}");
            findings.say(&codes::SUBNET_FULL, place, message);
        }
    }
}

/// Compares networks with those that the cluster has under their names.
pub fn live(scene: &Scene<'_>, findings: &mut Findings) {
    let Some(facts) = scene.cluster else { return };
    for (key, network) in own(scene) {
        let name = scene.scoped(&network.name, key);
        let Some(found) = facts.networks.get(&name) else { continue };
        let driver = if network.driver.is_empty() { "overlay" } else { network.driver.as_str() };
        let differs = [
            ("driver", driver != found.driver),
            ("internal", network.internal != found.internal),
            ("attachable", network.attachable != found.attachable),
        ];
        let differs: Vec<&str> = differs.iter().filter(|it| it.1).map(|it| it.0).collect();
        if !differs.is_empty() {
            let what = differs.join(" and ");
            let message = format!("network {key}: {name} is there and keeps its {what}");
            findings.say(&codes::NETWORK_DIFFERS, network.place, message);
        }
    }
}

/// Returns the networks that a deployment makes, where a service uses them.
fn own<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a String, &'a Network)> {
    let stack = scene.stack;
    let used = move |key: &str| {
        let services = stack.services.values();
        services.into_iter().any(|it| match it.networks.is_empty() {
            true => key == "default",
            false => it.networks.contains_key(key),
        })
    };
    stack.networks.iter().filter(move |(key, it)| !it.external && used(key))
}

fn attached<'a>(subject: &Subject<'a>) -> Vec<(&'a str, Place)> {
    let networks = &subject.service.networks;
    if networks.is_empty() {
        return vec![("default", subject.service.place)];
    }
    networks.iter().map(|(key, it)| (key.as_str(), it.place)).collect()
}

/// Returns how many addresses a subnet has.
fn size(subnet: &str) -> Option<u64> {
    let (address, length) = subnet.split_once('/')?;
    let bits = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
    let digits = length.bytes().all(|it| it.is_ascii_digit());
    let length: u32 = length.parse().ok().filter(|it| digits && *it <= bits)?;
    Some(1_u64.checked_shl(bits - length).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_are_measured() {
        for (subnet, expected) in [
            ("10.0.0.0/24", Some(256)),
            ("10.0.0.0/32", Some(1)),
            ("10.0.0.0/0", Some(1 << 32)),
            ("fd00::/64", Some(u64::MAX)),
            ("fd00::/120", Some(256)),
            ("10.0.0.0", None),
            ("10.0.0/24", None),
            ("10.0.0.0/33", None),
            ("10.0.0.0/+8", None),
        ] {
            assert_eq!(size(subnet), expected, "{subnet}");
        }
    }
}
