//! `GET /nodes`.

use crate::{
    domain::{
        swarm::cluster::{Manager, Node, Plugin, Resources},
        text::escape,
    },
    engine::docker::decode::{Moment, Text, Version},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Decodes one node.
pub fn node(text: &str) -> serde_json::Result<Option<Node>> {
    let wired: Wired<'_> = serde_json::from_str(text)?;
    Ok(value(wired))
}

fn value(wired: Wired<'_>) -> Option<Node> {
    let id = wired.id.as_str();
    if id.is_empty() {
        return None;
    }
    let spec = wired.spec.unwrap_or_default();
    let status = wired.status.unwrap_or_default();
    let description = wired.description.unwrap_or_default();
    let platform = description.platform.unwrap_or_default();
    let manager = wired.manager_status.map(ManagerStatus::value);
    // It is a part of many lines, and ends none of them.
    let hostname = escape::shown(description.hostname.as_str());
    let engine = description.engine.unwrap_or_default();
    let offered = description.resources.unwrap_or_default();
    Some(Node {
        id: id.into(),
        hostname: if hostname.is_empty() { id } else { &hostname }.into(),
        version: wired.version.index,
        availability: spec.availability.as_str().into(),
        state: status.state.as_str().into(),
        message: status.message.owned(),
        address: address(status.addr.owned(), manager.as_ref()),
        manager,
        engine: engine.engine_version.owned(),
        platform: [platform.os.as_str(), platform.architecture.as_str()].join("/"),
        capacity: Resources { nano_cpus: offered.nano_cpus, memory: offered.memory },
        generic: offered.generic(),
        plugins: engine.plugins.unwrap_or_default().into_iter().map(Wire::plugin).collect(),
        labels: spec.labels.unwrap_or_default(),
        created: wired.created_at.or_epoch(),
        heard: wired.updated_at.or_epoch(),
    })
}

/// A manager that was initialised without an address reports none of its own.
fn address(reported: String, manager: Option<&Manager>) -> String {
    match manager {
        Some(manager) if reported.is_empty() || reported == "0.0.0.0" => {
            manager.address.rsplit_once(':').map_or("", |it| it.0).to_owned()
        }
        _ => reported,
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wired<'a> {
    #[serde(borrow, rename = "ID")]
    id: Text<'a>,
    version: Version,
    created_at: Moment,
    updated_at: Moment,
    #[serde(borrow)]
    spec: Option<Spec<'a>>,
    #[serde(borrow)]
    description: Option<Description<'a>>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
    #[serde(borrow)]
    manager_status: Option<ManagerStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Spec<'a> {
    labels: Option<BTreeMap<String, String>>,
    #[serde(borrow)]
    availability: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Description<'a> {
    #[serde(borrow)]
    hostname: Text<'a>,
    #[serde(borrow)]
    platform: Option<Platform<'a>>,
    #[serde(borrow)]
    resources: Option<Offered<'a>>,
    #[serde(borrow)]
    engine: Option<Engine<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Platform<'a> {
    #[serde(borrow)]
    architecture: Text<'a>,
    #[serde(borrow, rename = "OS")]
    os: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Engine<'a> {
    #[serde(borrow)]
    engine_version: Text<'a>,
    #[serde(borrow)]
    plugins: Option<Vec<Wire<'a>>>,
}

/// A plugin.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wire<'a> {
    #[serde(borrow)]
    r#type: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

impl Wire<'_> {
    fn plugin(self) -> Plugin {
        Plugin { kind: self.r#type.owned(), name: self.name.owned() }
    }
}

/// What a node offers to tasks.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Offered<'a> {
    #[serde(rename = "NanoCPUs")]
    nano_cpus: i64,
    #[serde(rename = "MemoryBytes")]
    memory: i64,
    #[serde(borrow, rename = "GenericResources")]
    generic: Option<Vec<Generic<'a>>>,
}

/// A number of things of a kind, or one of them by its name.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Generic<'a> {
    #[serde(borrow)]
    discrete_resource_spec: Option<Kind<'a>>,
    #[serde(borrow)]
    named_resource_spec: Option<Named<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    value: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Named<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
}

impl Offered<'_> {
    fn generic(&self) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::new();
        for it in self.generic.iter().flatten() {
            let discrete = it.discrete_resource_spec.as_ref().map(|it| (&it.kind, it.value));
            let named = it.named_resource_spec.as_ref().map(|it| (&it.kind, 1));
            for (kind, count) in discrete.into_iter().chain(named) {
                let sum: &mut i64 = counts.entry(kind.as_str().to_owned()).or_default();
                *sum = sum.saturating_add(count);
            }
        }
        counts
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Status<'a> {
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow)]
    addr: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ManagerStatus<'a> {
    leader: bool,
    #[serde(borrow)]
    reachability: Text<'a>,
    #[serde(borrow)]
    addr: Text<'a>,
}

impl ManagerStatus<'_> {
    fn value(self) -> Manager {
        Manager {
            leader: self.leader,
            reachability: self.reachability.as_str().into(),
            address: self.addr.owned(),
        }
    }
}
