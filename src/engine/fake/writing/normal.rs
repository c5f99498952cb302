//! Normalization of service specs, as an engine stores them: with some defaults written out, and
//! networks by id (as 20.10 was seen to do).

use crate::{
    domain::swarm::{
        objects::{Attachment, NetworkObject, PayloadObject, Reference, ServiceSpec},
        raw,
    },
    engine::fake::{swarm::Swarm, writing::refusal::Refusal},
};
use serde_json::{Map, Value, json};

impl Swarm {
    /// Returns the spec as it is stored, or what it refers to in vain.
    pub fn stored(&self, spec: &Value) -> Result<Value, Refusal> {
        let mut spec = spec.clone();
        self.name_networks_by_id(&mut spec)?;
        self.check_payloads(&spec)?;
        let Some(fields) = spec.as_object_mut() else {
            return Err(Refusal::invalid("a service spec is an object"));
        };
        default(fields, "Labels", json!({}));
        default(fields, "Mode", json!({ "Replicated": {} }));
        if let Some(mode) = fields.get_mut("Mode") {
            fill_mode(mode);
        }
        for key in ["UpdateConfig", "RollbackConfig"] {
            if let Some(config) = fields.get_mut(key).and_then(Value::as_object_mut) {
                default(config, "Parallelism", json!(0));
                default(config, "FailureAction", json!("pause"));
                default(config, "MaxFailureRatio", json!(0));
                default(config, "Order", json!("stop-first"));
            }
        }
        if let Some(endpoint) = fields.get_mut("EndpointSpec").and_then(Value::as_object_mut) {
            default(endpoint, "Mode", json!("vip"));
            fill_ports(endpoint);
        }
        if let Some(template) = fields.get_mut("TaskTemplate").and_then(Value::as_object_mut) {
            fill_template(template);
        }
        Ok(spec)
    }

    fn name_networks_by_id(&self, spec: &mut Value) -> Result<(), Refusal> {
        for network in raw::items(spec, "/TaskTemplate/Networks") {
            let target = Attachment(network).target().unwrap_or_default();
            let Some((id, found)) = self.networks.find(target) else {
                return Err(Refusal::NotFound(Some(format!("network {target}"))));
            };
            if target == "none" {
                return Err(Refusal::NotFound(Some("network none".to_owned())));
            }
            let found = NetworkObject(found);
            if found.is_ingress() {
                return Err(Refusal::invalid(format!(
                    "Service cannot be explicitly attached to the ingress network \"{target}\""
                )));
            }
            if !found.is_of_swarm() {
                return Err(Refusal::invalid(format!(
                    "The network {target} cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver."
                )));
            }
            network["Target"] = json!(id);
        }
        Ok(())
    }

    fn check_payloads(&self, spec: &Value) -> Result<(), Refusal> {
        let container = ServiceSpec(spec).template().container();
        let (secrets, configs): (Vec<_>, Vec<_>) =
            (container.secrets().collect(), container.configs().collect());
        for (references, objects, word) in
            [(secrets, &self.secrets, "secret"), (configs, &self.configs, "config")]
        {
            if references.iter().any(|it| it.id().is_none() || it.name().is_none()) {
                return Err(Refusal::invalid(format!("malformed {word} reference")));
            }
            let is_known = |it: &Reference<'_>| {
                let found = objects.get(it.id().unwrap_or_default()).map(PayloadObject);
                found.is_some_and(|found| found.name() == it.name())
            };
            let unknown = references.iter().filter(|it| !is_known(it));
            let unknown: Vec<_> = unknown.filter_map(|it| it.name()).collect();
            if !unknown.is_empty() {
                let plural = if unknown.len() == 1 { "" } else { "s" };
                let unknown = unknown.join(", ");
                return Err(Refusal::invalid(format!("{word}{plural} not found: {unknown}")));
            }
            let mut targets: Vec<(&str, &str)> = Vec::new();
            for it in references {
                let (Some(name), Some(target)) = (it.name(), it.file()) else { continue };
                if let Some(other) = targets.iter().find(|it| it.0 == target) {
                    return Err(Refusal::invalid(format!(
                        "{word} references '{}' and '{name}' have a conflicting target: '{target}'",
                        other.1
                    )));
                }
                targets.push((target, name));
            }
        }
        Ok(())
    }
}

fn default(fields: &mut Map<String, Value>, key: &str, value: Value) {
    let missing = |it: &Value| it.is_null() || it == "";
    if fields.get(key).is_none_or(missing) {
        fields.insert(key.to_owned(), value);
    }
}

fn fill_mode(mode: &mut Value) {
    if let Some(replicated) = mode.get_mut("Replicated").and_then(Value::as_object_mut) {
        default(replicated, "Replicas", json!(1));
    } else if let Some(job) = mode.get_mut("ReplicatedJob").and_then(Value::as_object_mut) {
        default(job, "MaxConcurrent", json!(1));
        let at_once = job["MaxConcurrent"].clone();
        default(job, "TotalCompletions", at_once);
    } else if mode.get("Global").is_none() && mode.get("GlobalJob").is_none() {
        *mode = json!({ "Replicated": { "Replicas": 1 } });
    }
}

fn fill_ports(endpoint: &mut Map<String, Value>) {
    let Some(ports) = endpoint.get_mut("Ports").and_then(Value::as_array_mut) else { return };
    for port in ports.iter_mut().filter_map(Value::as_object_mut) {
        if !["tcp", "udp", "sctp"].iter().any(|it| port.get("Protocol").is_some_and(|p| p == it)) {
            port.insert("Protocol".to_owned(), json!("tcp"));
        }
        if port.get("PublishMode").is_none_or(|it| it != "host") {
            port.insert("PublishMode".to_owned(), json!("ingress"));
        }
        if port.get("PublishedPort").is_some_and(|it| it == 0) {
            port.remove("PublishedPort");
        }
    }
}

fn fill_template(template: &mut Map<String, Value>) {
    default(template, "ForceUpdate", json!(0));
    default(template, "Runtime", json!("container"));
    if let Some(policy) = template.get_mut("RestartPolicy").and_then(Value::as_object_mut) {
        default(policy, "Condition", json!("any"));
        default(policy, "MaxAttempts", json!(0));
    }
    let Some(container) = template.get_mut("ContainerSpec").and_then(Value::as_object_mut) else {
        return;
    };
    default(container, "Isolation", json!("default"));
    if let Some(privileges) = container.get_mut("Privileges").and_then(Value::as_object_mut) {
        for key in ["CredentialSpec", "SELinuxContext"] {
            default(privileges, key, Value::Null);
        }
    }
    for mount in container.get_mut("Mounts").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(mount) = mount.as_object_mut() else { continue };
        mount.remove("Consistency");
        if mount.get("BindOptions").and_then(Value::as_object).is_some_and(Map::is_empty) {
            mount.remove("BindOptions");
        }
    }
}
