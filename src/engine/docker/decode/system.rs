//! `GET /info`.

use crate::{
    domain::swarm::cluster::{Membership, System},
    engine::docker::decode::Text,
};
use serde::Deserialize;

/// Decodes who answers; `api` is the version both sides speak.
pub fn system(body: &[u8], api: &str) -> serde_json::Result<System> {
    let wired: Wired<'_> = serde_json::from_slice(body)?;
    Ok(System {
        name: wired.name.owned(),
        version: wired.server_version.owned(),
        api: api.to_owned(),
        time: wired.system_time.as_str().parse().ok(),
        swarm: membership(wired.swarm.unwrap_or_default()),
    })
}

fn membership(swarm: Swarm<'_>) -> Membership {
    let node = swarm.node_id.as_str();
    match swarm.local_node_state.as_str() {
        "" | "inactive" => Membership::None,
        "locked" => Membership::Locked,
        "active" if swarm.control_available => Membership::Manager {
            node: node.into(),
            cluster: swarm.cluster.map(|it| it.id.owned()).unwrap_or_default(),
        },
        "active" => {
            let managers = swarm.remote_managers.unwrap_or_default();
            let managers = managers.into_iter().map(|it| it.addr.owned()).collect();
            Membership::Worker { node: node.into(), managers }
        }
        state => Membership::Pending { state: state.to_owned(), error: swarm.error.owned() },
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wired<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    server_version: Text<'a>,
    #[serde(borrow)]
    system_time: Text<'a>,
    #[serde(borrow)]
    swarm: Option<Swarm<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Swarm<'a> {
    #[serde(borrow, rename = "NodeID")]
    node_id: Text<'a>,
    #[serde(borrow)]
    local_node_state: Text<'a>,
    control_available: bool,
    #[serde(borrow)]
    error: Text<'a>,
    #[serde(borrow)]
    remote_managers: Option<Vec<Peer<'a>>>,
    #[serde(borrow)]
    cluster: Option<Cluster<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Peer<'a> {
    #[serde(borrow)]
    addr: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Cluster<'a> {
    #[serde(borrow, rename = "ID")]
    id: Text<'a>,
}
