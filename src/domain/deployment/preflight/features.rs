//! Preflight check of engine versions.

use crate::domain::{
    compose::{Desired, DesiredService, codes, finding::Findings},
    deployment::preflight::{ground::Ground, nodes::eligible},
    swarm::{
        cluster::Node,
        features::{EngineVersion, FEATURES, Feature, is_any_used, version},
        objects::ServiceSpec,
    },
};

/// Returns whether it matters which version the engine has that is asked.
pub fn asks_for_a_version(desired: &Desired) -> bool {
    desired.services.iter().any(|it| is_any_used(&it.spec))
}

/// Names what managers would not keep, and what nodes would not run.
pub fn of_engines(ground: &Ground<'_>, findings: &mut Findings) {
    for service in &ground.desired.services {
        let container = ServiceSpec(&service.spec).template().container();
        for feature in FEATURES.iter().filter(|it| (it.used)(container)) {
            let why = not_kept(ground, feature).or_else(|| not_run(ground, service, feature));
            let Some(why) = why else { continue };
            let (major, minor) = feature.engine;
            let message = format!(
                "service {}: {} came with engine {major}.{minor}, {why}",
                service.key, feature.name
            );
            findings.say(&codes::ENGINE_OLD, service.place, message);
        }
    }
}

/// The manager that is asked decodes a spec, the leader stores it, and each of the others
/// may lead tomorrow.
fn not_kept(ground: &Ground<'_>, feature: &Feature) -> Option<String> {
    let managers = ground.live.nodes.iter().filter(|it| it.manager.is_some());
    let old: Vec<&Node> = managers.filter(|it| is_older(&it.engine, feature.engine)).collect();
    if !old.is_empty() {
        return Some(format!("and {} a manager: {}", of_nodes(&old), feature.kept));
    }
    let asked = ground.live.engine.as_deref()?;
    let is_old = is_older(asked, feature.engine);
    is_old.then(|| format!("and the engine that is asked is {asked}: {}", feature.kept))
}

fn not_run(ground: &Ground<'_>, service: &DesiredService, feature: &Feature) -> Option<String> {
    let run = feature.run?;
    let nodes = eligible(service, ground.live).into_iter();
    let old: Vec<&Node> = nodes.filter(|it| is_older(&it.engine, feature.engine)).collect();
    (!old.is_empty()).then(|| format!("and {} where it may run: {run}", of_nodes(&old)))
}

fn is_older(engine: &str, than: EngineVersion) -> bool {
    version(engine).is_some_and(|it| it < than)
}

/// As `node2 (engine 20.10.24) is`.
fn of_nodes(nodes: &[&Node]) -> String {
    let named = nodes.iter().map(|it| format!("{} (engine {})", it.hostname, it.engine));
    let named = named.collect::<Vec<_>>().join(", ");
    let verb = if nodes.len() == 1 { "is" } else { "are" };
    format!("{named} {verb}")
}
