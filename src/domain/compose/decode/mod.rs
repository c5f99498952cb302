//! Decoding of the validated tree into the model.
//!
//! The schema has reported all that has the wrong type; such nodes are passed
//! over here. What is reported here is what only reading the values shows.

pub mod field;
mod service;
mod deploy;
mod mounts;
mod objects;

use crate::domain::compose::{
    finding::Findings, model::Stack, ports::Room, schema::FileVersion, yaml::YamlNode,
};
use std::collections::BTreeMap;

/// Reads one file; `room` is what the files of the stack share.
pub fn stack(
    root: &YamlNode,
    version: FileVersion,
    room: &mut Room,
    findings: &mut Findings,
) -> Stack {
    Stack {
        version,
        services: section(root, "services", |key, node| {
            let prefix = format!("service {}: ", &*key.value);
            findings.within(&prefix, |findings| service::service(key, node, room, findings))
        }),
        networks: section(root, "networks", |key, node| {
            objects::network(key, node, version, findings)
        }),
        volumes: section(root, "volumes", |key, node| {
            objects::volume(key, node, version, findings)
        }),
        secrets: section(root, "secrets", |key, node| {
            objects::file_object("secret", key, node, version, findings)
        }),
        configs: section(root, "configs", |key, node| {
            objects::file_object("config", key, node, version, findings)
        }),
        extensions: field::extensions(root),
    }
}

fn section<T>(
    root: &YamlNode,
    name: &str,
    mut read: impl FnMut(&field::ComposeKey, &YamlNode) -> T,
) -> BTreeMap<String, T> {
    let entries = root.get(name).map(YamlNode::entries).unwrap_or_default();
    entries.iter().map(|it| (it.key.to_string(), read(&it.key, &it.value))).collect()
}
