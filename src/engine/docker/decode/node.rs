//! `GET /nodes`.

use crate::{
    domain::cluster::{Manager, Node},
    engine::docker::decode::{Amounts, Moment, Text, Version},
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
    let mut resources = description.resources.unwrap_or_default();
    let platform = description.platform.unwrap_or_default();
    let manager = wired.manager_status.map(ManagerStatus::value);
    let hostname = description.hostname.as_str();
    Some(Node {
        id: id.into(),
        hostname: if hostname.is_empty() { id } else { hostname }.into(),
        version: wired.version.index,
        availability: spec.availability.owned(),
        state: status.state.owned(),
        message: status.message.owned(),
        address: address(status.addr.owned(), manager.as_ref()),
        manager,
        engine: description.engine.unwrap_or_default().engine_version.owned(),
        platform: [platform.os.as_str(), platform.architecture.as_str()].join("/"),
        generic: resources.kinds(),
        capacity: resources.into(),
        labels: spec.labels.unwrap_or_default(),
        created: wired.created_at.or_epoch(),
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
    resources: Option<Amounts>,
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
            reachability: self.reachability.owned(),
            address: self.addr.owned(),
        }
    }
}
