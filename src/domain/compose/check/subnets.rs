//! Checks of subnets: valid, large enough, and without overlaps.

use crate::domain::{
    compose::{
        check::{
            networks::{attached, own},
            scene::Scene,
            subject::subjects,
        },
        codes,
        finding::{Finding, Findings},
        model::{Network, Text},
        place::Place,
    },
    swarm::subnet::Subnet,
};
use std::collections::BTreeMap;

/// How many addresses a network has where nothing is said (a /24).
const ADDRESSES: u64 = 256;

/// The address of the network, its gateway, and the last one.
const KEPT: u64 = 3;

/// Finds subnets that are none.
pub fn form(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in own(scene) {
        for pool in &network.pools {
            if Subnet::parse(pool).is_none() {
                let message = match pool.is_empty() {
                    true => format!("network {key}: an entry of `config` has no subnet"),
                    false => format!("network {key}: `{}` is not a subnet", pool.value),
                };
                let place = if pool.place.line == 0 { network.place } else { pool.place };
                findings.say(&codes::SUBNET, place, message);
            }
        }
    }
}

/// Finds networks whose first subnet is of IPv6: tasks get an address of that one.
pub fn families(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in own(scene) {
        let read = |it: &Text| Some((it.place, Subnet::parse(it)?));
        let pools: Vec<(Place, Subnet)> = network.pools.iter().filter_map(read).collect();
        let Some((place, _)) = pools.first().filter(|it| !it.1.is_v4()) else { continue };
        let alone = !pools.iter().any(|it| it.1.is_v4());
        let (what, hint) = match alone {
            true => (
                "an IPv6 subnet but no IPv4 subnet",
                "add an IPv4 subnet before it, for example 10.10.0.0/24",
            ),
            false => ("an IPv6 subnet before the IPv4 subnet", "put the IPv4 subnet first"),
        };
        let message = format!("network {key}: it has {what}");
        let finding = Finding::new(&codes::SUBNET_FAMILY, *place, message);
        findings.push(finding.hint(hint));
    }
}

/// A subnet that the files ask for.
struct Asked<'a> {
    network: &'a str,
    text: &'a Text,
    subnet: Subnet,
}

fn asked<'a>(scene: &'a Scene<'a>) -> Vec<Asked<'a>> {
    let mut all = Vec::new();
    for (network, it) in own(scene) {
        let read = |text| Some(Asked { network, text, subnet: Subnet::parse(text)? });
        all.extend(it.pools.iter().filter_map(read));
    }
    all
}

/// Finds subnets of the stack that share addresses.
pub fn overlaps(scene: &Scene<'_>, findings: &mut Findings) {
    let mut all = asked(scene);
    all.sort_by_key(|it| it.subnet.first());
    // Of those that begin before, the one that reaches furthest overlaps if any does.
    let mut furthest: Option<usize> = None;
    for index in 0..all.len() {
        let Some(before) = furthest.replace(index) else { continue };
        let (one, other) = (&all[before], &all[index]);
        if one.subnet.overlaps(other.subnet) {
            findings.push(overlap(one, other));
        }
        if one.subnet.reaches_beyond(other.subnet) {
            furthest = Some(before);
        }
    }
}

/// Says it at the one that stands further down.
fn overlap(one: &Asked<'_>, other: &Asked<'_>) -> Finding {
    let (first, second) =
        if one.text.place <= other.text.place { (one, other) } else { (other, one) };
    let whose = match first.network == second.network {
        true => "of the same network".to_owned(),
        false => format!("of network {}", first.network),
    };
    let message = format!(
        "network {}: {} overlaps {} {whose}",
        second.network, second.text.value, first.text.value
    );
    let finding = Finding::new(&codes::SUBNET_OVERLAP, second.text.place, message);
    finding.also(first.text.place, "the other subnet")
}

/// Finds subnets that networks of the cluster have.
pub fn taken(scene: &Scene<'_>, findings: &mut Findings) {
    let Some(facts) = scene.cluster else { return };
    for it in asked(scene) {
        let given = scene.stack.networks.get(it.network).map_or("", |it| it.name.as_str());
        let name = scene.scoped(given, it.network);
        let others = facts.networks.iter().flat_map(|(name, fact)| {
            let is_swarm = fact.scope == "swarm" && !fact.predefined;
            fact.subnets.iter().map(move |subnet| Held { name, is_swarm, subnet })
        });
        if facts.networks.contains_key(&name) {
            continue; // it is there, and stays as it is
        }
        findings.extend(clash(it.network, &it.text.value, it.text.place, others));
    }
}

/// A subnet that a network of the cluster has.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    pub name: &'a str,
    /// Whether the network is of the whole swarm, or of the node that was asked.
    pub is_swarm: bool,
    pub subnet: &'a str,
}

/// Says which network of the cluster has addresses of a subnet that a network asks for;
/// those of the swarm come first.
pub fn clash<'a>(
    network: &str,
    text: &str,
    place: Place,
    held: impl Iterator<Item = Held<'a>>,
) -> Option<Finding> {
    let wanted = Subnet::parse(text)?;
    let mut found: Vec<Held<'a>> =
        held.filter(|it| Subnet::parse(it.subnet).is_some_and(|it| it.overlaps(wanted))).collect();
    found.sort_by_key(|it| (!it.is_swarm, it.name));
    let Held { name, is_swarm, subnet } = *found.first()?;
    let code = if is_swarm { &codes::SUBNET_TAKEN } else { &codes::SUBNET_OF_NODE };
    let same = subnet == text;
    let message = match (is_swarm, same) {
        (true, true) => format!("network {network}: {text} belongs to the network {name}"),
        (true, false) => {
            format!("network {network}: {text} overlaps {subnet} of the network {name}")
        }
        (false, _) => {
            format!("network {network}: {text} overlaps {subnet} of {name} on the node asked")
        }
    };
    Some(Finding::new(code, place, message).hint("choose another subnet"))
}

/// Counts the addresses that tasks and services take.
pub fn addresses(scene: &Scene<'_>, findings: &mut Findings) {
    let implied = Network::default();
    let mut needed: BTreeMap<&str, Needed> = BTreeMap::new();
    let nodes = scene.cluster.map_or(1, |it| it.nodes.len().max(1) as u64);
    for subject in subjects(scene) {
        let address =
            u64::from(!subject.service.deploy.endpoint_mode.eq_ignore_ascii_case("dnsrr"));
        let tasks = subject.replicas().unwrap_or(nodes);
        for (network, place) in attached(&subject) {
            let sum = needed.entry(network).or_insert(Needed { all: nodes, least: 0, place });
            sum.all = sum.all.saturating_add(tasks).saturating_add(address);
            if tasks > 0 {
                sum.least = sum.least.max(2 + address); // the node, and one task
            }
        }
    }
    for (key, needed) in needed {
        let declared = scene.stack.networks.get(key);
        let network = declared.unwrap_or(&implied);
        let pools: Option<Vec<u64>> =
            network.pools.iter().map(|it| Subnet::parse(it).map(Subnet::size)).collect();
        let Some(pools) = pools.filter(|_| !network.external) else { continue };
        let all = if pools.is_empty() { ADDRESSES } else { pools.into_iter().max().unwrap_or(0) };
        let free = all.saturating_sub(KEPT);
        let place = declared.map_or(needed.place, |it| it.place);
        if needed.least > free {
            let place = network.pools.first().map_or(place, |it| it.place);
            let message = format!(
                "network {key}: it has {free} free addresses, but the first task needs {}",
                needed.least
            );
            findings.say(&codes::SUBNET_SMALL, place, message);
        } else if needed.all > free {
            let all = needed.all;
            let message = format!(
                "network {key}: tasks and services need {all} addresses, but it has {free}"
            );
            findings.say(&codes::SUBNET_FULL, place, message);
        }
    }
}

/// Addresses of a network.
struct Needed {
    all: u64,
    /// For one task of one service.
    least: u64,
    place: Place,
}
