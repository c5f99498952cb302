//! What specs use that an engine may be too old for.

use crate::domain::{
    compose::{Desired, codes, finding::Findings},
    preflight::Ground,
};
use serde_json::Value;

/// Something that came with a version of the API (moby's API history).
struct Feature {
    /// As files call it.
    name: &'static str,
    since: (u32, u32),
    engine: &'static str,
    /// What an older engine does about it.
    otherwise: &'static str,
    used: fn(&Value) -> bool,
}

const FEATURES: &[Feature] = &[
    Feature {
        name: "healthcheck.start_interval",
        since: (1, 44),
        engine: "25.0",
        otherwise: "it is dropped without a word",
        used: |it| it["Healthcheck"]["StartInterval"].is_number(),
    },
    Feature {
        name: "a volume of type cluster",
        since: (1, 42),
        engine: "23.0",
        otherwise: "the engine refuses it",
        used: |it| mounts(it).any(|it| it["Type"] == "cluster"),
    },
    Feature {
        name: "subpath of a volume",
        since: (1, 45),
        engine: "26.0",
        otherwise: "the whole volume is mounted",
        used: |it| mounts(it).any(|it| it["VolumeOptions"]["Subpath"].is_string()),
    },
];

/// Returns whether it matters which version of the API the engine speaks.
pub fn asks_for_a_version(desired: &Desired) -> bool {
    let container = |it: &'_ Value| FEATURES.iter().any(|feature| (feature.used)(it));
    desired.services.iter().any(|it| container(&it.spec["TaskTemplate"]["ContainerSpec"]))
}

/// Names what the engine does not know.
pub fn of_engine(ground: &Ground<'_>, findings: &mut Findings) {
    let Some((api, version)) = ground.api.and_then(|it| Some((it, version(it)?))) else { return };
    for service in &ground.desired.services {
        let container = &service.spec["TaskTemplate"]["ContainerSpec"];
        for it in FEATURES.iter().filter(|it| it.since > version && (it.used)(container)) {
            let Feature { name, since: (major, minor), engine, otherwise, .. } = it;
            let message = format!(
                "service {}: {name} came with API {major}.{minor} (engine {engine}), and this engine speaks {api}: {otherwise}",
                service.key
            );
            findings.say(&codes::ENGINE_OLD, service.place, message);
        }
    }
}

fn mounts(container: &Value) -> impl Iterator<Item = &Value> {
    container["Mounts"].as_array().into_iter().flatten()
}

fn version(api: &str) -> Option<(u32, u32)> {
    let (major, minor) = api.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
