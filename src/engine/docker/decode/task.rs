//! `GET /tasks`.

use crate::{
    domain::swarm::cluster::{SpecDigest, Task, TaskState},
    engine::docker::decode::{Moment, Text},
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Decodes one task.
pub fn task(text: &str) -> serde_json::Result<Option<Task>> {
    let wired: Wired<'_> = serde_json::from_str(text)?;
    Ok(value(wired))
}

fn value(wired: Wired<'_>) -> Option<Task> {
    let id = wired.id.as_str();
    if id.is_empty() {
        return None;
    }
    let status = wired.status.unwrap_or_default();
    let state = TaskState::from_word(status.state.as_str());
    let container = status.container.filter(|it| !it.container_id.as_str().is_empty());
    let spec = wired.spec.unwrap_or_default().container_spec;
    let image = spec.map(|it| serde_json::from_str::<Container<'_>>(it.get()).unwrap_or_default());
    let created = wired.created_at.or_epoch();
    Some(Task {
        id: id.into(),
        service: known(&wired.service_id).map(Into::into),
        node: known(&wired.node_id).map(Into::into),
        slot: wired.slot,
        state,
        desired: TaskState::from_word(wired.desired_state.as_str()),
        message: status.message.owned(),
        error: status.err.owned(),
        // The engine says 0 of every container that still runs.
        exit_code: container.as_ref().filter(|_| state.is_over()).map(|it| it.exit_code),
        container: container.map(|it| it.container_id.owned()),
        image: image.unwrap_or_default().image.shared(),
        container_spec: spec.map(|it| SpecDigest::of(it.get())).unwrap_or_default(),
        created,
        since: status.timestamp.0.unwrap_or(created),
        updated: wired.updated_at.0.unwrap_or(created),
    })
}

fn known<'a>(id: &'a Text<'_>) -> Option<&'a str> {
    Some(id.as_str()).filter(|it| !it.is_empty())
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wired<'a> {
    #[serde(borrow, rename = "ID")]
    id: Text<'a>,
    created_at: Moment,
    updated_at: Moment,
    #[serde(borrow, rename = "ServiceID")]
    service_id: Text<'a>,
    #[serde(borrow, rename = "NodeID")]
    node_id: Text<'a>,
    slot: u64,
    #[serde(borrow)]
    spec: Option<Spec<'a>>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
    #[serde(borrow)]
    desired_state: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Spec<'a> {
    #[serde(borrow)]
    container_spec: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    image: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Status<'a> {
    timestamp: Moment,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow)]
    err: Text<'a>,
    #[serde(borrow, rename = "ContainerStatus")]
    container: Option<ContainerStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerStatus<'a> {
    #[serde(borrow, rename = "ContainerID")]
    container_id: Text<'a>,
    exit_code: i64,
}
