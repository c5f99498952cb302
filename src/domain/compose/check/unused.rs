//! Checks of objects that are declared but not used, or external but missing.

use crate::domain::compose::{
    check::scene::Scene,
    codes,
    finding::{Finding, Findings},
    place::Place,
};

/// Finds files that say nothing to run.
pub fn services(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.stack.services.is_empty() {
        let place = scene.key_place(&["services"]).unwrap_or_default();
        let finding = Finding::new(&codes::NO_SERVICES, place, "there is no service to deploy");
        findings.push(finding.hint("name one under `services:`"));
    }
}

/// Finds declarations that no service uses.
pub fn unused(scene: &Scene<'_>, findings: &mut Findings) {
    let stack = scene.stack;
    let networks = stack.networks.iter().map(|(key, it)| ("networks", key, it.place));
    let volumes = stack.volumes.iter().map(|(key, it)| ("volumes", key, it.place));
    let secrets = stack.secrets.iter().map(|(key, it)| ("secrets", key, it.place));
    let configs = stack.configs.iter().map(|(key, it)| ("configs", key, it.place));
    for (section, key, place) in networks.chain(volumes).chain(secrets).chain(configs) {
        if scene.uses(section, key) {
            continue;
        }
        let message = format!("no service uses {key} of {section}");
        let finding = Finding::new(&codes::UNUSED, place, message);
        findings.push(Finding { fix: scene.without(section, place), ..finding });
    }
}

/// Looks for external objects in the cluster.
pub fn external(scene: &Scene<'_>, findings: &mut Findings) {
    let (Some(facts), stack) = (scene.cluster, scene.stack) else { return };
    let mut missing = |section: &str, name: &str, place: Place, there: bool| {
        if !there {
            let message = format!("the cluster has no {} {name}", section.trim_end_matches('s'));
            findings.say(&codes::EXTERNAL_MISSING, place, message);
        }
    };
    let used = |section: &str, key: &str| scene.uses(section, key);
    for (_, it) in stack.networks.iter().filter(|it| it.1.external && used("networks", it.0)) {
        let name = it.name.as_str();
        let predefined = matches!(name, "default" | "bridge" | "host" | "none" | "ingress");
        let swarm = facts.networks.get(name).is_some_and(|it| it.scope == "swarm");
        missing("networks", name, it.place, predefined || name.starts_with("container:") || swarm);
    }
    for (_, it) in stack.secrets.iter().filter(|it| it.1.external && used("secrets", it.0)) {
        missing("secrets", &it.name, it.place, facts.secrets.contains(it.name.as_str()));
    }
    for (_, it) in stack.configs.iter().filter(|it| it.1.external && used("configs", it.0)) {
        missing("configs", &it.name, it.place, facts.configs.contains(it.name.as_str()));
    }
}
