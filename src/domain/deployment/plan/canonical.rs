//! Specs in the form in which the engine compares them, so that what was sent
//! and what is stored can be compared.
//!
//! The engine keeps specs as protobuf messages: scalars at zero, empty texts,
//! empty lists and empty maps are as good as absent, while the presence of a
//! message counts, empty or not (seen on engine 20.10.24). It also writes some
//! defaults out, and knows networks by id.

use crate::domain::{
    deployment::plan::Live,
    swarm::{
        features::drop_what_is_not_kept,
        objects::{Attachment, PortConfig, Reference},
        raw,
    },
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Members that are maps of texts; all other objects are messages.
const MAPS: &[&str] = &["Labels", "Sysctls", "Options", "DriverOpts", "Annotations"];
/// Scalars whose presence is kept, whatever their value.
const POINTERS: &[&str] = &["Init", "StopGracePeriod", "Replicas"];
/// What stands where nothing was said.
const DEFAULTS: &[(&str, &str)] = &[
    ("Runtime", "container"),
    ("Isolation", "default"),
    ("Protocol", "tcp"),
    ("PublishMode", "ingress"),
    ("FailureAction", "pause"),
    ("Order", "stop-first"),
];

/// Brings the spec of a service into that form; `networks` has the id of each
/// network by its name.
pub fn service(spec: &Value, networks: &BTreeMap<String, String>) -> Value {
    let mut spec = spec.clone();
    attach_by_id(&mut spec, networks);
    fill_mode(&mut spec);
    if let Some(Value::Object(policy)) = spec.pointer_mut("/TaskTemplate/RestartPolicy") {
        policy.entry("Condition").or_insert(json!("any"));
    }
    drop_what_is_never_kept(&mut spec);
    sort_references(&mut spec);
    tidy("", &spec).unwrap_or(Value::Null)
}

/// Returns the spec that is stored and the one that is wanted, to be compared.
pub fn pair(stored: &Value, wanted: &Value, live: &Live) -> [Value; 2] {
    let networks = live.network_ids();
    let mut wanted = wanted.clone();
    drop_what_is_not_kept(&mut wanted, stored, &live.nodes, live.engine.as_deref());
    [service(stored, &networks), service(&wanted, &networks)]
}

/// Brings labels, or the body of a network, into that form.
pub fn plain(value: &Value) -> Value {
    tidy("", value).unwrap_or(Value::Null)
}

fn attach_by_id(spec: &mut Value, networks: &BTreeMap<String, String>) {
    // Clients of API 1.28 and older attach networks beside the template.
    let older = spec.as_object_mut().and_then(|it| it.remove("Networks"));
    let Some(template) = spec.get_mut("TaskTemplate").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(older @ Value::Array(_)) = older {
        template.entry("Networks").or_insert(older);
    }
    for network in raw::items(spec, "/TaskTemplate/Networks") {
        if let Some(id) = Attachment(network).target().and_then(|it| networks.get(it)) {
            raw::set(network, &["Target"], json!(id));
        }
    }
}

fn fill_mode(spec: &mut Value) {
    if let Some(replicated) = spec.pointer_mut("/Mode/Replicated").and_then(Value::as_object_mut) {
        replicated.entry("Replicas").or_insert(json!(1));
    }
    if let Some(job) = spec.pointer_mut("/Mode/ReplicatedJob").and_then(Value::as_object_mut) {
        let at_once = job.entry("MaxConcurrent").or_insert(json!(1)).clone();
        job.entry("TotalCompletions").or_insert(at_once);
    }
    if let Some(endpoint) = spec.get_mut("EndpointSpec").and_then(Value::as_object_mut) {
        let unset =
            endpoint.get("Mode").is_none_or(|it| it.as_str().unwrap_or_default().is_empty());
        if unset {
            endpoint.insert("Mode".to_owned(), json!("vip"));
        }
    }
}

/// Every engine loses these on the way in.
fn drop_what_is_never_kept(spec: &mut Value) {
    let mounts = raw::items(spec, "/TaskTemplate/ContainerSpec/Mounts");
    for mount in mounts.iter_mut().filter_map(Value::as_object_mut) {
        mount.remove("Consistency");
        let empty = mount.get("BindOptions").and_then(|it| tidy("BindOptions", it));
        if empty.is_some_and(|it| it.as_object().is_some_and(Map::is_empty)) {
            mount.remove("BindOptions");
        }
    }
}

/// Neither docker nor the engine keeps an order of these.
fn sort_references(spec: &mut Value) {
    for list in ["Secrets", "Configs"] {
        let references = raw::items(spec, &format!("/TaskTemplate/ContainerSpec/{list}"));
        references.sort_by_cached_key(|it| {
            let reference = Reference(it);
            (reference.name().map(str::to_owned), reference.file().map(str::to_owned))
        });
    }
    raw::items(spec, "/EndpointSpec/Ports").sort_by_cached_key(|it| {
        let port = PortConfig(it);
        let (protocol, mode) = (port.protocol().to_owned(), port.publish_mode().to_owned());
        (port.published(), port.target(), protocol, mode)
    });
}

fn tidy(key: &str, value: &Value) -> Option<Value> {
    let pointer = POINTERS.contains(&key);
    match value {
        Value::Null => None,
        Value::Bool(false) if !pointer => None,
        Value::Number(number) if !pointer && number.as_f64() == Some(0.0) => None,
        Value::String(text) if text.is_empty() || DEFAULTS.contains(&(key, text)) => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            Some(items.iter().map(|it| tidy("", it).unwrap_or(Value::Null)).collect())
        }
        Value::Object(fields) if MAPS.contains(&key) => texts(fields),
        Value::Object(fields) => Some(Value::Object(message(key, fields))),
        other => Some(other.clone()),
    }
}

/// In a map of texts the empty one is a value.
fn texts(fields: &Map<String, Value>) -> Option<Value> {
    let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
    (!sorted.is_empty())
        .then(|| sorted.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn message(key: &str, fields: &Map<String, Value>) -> Map<String, Value> {
    // Durations of a restart policy are messages of their own: presence counts.
    let kept = |name: &str, value: &Value| match (key, name) {
        ("RestartPolicy", "Delay" | "Window") => Some(value.clone()).filter(|it| !it.is_null()),
        _ => tidy(name, value),
    };
    let sorted: BTreeMap<String, Value> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), kept(name, value)?)))
        .collect();
    sorted.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: Value, stored: Value, same: bool) {
        let networks = BTreeMap::from([("s_default".to_owned(), "n1".to_owned())]);
        let [sent, stored] = [sent, stored].map(|template| json!({ "Mode": { "Replicated": {} }, "TaskTemplate": template, "EndpointSpec": {} }));
        assert_eq!(
            service(&sent, &networks) == service(&stored, &networks),
            same,
            "{sent} {stored}"
        );
    }

    #[test]
    fn what_the_engine_writes_out_is_no_difference() {
        check(
            json!({ "ContainerSpec": {} }),
            json!({ "ContainerSpec": { "Isolation": "default" }, "Runtime": "container", "ForceUpdate": 0 }),
            true,
        );
        check(
            json!({ "RestartPolicy": {} }),
            json!({ "RestartPolicy": { "Condition": "any", "MaxAttempts": 0 } }),
            true,
        );
        check(
            json!({ "Networks": [{ "Target": "s_default" }] }),
            json!({ "Networks": [{ "Target": "n1" }] }),
            true,
        );
    }

    #[test]
    fn the_presence_of_messages_counts() {
        check(json!({ "Resources": {} }), json!({ "Resources": { "Limits": {} } }), false);
        check(
            json!({ "ContainerSpec": {} }),
            json!({ "ContainerSpec": { "Healthcheck": {} } }),
            false,
        );
        check(json!({ "ContainerSpec": {} }), json!({ "ContainerSpec": { "Init": false } }), false);
        check(
            json!({ "ContainerSpec": {} }),
            json!({ "ContainerSpec": { "StopGracePeriod": 0 } }),
            false,
        );
        check(json!({ "RestartPolicy": {} }), json!({ "RestartPolicy": { "Delay": 0 } }), false);
    }

    #[test]
    fn empty_values_are_as_good_as_absent() {
        check(
            json!({ "ContainerSpec": { "Hostname": "", "Env": [], "Sysctls": {}, "TTY": false } }),
            json!({ "ContainerSpec": {} }),
            true,
        );
    }

    #[test]
    fn secrets_and_ports_have_no_order() {
        let secret = |name: &str| json!({ "SecretName": name, "File": { "Name": name } });
        check(
            json!({ "ContainerSpec": { "Secrets": [secret("a"), secret("b")] } }),
            json!({ "ContainerSpec": { "Secrets": [secret("b"), secret("a")] } }),
            true,
        );
    }
}
