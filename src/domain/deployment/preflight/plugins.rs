//! Preflight check of drivers and generic resources.

use crate::domain::{
    compose::{
        Finding,
        check::{foreign, lacks_driver, lacks_resource},
        codes,
        finding::Findings,
    },
    deployment::preflight::{ground::Ground, nodes::eligible},
    swarm::{
        cluster::Node,
        objects::{GenericResource, Mount, NetworkObject, ServiceSpec},
    },
};

/// Looks for the drivers of logs and volumes.
pub fn drivers(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let nodes = eligible(service, ground.live);
        let template = ServiceSpec(&service.spec).template();
        let logs = template.log_driver().map(|it| ("Log", it));
        let volumes = template.container().mounts().filter(|it| it.is_volume());
        let volumes = volumes.filter_map(Mount::driver).map(|it| ("Volume", it));
        for (kind, name) in logs.into_iter().chain(volumes) {
            if let Some(why) = lacks_driver(&nodes, kind, name) {
                let message = format!("service {}: {why}", service.key);
                findings.say(&codes::DRIVER_MISSING, service.place, message);
            }
        }
    }
}

/// Looks for the drivers of networks that will be made: a manager makes them.
pub fn networks(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    let nodes: Vec<&Node> = live.nodes.iter().collect();
    for network in desired.networks.iter().filter(|it| !live.networks.contains_key(&it.name)) {
        let driver = NetworkObject(&network.body).driver().unwrap_or_default();
        if let Some(why) = lacks_driver(&nodes, "Network", driver) {
            let message = format!("network {}: {why}", network.key);
            findings.say(&codes::NETWORK_PLUGIN, network.place, message);
        }
        let addresses = NetworkObject(&network.body).address_driver().unwrap_or_default();
        findings.extend(foreign(&network.key, addresses, network.place));
    }
}

/// Looks for resources of other kinds than cpus and memory.
pub fn resources(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let nodes = eligible(service, ground.live);
        let reserved = ServiceSpec(&service.spec).template().reserved_generic();
        for (kind, value) in reserved.filter_map(GenericResource::counted) {
            if let Some(why) = lacks_resource(&nodes, kind, value) {
                let message = format!("service {}: {why}", service.key);
                let finding = Finding::new(&codes::GENERIC_MISSING, service.place, message);
                findings.push(finding);
            }
        }
    }
}
