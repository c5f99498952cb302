//! Validation of service specs, before the swarm is looked at.

use crate::engine::fake::{swarm::constraint::Constraint, writing::refusal::Refusal};
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the body of a create or an update.
pub fn service_spec(spec: &Value) -> Result<(), Refusal> {
    dns_label(spec["Name"].as_str().unwrap_or_default())?;
    let template = &spec["TaskTemplate"];
    if !template["Placement"].is_object() {
        return Err(Refusal::invalid("a task template without Placement crashes managers"));
    }
    container(&template["ContainerSpec"])?;
    for part in ["Limits", "Reservations"] {
        resources(&template["Resources"][part])?;
    }
    for text in texts(&template["Placement"]["Constraints"]) {
        Constraint::parse(text).map_err(Refusal::Failed)?;
    }
    for key in ["Delay", "Window"] {
        if template["RestartPolicy"][key].as_i64().is_some_and(|it| it < 0) {
            let key = key.to_ascii_lowercase();
            return Err(Refusal::invalid(format!("TaskSpec: restart-{key} cannot be negative")));
        }
    }
    mode(spec)?;
    endpoint(&spec["EndpointSpec"])
}

/// Checks the name of a service or a network.
pub fn dns_label(name: &str) -> Result<(), Refusal> {
    let inside = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let edge = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    if name.is_empty() {
        return Err(Refusal::invalid("name must be provided"));
    }
    if !name.chars().all(inside) || !edge(name.chars().next()) || !edge(name.chars().next_back()) {
        return Err(Refusal::invalid("name must be valid as a DNS name component"));
    }
    if name.len() > 63 {
        return Err(Refusal::invalid("name must be 63 characters or fewer"));
    }
    Ok(())
}

fn container(spec: &Value) -> Result<(), Refusal> {
    if !spec.is_object() {
        return Err(Refusal::invalid("mismatched Runtime and *Spec fields"));
    }
    if spec.get("HealthCheck").is_some() {
        return Err(Refusal::invalid(
            "ContainerSpec: `HealthCheck` is not how engines spell `Healthcheck`",
        ));
    }
    let image = spec["Image"].as_str().unwrap_or_default();
    if image.is_empty() {
        return Err(Refusal::invalid("ContainerSpec: image reference must be provided"));
    }
    if image.chars().any(|it| it.is_whitespace() || it.is_control()) || image.ends_with(':') {
        return Err(Refusal::invalid(format!(
            "ContainerSpec: \"{image}\" is not a valid repository/tag"
        )));
    }
    let mut targets = BTreeSet::new();
    for mount in spec["Mounts"].as_array().into_iter().flatten() {
        let target = mount["Target"].as_str().unwrap_or_default();
        if !targets.insert(target) {
            return Err(Refusal::invalid(format!(
                "ContainerSpec: duplicate mount point: {target}"
            )));
        }
    }
    Ok(())
}

fn resources(part: &Value) -> Result<(), Refusal> {
    let number = |key: &str| part[key].as_i64().unwrap_or(0);
    let (cpus, memory) = (number("NanoCPUs"), number("MemoryBytes"));
    if cpus != 0 && cpus < 1_000_000 {
        return Err(Refusal::invalid(format!(
            "invalid cpu value {cpus}e-09: Must be at least 0.001"
        )));
    }
    if memory != 0 && memory < 4 * 1024 * 1024 {
        return Err(Refusal::invalid(format!(
            "invalid memory value {memory}: Must be at least 4MiB"
        )));
    }
    Ok(())
}

fn mode(spec: &Value) -> Result<(), Refusal> {
    let Some(mode) = spec["Mode"].as_object() else { return Ok(()) };
    let known = ["Replicated", "Global", "ReplicatedJob", "GlobalJob"];
    let set: Vec<_> =
        known.iter().filter(|it| mode.get(**it).is_some_and(|it| !it.is_null())).collect();
    if set.len() > 1 {
        return Err(Refusal::invalid("must specify only one service mode"));
    }
    let job = set.first().is_some_and(|it| it.ends_with("Job"));
    if job && spec["UpdateConfig"].is_object() {
        return Err(Refusal::invalid("Jobs may not have an update config"));
    }
    Ok(())
}

fn endpoint(spec: &Value) -> Result<(), Refusal> {
    let ports = || spec["Ports"].as_array().into_iter().flatten();
    if spec["Mode"] == "dnsrr" && ports().any(|it| it["PublishMode"] != "host") {
        return Err(Refusal::invalid(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
        ));
    }
    let mut seen = BTreeSet::new();
    for port in ports() {
        let published = port["PublishedPort"].as_u64().unwrap_or(0);
        let protocol = port["Protocol"].as_str().unwrap_or("tcp");
        let mode = port["PublishMode"].as_str().unwrap_or("ingress");
        if published > 0 && !seen.insert((published, protocol, mode)) {
            return Err(Refusal::invalid("EndpointSpec: duplicate published ports provided"));
        }
    }
    Ok(())
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
