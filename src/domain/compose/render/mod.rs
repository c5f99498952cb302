//! Rendering of the model as one stack file that is self-contained: independent of machine,
//! folder and variables.
//!
//! What was written is read again and converted again; where that asks the
//! engine for anything else, nothing is rendered at all.

mod service;
mod deploy;
mod objects;
mod fields;

use crate::domain::{
    compose::{
        codes::Severity,
        convert::{Desired, body::Body, convert},
        finding::Finding,
        load,
        model::Stack,
        source::{ComposeFile, Files, Surroundings},
        yaml,
    },
    swarm::names::StackName,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a stack cannot be one file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what the files ask for cannot be written as one file: {0}")]
pub struct Unwritable(String);

/// Writes a stack as the tree of one stack file of the newest version, for
/// [`yaml::write`] or as JSON.
///
/// Paths are absolute, variables replaced, and dollar signs doubled. Contents
/// of secrets and configs stay in their files. In networks that a policy shares between
/// stacks, docker gives services their short names too.
///
/// # Errors
///
/// Merging can make what no single file can say, such as a list that has an
/// item twice.
pub fn render(stack: &Stack, name: &StackName, files: &dyn Files) -> Result<Value, Unwritable> {
    let mut tree = tree(stack);
    double_dollars(&mut tree);
    // No file can say that a service has no short name in a network.
    let mut alone = stack.clone();
    alone.networks.values_mut().for_each(|it| it.shared = false);
    let (desired, findings) = convert(&alone, name, files);
    let meant = bodies(&desired.ok_or_else(|| unreadable(&findings))?);
    let written = bodies(&read_again(&tree, name, files)?);
    if meant == written {
        return Ok(tree);
    }
    let differs = meant.iter().zip(&written).find(|(meant, written)| meant != written);
    let what = differs.map_or("the stack", |it| it.0.0.as_str());
    Err(Unwritable(format!("{what} would not be the same")))
}

fn tree(stack: &Stack) -> Value {
    let mut root = Body::default();
    root.set("services", section(&stack.services, |_, it| service::service(it)));
    root.nest("networks", section(&stack.networks, objects::network));
    root.nest("volumes", section(&stack.volumes, objects::volume));
    root.nest("secrets", section(&stack.secrets, objects::file_object));
    root.nest("configs", section(&stack.configs, objects::file_object));
    root.into()
}

fn section<T>(objects: &BTreeMap<String, T>, render: impl Fn(&str, &T) -> Value) -> Body {
    let mut body = Body::default();
    for (key, object) in objects {
        body.set(key, render(key, object));
    }
    body
}

/// Doubles them in values; keys are not interpolated.
fn double_dollars(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(double_dollars),
        Value::Object(fields) => fields.values_mut().for_each(double_dollars),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn read_again(tree: &Value, name: &StackName, files: &dyn Files) -> Result<Desired, Unwritable> {
    let source = ComposeFile { name: "rendered".into(), bytes: yaml::write(tree).into_bytes() };
    let surroundings = Surroundings { environment: &BTreeMap::new(), working_dir: "/", files };
    let loaded = load(&[source], &surroundings);
    let stack = loaded.stack.ok_or_else(|| unreadable(&loaded.findings))?;
    let (desired, findings) = convert(&stack, name, files);
    desired.ok_or_else(|| unreadable(&findings))
}

fn unreadable(findings: &[Finding]) -> Unwritable {
    let mut errors = findings.iter().filter(|it| it.severity() == Severity::Error);
    Unwritable(errors.next().map(|it| it.message.clone()).unwrap_or_default())
}

/// Returns what the engine is asked for, each with a name for people.
fn bodies(desired: &Desired) -> Vec<(String, Value)> {
    let named = |kind: &str, name: &str, body: &Value| (format!("{kind} {name}"), body.clone());
    let networks = desired.networks.iter().map(|it| named("network", &it.name, &it.body));
    let externals = desired.externals.iter().map(|it| named("network", &it.name, &Value::Null));
    let secrets = desired.secrets.iter().map(|it| named("secret", &it.name, &it.body.0));
    let configs = desired.configs.iter().map(|it| named("config", &it.name, &it.body.0));
    let services = desired.services.iter().map(|it| named("service", &it.name, &it.spec));
    networks.chain(externals).chain(secrets).chain(configs).chain(services).collect()
}
