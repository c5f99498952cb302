//! Drivers and resources that no node has on which tasks may land.

use crate::domain::{
    cluster::Node,
    compose::{
        Finding,
        check::{foreign, lacks_driver, lacks_resource},
        codes,
        finding::Findings,
    },
    preflight::{Ground, nodes::eligible},
};
use serde_json::Value;

/// Looks for the drivers of logs and volumes.
pub fn drivers(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let nodes = eligible(service, ground.live);
        let template = &service.spec["TaskTemplate"];
        let logs = template["LogDriver"]["Name"].as_str().map(|it| ("Log", it));
        let mounts = template["ContainerSpec"]["Mounts"].as_array().into_iter().flatten();
        let volumes = mounts.filter(|it| it["Type"] == "volume");
        let driver =
            |it: &'_ Value| it["VolumeOptions"]["DriverConfig"]["Name"].as_str().map(str::to_owned);
        let volumes: Vec<String> = volumes.filter_map(driver).collect();
        let volumes = volumes.iter().map(|it| ("Volume", it.as_str()));
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
        let driver = network.body["Driver"].as_str().unwrap_or_default();
        if let Some(why) = lacks_driver(&nodes, "Network", driver) {
            let message = format!("network {}: {why}", network.key);
            findings.say(&codes::NETWORK_PLUGIN, network.place, message);
        }
        let addresses = network.body["IPAM"]["Driver"].as_str().unwrap_or_default();
        findings.extend(foreign(&network.key, addresses, network.place));
    }
}

/// Looks for resources of other kinds than cpus and memory.
pub fn resources(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let nodes = eligible(service, ground.live);
        let reserved = &service.spec["TaskTemplate"]["Resources"]["Reservations"];
        for it in reserved["GenericResources"].as_array().into_iter().flatten() {
            let spec = &it["DiscreteResourceSpec"];
            let (kind, value) = (spec["Kind"].as_str(), spec["Value"].as_i64());
            let (Some(kind), Some(value)) = (kind, value) else { continue };
            if let Some(why) = lacks_resource(&nodes, kind, value) {
                let message = format!("service {}: {why}", service.key);
                let finding = Finding::new(&codes::GENERIC_MISSING, service.place, message);
                findings.push(finding);
            }
        }
    }
}
