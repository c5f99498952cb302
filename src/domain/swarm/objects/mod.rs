//! Objects of the engine as it tells them: raw JSON, and faces that read its fields.
//!
//! Specs travel as raw JSON, so that what this version does not know stays as it is. A
//! face is a thin type over a borrowed value. It reads and never writes, takes what is
//! missing or of another kind as not there. Who shows all of an object, odd or not, reads it
//! by its [`fields`]. Nobody else knows how the engine spells a field
//! (`tests/it/architecture.rs`). Bodies are made in
//! [`crate::domain::swarm::spec`] and [`mod@crate::domain::compose::convert`].

mod labels;
mod update;
mod container;
mod task_template;
mod service_spec;
mod service;
mod task;
mod node;
mod network;
mod secret_and_config;
mod any;
mod distribution;
pub mod fields;

pub use crate::domain::swarm::objects::{
    any::AnyObject,
    container::{ContainerSpec, Healthcheck, Mount, Reference},
    distribution::Distribution,
    labels::Labels,
    network::{NetworkObject, PREDEFINED_LABEL},
    node::{NodeObject, NodeSpec},
    secret_and_config::{PayloadObject, PayloadSpec},
    service::ServiceObject,
    service_spec::{PortConfig, ServiceSpec},
    task::TaskObject,
    task_template::{Attachment, GenericResource, RestartPolicy, TaskTemplate},
    update::UpdateConfig,
};

use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// Lists what is in a list; nothing where it is none.
fn items(list: &Value) -> impl Iterator<Item = &Value> + Clone {
    list.as_array().into_iter().flatten()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> + Clone {
    items(list).filter_map(Value::as_str)
}

/// Reads a text; an empty one is none.
fn filled(value: &Value) -> Option<&str> {
    value.as_str().filter(|it| !it.is_empty())
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|it| it.parse().ok())
}

/// Reads nanoseconds; nothing where the engine would take its default.
fn nanos(value: &Value) -> Option<Duration> {
    value.as_u64().filter(|it| *it > 0).map(Duration::from_nanos)
}

#[cfg(test)]
mod tests;
