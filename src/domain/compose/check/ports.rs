//! Checks of published ports.

use crate::domain::{
    compose::{
        check::{scene::Scene, subject::Subject},
        codes,
        finding::{Finding, Findings},
        model::Port,
        place::{At, Place},
        ports,
        yaml::go,
    },
    swarm::cluster,
    text::nearest::nearest,
};
use std::collections::{BTreeMap, BTreeSet};

const PROTOCOLS: &[&str] = &["tcp", "udp", "sctp"];
const MODES: &[&str] = &["ingress", "host"];

/// Finds addresses that Swarm does not heed.
pub fn addresses(subject: &Subject<'_>, findings: &mut Findings) {
    for item in subject.items("ports") {
        let Some(text) = go::print(&item.value) else { continue };
        let Some(ip) = ports::parse(&text).ok().and_then(|it| it.ignored_ip) else { continue };
        let message = format!("the address {ip} is ignored: the service will listen on 0.0.0.0");
        let finding = Finding::new(&codes::HOST_IP, item.place, message);
        let open = text.rsplitn(3, ':').take(2).collect::<Vec<_>>();
        findings.push(match open[..] {
            [target, ""] => subject.replaced(finding, item.place, target),
            [target, published] => {
                subject.replaced(finding, item.place, &format!("{published}:{target}"))
            }
            _ => finding,
        });
    }
}

/// Looks at words that docker hands on to the engine unseen.
pub fn words(subject: &Subject<'_>, findings: &mut Findings) {
    let known = [("protocol", PROTOCOLS, "tcp"), ("mode", MODES, "ingress")];
    for (key, words, instead) in known {
        for node in subject.items("ports").filter_map(|it| it.get(key)) {
            let Some(text) = node.text().filter(|it| !it.is_empty()) else { continue };
            let lower = text.to_lowercase();
            if words.contains(&lower.as_str()) {
                continue;
            }
            let message = format!("the {key} `{text}` is unknown and taken as {instead}");
            let finding = Finding::new(&codes::PORT_WORD, node.place, message)
                .hint(format!("use one of {}", words.join(", ")));
            findings.push(match nearest(&lower, words.iter().copied()) {
                Some(word) => subject.replaced(finding, node.place, word),
                None => finding,
            });
        }
    }
}

/// Finds ports that there are not.
pub fn numbers(subject: &Subject<'_>, findings: &mut Findings) {
    for port in all(subject) {
        if port.target == 0 {
            let message = "the port of the container is missing: set `target`";
            findings.say(&codes::PORT_NUMBER, port.place, message);
        }
        for (number, code) in
            [(port.target, &codes::PORT_NUMBER), (port.published, &codes::PORT_TOO_HIGH)]
        {
            if number > 65_535 {
                findings.say(code, port.place, format!("there is no port {number}"));
            }
        }
    }
}

/// Finds ports of the node that lose against others for the same port of the container:
/// the engine binds the last of them, in the order of their numbers.
pub fn lost(subject: &Subject<'_>, findings: &mut Findings) {
    let host = |it: &&At<Port>| it.mode == "host" && it.published > 0;
    let mut bound: BTreeMap<(u32, &str), &At<Port>> = BTreeMap::new();
    for port in all(subject).iter().filter(host) {
        let winner = bound.entry((port.target, protocol(port))).or_insert(port);
        if port.published > winner.published {
            *winner = port;
        }
    }
    for port in all(subject).iter().filter(host) {
        let Some(winner) = bound.get(&(port.target, protocol(port))) else { continue };
        if winner.published != port.published {
            let message = format!(
                "port {} of the node is not bound: port {} is already bound to port {} of the container",
                port.published, winner.published, port.target
            );
            let finding = Finding::new(&codes::HOST_PORT_LOST, port.place, message);
            findings.push(finding.also(winner.place, "the one that is bound"));
        }
    }
}

/// Finds ports of the ingress network where there is no virtual address.
pub fn dnsrr(subject: &Subject<'_>, findings: &mut Findings) {
    let mode = &subject.service.deploy.endpoint_mode;
    if !mode.eq_ignore_ascii_case("dnsrr") {
        return;
    }
    if let Some(port) = all(subject).iter().find(|it| it.mode != "host") {
        let message = "endpoint_mode dnsrr excludes ports in mode ingress";
        let finding = Finding::new(&codes::DNSRR_PORT, mode.place, message);
        let finding = finding.also(port.place, "published here");
        findings.push(subject.replaced(finding, mode.place, "vip"));
    }
}

/// Counts the nodes for ports of the host.
pub fn nodes(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(facts), Some(replicas)) = (subject.scene.cluster, subject.replicas()) else { return };
    let nodes = facts.nodes_for(&subject.constraints()).len() as u64;
    let port = all(subject).iter().find(|it| it.mode == "host" && it.published > 0);
    if let Some(port) = port.filter(|_| nodes > 0 && replicas > nodes) {
        let message =
            format!("{nodes} nodes have port {}, but there are {replicas} tasks", port.published);
        findings.say(&codes::HOST_PORT_NODES, port.place, message);
    }
}

/// A service by its key, and where it publishes.
type Owner<'a> = (&'a str, &'a At<Port>);

/// Finds ports that are published twice, in the stack or in the cluster.
pub fn clashes(scene: &Scene<'_>, findings: &mut Findings) {
    let mut taken: BTreeMap<(u32, &str), Vec<Owner<'_>>> = BTreeMap::new();
    let mut told: BTreeSet<(Place, Place)> = BTreeSet::new();
    for (key, service) in &scene.stack.services {
        for port in service.ports.iter().flatten().filter(|it| it.published > 0) {
            let owners = taken.entry((port.published, protocol(port))).or_default();
            let clash = owners.iter().find(|(owner, other)| {
                // Two services may have the port of a node each, on different nodes.
                *owner == key || port.mode != "host" || other.mode != "host"
            });
            if let Some((owner, first)) = clash.filter(|it| told.insert((it.1.place, port.place))) {
                let (number, protocol) = (port.published, protocol(port));
                let by =
                    if owner == key { "twice".to_owned() } else { format!("by {owner} already") };
                let message = format!("service {key}: port {number}/{protocol} is published {by}");
                let finding = Finding::new(&codes::PORT_CLASH, port.place, message);
                findings.push(finding.also(first.place, "published here first"));
            }
            owners.push((key, port));
            held(scene, key, port, findings);
        }
    }
}

fn held(scene: &Scene<'_>, key: &str, port: &At<Port>, findings: &mut Findings) {
    let others = scene.cluster.iter().flat_map(|it| it.services.iter());
    let others = others.filter(|it| it.stack.as_ref() != Some(scene.name));
    let own = port.mode == "host";
    let same = |it: &cluster::Port| {
        u32::from(it.published) == port.published
            && it.protocol == protocol(port)
            && !(own && it.host)
    };
    for other in others.filter(|it| it.ports.iter().any(same)) {
        let (number, protocol, name) = (port.published, protocol(port), &other.name);
        let message = format!("service {key}: port {number}/{protocol} belongs to {name}");
        findings.say(&codes::PORT_HELD, port.place, message);
    }
}

fn protocol(port: &Port) -> &'static str {
    let lower = port.protocol.to_lowercase();
    PROTOCOLS.iter().find(|it| **it == lower).copied().unwrap_or("tcp")
}

fn all<'a>(subject: &Subject<'a>) -> &'a [At<Port>] {
    subject.service.ports.as_deref().unwrap_or_default()
}
