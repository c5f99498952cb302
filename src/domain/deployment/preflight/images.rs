//! Preflight check of images: registries and platforms.

use crate::domain::{
    compose::{DesiredService, Finding, Severity, codes, finding::Findings},
    deployment::preflight::{
        ground::Ground,
        image::{Image, Said, Sent},
        nodes::eligible,
    },
    swarm::{cluster::Node, objects::ServiceSpec},
};
use std::{collections::BTreeSet, fmt};

/// Says what registries refused, or could not be asked.
pub fn answers(ground: &Ground<'_>, findings: &mut Findings) {
    for Image { name, services, place, said } in ground.images {
        let (code, message) = match said {
            Said::Digest => continue,
            Said::Missing => {
                let registry = "its registry does not have it";
                (&codes::IMAGE_MISSING, format!("image {name}: {registry}"))
            }
            Said::Denied { why, sent: Sent::Credentials } => {
                let refuses = "its registry refuses the credentials that are sent along";
                (&codes::IMAGE_DENIED, format!("image {name}: {refuses}: {why}"))
            }
            Said::Denied { why, sent: Sent::Empty } => {
                let wants = "its registry requires credentials, and docker has none for it here";
                (&codes::IMAGE_DENIED, format!("image {name}: {wants}: {why}"))
            }
            Said::Denied { why, sent: Sent::Nothing } => {
                let wants = "its registry requires credentials, and none were sent";
                let unpinned = "is not pinned to a digest";
                (&codes::IMAGE_PRIVATE, format!("image {name} {unpinned}: {wants}: {why}"))
            }
            Said::Nothing(why) => {
                let unpinned =
                    "could not be pinned to a digest, so nodes may run different versions";
                (&codes::IMAGE_UNPINNED, format!("image {name} {unpinned}: {why}"))
            }
        };
        let finding = Finding::new(code, *place, format!("{}: {message}", whose(services)));
        findings.push(match code.severity {
            Severity::Error => finding.hint("`--resolve-image never` deploys without asking"),
            _ => finding,
        });
    }
}

/// Holds the platforms of pinned images against those of nodes.
pub fn platforms(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let wanted = platforms_of(service);
        let runs = |node: &&Node| wanted.iter().any(|it| it.admits(node));
        if wanted.is_empty() || ground.live.nodes.is_empty() {
            continue;
        }
        let names = |nodes: &mut dyn Iterator<Item = String>| {
            nodes.collect::<BTreeSet<String>>().into_iter().collect::<Vec<_>>().join(", ")
        };
        let image = names(&mut wanted.iter().map(ToString::to_string));
        let able: Vec<&Node> = ground.live.nodes.iter().filter(runs).collect();
        if able.is_empty() {
            let nodes = names(&mut ground.live.nodes.iter().map(|it| it.platform.clone()));
            let message =
                format!("service {}: its image is for {image}, the nodes are {nodes}", service.key);
            findings.say(&codes::PLATFORM_NOWHERE, service.place, message);
            continue;
        }
        let usable = eligible(service, ground.live);
        // Where no node takes its tasks anyway, that is said already.
        if !usable.is_empty() && !usable.iter().any(runs) {
            let able = able.iter().map(|it| match it.takes_tasks() {
                true => it.hostname.to_string(),
                false => format!("{} ({}, {})", it.hostname, it.state, it.availability),
            });
            let able = able.collect::<Vec<_>>().join(", ");
            let message = format!(
                "service {}: its image is for {image}, but the nodes it may run on are {able}",
                service.key
            );
            findings.say(&codes::PLATFORM_ELSEWHERE, service.place, message);
        }
    }
}

fn whose(services: &[String]) -> String {
    match services {
        [one] => format!("service {one}"),
        many => format!("services {}", many.join(", ")),
    }
}

/// A platform in the words of images; empty is any.
struct Platform<'a> {
    os: &'a str,
    architecture: &'a str,
}

impl Platform<'_> {
    /// Compares as the scheduler does (swarmkit's platform filter).
    fn admits(&self, node: &Node) -> bool {
        let (os, architecture) = node.platform.split_once('/').unwrap_or_default();
        let same = |wanted: &str, has: &str| wanted.is_empty() || wanted == has;
        same(self.os, os) && same(plain(self.architecture), plain(architecture))
    }
}

impl fmt::Display for Platform<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

fn platforms_of(service: &DesiredService) -> Vec<Platform<'_>> {
    let platforms = ServiceSpec(&service.spec).template().platforms();
    platforms.map(|(os, architecture)| Platform { os, architecture }).collect()
}

/// Engines say `x86_64` where images say `amd64`.
fn plain(architecture: &str) -> &str {
    match architecture {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
