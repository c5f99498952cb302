//! Checks of networks: drivers, addresses, and networks of the cluster.

use crate::domain::compose::{
    check::{scene::Scene, subject::Subject},
    codes,
    finding::{Finding, Findings},
    model::Network,
    place::Place,
};

/// Drivers whose networks are of one node only.
const LOCAL: &[&str] = &["bridge", "host", "null", "none", "macvlan", "ipvlan"];

/// The option for the size of packets.
const MTU: &str = "com.docker.network.driver.mtu";

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

/// The option for the numbers of networks in packets.
const VXLAN_IDS: &str = "com.docker.network.driver.overlay.vxlanid_list";

/// What gives addresses in every engine.
const ADDRESS_DRIVERS: &[&str] = &["", "default", "null"];

/// Says that what gives a network its addresses is none of the engine's own.
pub fn foreign(key: &str, driver: &str, place: Place) -> Option<Finding> {
    let message = format!("network {key}: `{driver}` must be a plugin that assigns addresses");
    let finding = Finding::new(&codes::DRIVER_MISSING, place, message);
    let hint = "write `default`, or install it on all managers";
    (!ADDRESS_DRIVERS.contains(&driver)).then(|| finding.hint(hint))
}

/// Looks at options that drivers read as numbers, and at what gives addresses.
pub fn options(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, network) in own(scene) {
        let ids = network.driver_opts.as_ref().and_then(|it| it.get(VXLAN_IDS));
        if let Some(ids) = ids.filter(|it| it.split(',').any(|it| it.parse::<u32>().is_err())) {
            let message =
                format!("network {key}: {VXLAN_IDS} is `{}`, not a list of numbers", ids.value);
            findings.say(&codes::NETWORK_OPTION, ids.place, message);
        }
        findings.extend(foreign(key, &network.ipam_driver, network.ipam_driver.place));
        let Some(size) = network.driver_opts.as_ref().and_then(|it| it.get(MTU)) else { continue };
        if size.parse::<u32>().is_err() {
            let message = format!("network {key}: {MTU} is `{}`, not a number", size.value);
            findings.say(&codes::NETWORK_OPTION, size.place, message);
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
            let message = format!("network {key}: {name} exists already and keeps its {what}");
            findings.say(&codes::NETWORK_DIFFERS, network.place, message);
        }
    }
}

/// Returns the networks that a deployment makes, where a service uses them.
pub fn own<'a>(scene: &'a Scene<'a>) -> impl Iterator<Item = (&'a String, &'a Network)> {
    let networks = scene.stack.networks.iter();
    networks.filter(move |(key, it)| !it.external && scene.uses("networks", key))
}

/// Returns the networks that a service is in, and where that is said.
pub fn attached<'a>(subject: &Subject<'a>) -> Vec<(&'a str, Place)> {
    let networks = &subject.service.networks;
    if networks.is_empty() {
        return vec![("default", subject.service.place)];
    }
    networks.iter().map(|(key, it)| (key.as_str(), it.place)).collect()
}
