//! Checks of plugins and generic resources: some node must have them.

use crate::domain::{
    compose::{
        check::{networks::own, scene::Scene, subject::Subject},
        codes,
        finding::{Finding, Findings},
        model::Text,
    },
    swarm::cluster::Node,
    text::nearest::nearest,
};

/// Looks for the drivers of logs, volumes and networks.
pub fn drivers(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(facts) = subject.scene.cluster else { return };
    let nodes = facts.nodes_for(&subject.constraints());
    let stack = subject.scene.stack;
    let none = |it: &str| it.is_empty() || it == "none";
    if let Some(logging) = subject.service.logging.as_deref().filter(|it| !none(&it.driver)) {
        missing(subject, &nodes, "Log", &logging.driver, findings);
    }
    let volumes = subject.mounts().iter().filter_map(|it| stack.volumes.get(&it.source));
    for volume in
        volumes.filter(|it| !it.external && !it.driver.is_empty() && *it.driver != "local")
    {
        missing(subject, &nodes, "Volume", &volume.driver, findings);
    }
}

/// Looks for the drivers of networks.
pub fn networks(scene: &Scene<'_>, findings: &mut Findings) {
    let Some(facts) = scene.cluster else { return };
    let nodes: Vec<&Node> = facts.nodes.iter().collect();
    for (key, network) in
        own(scene).filter(|it| !facts.networks.contains_key(&scene.scoped(&it.1.name, it.0)))
    {
        let driver = &network.driver;
        if let Some(why) = lacks_driver(&nodes, "Network", driver) {
            let message = format!("network {key}: {why}");
            let finding = Finding::new(&codes::NETWORK_PLUGIN, driver.place, message);
            let meant = nearest(driver, ["overlay"])
                .filter(|_| scene.text(driver.place) == driver.as_str());
            findings.push(match meant {
                Some(meant) => finding.fix(driver.place, meant),
                None => finding,
            });
        }
    }
}

fn missing(
    subject: &Subject<'_>,
    nodes: &[&Node],
    kind: &str,
    driver: &Text,
    findings: &mut Findings,
) {
    let Some(message) = lacks_driver(nodes, kind, driver) else { return };
    let known = nodes.iter().flat_map(|it| &it.plugins).filter(|it| it.kind == kind);
    let finding = Finding::new(&codes::DRIVER_MISSING, driver.place, message);
    findings.push(match nearest(driver, known.map(|it| it.name.as_str())) {
        Some(meant) => {
            subject.replaced(finding.hint(format!("did you mean `{meant}`?")), driver.place, meant)
        }
        None => finding.hint(format!("docker plugin install {} on the nodes", driver.value)),
    });
}

/// Says so where nodes tell their plugins and none has this one (swarmkit's filter:
/// nodes that tell none of a kind pass). `kind` is the engine's word.
pub fn lacks_driver(nodes: &[&Node], kind: &str, driver: &str) -> Option<String> {
    let plain = matches!((kind, driver), (_, "") | ("Log", "none") | ("Volume", "local"));
    let tagged = format!("{driver}:latest");
    let passes = |node: &&Node| {
        let mut told = node.plugins.iter().filter(|it| it.kind == kind).peekable();
        told.peek().is_none() || told.any(|it| it.name == driver || it.name == tagged)
    };
    let lacks = !plain && !nodes.is_empty() && !nodes.iter().any(passes);
    lacks.then(|| match kind {
        "Network" => format!("no node has the network driver {driver}"),
        _ => format!("no node it may run on has the {} driver {driver}", kind.to_lowercase()),
    })
}

/// Says so where no node offers as much of a resource.
pub fn lacks_resource(nodes: &[&Node], kind: &str, wanted: i64) -> Option<String> {
    // Even nothing of a resource is found only where it is offered (swarmkit).
    let most = nodes.iter().map(|it| it.generic.get(kind).copied().unwrap_or(-1)).max()?;
    (wanted > most).then(|| match most {
        ..1 => format!("no node it may run on offers the resource {kind}"),
        _ => format!("no node it may run on offers {wanted} of {kind}, the most is {most}"),
    })
}

/// Looks for nodes with the resources of other kinds that a task reserves.
pub fn resources(subject: &Subject<'_>, findings: &mut Findings) {
    let reserved = subject.service.deploy.reservations.as_deref();
    let (Some(facts), Some(reserved)) = (subject.scene.cluster, reserved) else { return };
    let nodes = facts.nodes_for(&subject.constraints());
    for wanted in &reserved.generic_resources {
        if let Some(message) = lacks_resource(&nodes, &wanted.kind, wanted.value.value) {
            let hint = "offer it in the engine's `node-generic-resources`, or reserve less";
            findings.push(Finding::new(&codes::GENERIC_MISSING, wanted.place, message).hint(hint));
        }
    }
}
