//! Engine features: fields of specs that need an engine version, and what older engines do with
//! them (moby's API history; seen on engines 20.10.24, 26.1.5 and 28.5.2, alone and mixed).
//!
//! Two engines matter. Managers *keep* specs: the one that is asked decodes them, the
//! leader stores them, and each drops what it does not know, without a word. The engine
//! of its node *runs* a task: an older one ignores what the managers kept.

use crate::domain::swarm::{
    cluster::Node,
    objects::{ContainerSpec, Mount, ServiceSpec},
    raw,
};
use serde_json::Value;

/// The version of an engine: year or major, and minor.
pub type EngineVersion = (u32, u32);

/// Something that came with a version.
pub struct Feature {
    /// As files call it.
    pub name: &'static str,
    pub engine: EngineVersion,
    /// What managers do about it that are older.
    pub kept: &'static str,
    /// What the engine of a node does about it that is older; nothing where it never
    /// gets that far.
    pub run: Option<&'static str>,
    /// Looks at a container spec.
    pub used: fn(ContainerSpec<'_>) -> bool,
    /// Takes it out of a container spec, as older managers do.
    drop: fn(&mut Value),
}

pub const FEATURES: &[Feature] = &[
    Feature {
        name: "healthcheck.start_interval",
        engine: (25, 0),
        kept: "it is dropped silently",
        run: Some("checks come at the usual interval there, also while it starts"),
        used: |it| it.healthcheck().has_start_interval(),
        drop: |it| forget(it, "/Healthcheck", "StartInterval"),
    },
    Feature {
        name: "a capability BPF, PERFMON or CHECKPOINT_RESTORE",
        engine: (23, 0),
        kept: "a task that lands there is rejected",
        run: Some("its tasks are rejected there"),
        used: |it| {
            let new = ["CAP_BPF", "CAP_PERFMON", "CAP_CHECKPOINT_RESTORE"];
            it.capabilities().any(|it| new.contains(&it))
        },
        drop: |_| {},
    },
    Feature {
        name: "a volume of type cluster",
        engine: (23, 0),
        kept: "the engine refuses it",
        run: None,
        used: |it| it.mounts().any(|it| it.kind() == Some("cluster")),
        drop: |_| {},
    },
    Feature {
        name: "subpath of a volume",
        engine: (26, 0),
        kept: "it is dropped silently, and the whole volume is mounted",
        run: Some("the whole volume is mounted there"),
        used: |it| it.mounts().any(Mount::has_subpath),
        drop: |it| {
            let mounts = raw::items(it, "/Mounts").iter_mut();
            mounts.for_each(|it| forget(it, "/VolumeOptions", "Subpath"));
        },
    },
];

/// Returns whether it matters which engine keeps the spec of a service.
pub fn is_any_used(spec: &Value) -> bool {
    let container = ServiceSpec(spec).template().container();
    FEATURES.iter().any(|it| (it.used)(container))
}

/// Takes out of a spec what the cluster drops on the way in, where what it stored lacks it:
/// that is no difference. `asked` is the version of the manager that is asked.
pub fn drop_what_is_not_kept(
    wanted: &mut Value,
    stored: &Value,
    nodes: &[Node],
    asked: Option<&str>,
) {
    let Some(version) = keeps(nodes, asked) else { return };
    let container = ServiceSpec(stored).template().container();
    let lost = FEATURES.iter().filter(|it| it.engine > version && !(it.used)(container));
    let Some(wanted) = wanted.pointer_mut("/TaskTemplate/ContainerSpec") else { return };
    for feature in lost {
        if (feature.used)(ContainerSpec(wanted)) {
            (feature.drop)(wanted);
        }
    }
}

/// Returns the version by which specs are kept: the older one of the leader and the
/// manager that is asked. Where that one is not known, the oldest of all managers.
fn keeps(nodes: &[Node], asked: Option<&str>) -> Option<EngineVersion> {
    let managers = nodes.iter().filter(|it| it.manager.is_some());
    let leads = |it: &Node| it.manager.as_ref().is_some_and(|it| it.leader);
    let keepers: Vec<EngineVersion> = match asked {
        Some(asked) => {
            let leader = managers.filter(|it| leads(it)).filter_map(|it| version(&it.engine));
            leader.chain(version(asked)).collect()
        }
        None => managers.filter_map(|it| version(&it.engine)).collect(),
    };
    keepers.into_iter().min()
}

/// Reads a version as engines tell it: `20.10.24+dfsg1`.
pub fn version(text: &str) -> Option<EngineVersion> {
    let mut parts = text.split(['.', '+', '-', '~']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn forget(container: &mut Value, pointer: &str, key: &str) {
    if let Some(Value::Object(fields)) = container.pointer_mut(pointer) {
        fields.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::swarm::{
        cluster::{Manager, Resources},
        names::NodeId,
        states::{Availability, NodeState, Reachability},
    };
    use jiff::Timestamp;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn manager(engine: &str, leader: bool) -> Node {
        Node {
            id: NodeId::from(engine),
            hostname: engine.into(),
            version: 1,
            manager: Some(Manager {
                leader,
                reachability: Reachability::Reachable.into(),
                address: String::new(),
            }),
            availability: Availability::Active.into(),
            state: NodeState::Ready.into(),
            message: String::new(),
            address: String::new(),
            engine: engine.to_owned(),
            platform: String::new(),
            capacity: Resources { nano_cpus: 0, memory: 0 },
            generic: BTreeMap::new(),
            plugins: Vec::new(),
            labels: BTreeMap::new(),
            created: Timestamp::UNIX_EPOCH,
            heard: Timestamp::UNIX_EPOCH,
        }
    }

    fn spec(health: &Value, volume: &Value) -> Value {
        let mounts = json!([{ "Type": "volume", "Target": "/x", "VolumeOptions": volume }]);
        let container = json!({ "Healthcheck": health, "Mounts": mounts });
        json!({ "TaskTemplate": { "ContainerSpec": container } })
    }

    /// Compares what is wanted with what was stored, in a swarm of these managers, the first
    /// of them leading.
    fn check(asked: Option<&str>, managers: &[&str], stored: &Value, same: bool) {
        let nodes: Vec<Node> =
            managers.iter().enumerate().map(|(at, it)| manager(it, at == 0)).collect();
        let mut wanted =
            spec(&json!({ "Test": [], "StartInterval": 5 }), &json!({ "Subpath": "a" }));
        drop_what_is_not_kept(&mut wanted, stored, &nodes, asked);
        assert_eq!(wanted == *stored, same, "{asked:?} {managers:?} {wanted}");
    }

    #[test]
    fn what_an_old_manager_dropped_is_no_difference() {
        let lost = spec(&json!({ "Test": [] }), &json!({}));
        for (asked, managers, same) in [
            (Some("20.10.24+dfsg1"), &["20.10.24+dfsg1"][..], true),
            (Some("28.5.2+dfsg4"), &["28.5.2+dfsg4"], false),
            (Some("28.5.2"), &["20.10.24", "28.5.2"], true),
            (Some("20.10.24"), &["28.5.2", "20.10.24"], true),
            (Some("28.5.2"), &["28.5.2", "20.10.24"], false),
            (None, &["28.5.2", "20.10.24"], true),
            (None, &["28.5.2"], false),
            (None, &[], false),
        ] {
            check(asked, managers, &lost, same);
        }
    }

    #[test]
    fn what_is_stored_is_compared_also_where_engines_are_old() {
        let other = spec(&json!({ "Test": [], "StartInterval": 6 }), &json!({ "Subpath": "a" }));
        check(Some("20.10.24"), &["20.10.24"], &other, false);
        let one = spec(&json!({ "Test": [], "StartInterval": 5 }), &json!({}));
        check(Some("25.0.1"), &["25.0.1"], &one, true);
    }

    #[test]
    fn versions_are_read_as_engines_tell_them() {
        for (text, expected) in [
            ("20.10.24+dfsg1", Some((20, 10))),
            ("28.5.2", Some((28, 5))),
            ("29.0.0-rc.1", Some((29, 0))),
            ("dev", None),
            ("", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
    }
}
