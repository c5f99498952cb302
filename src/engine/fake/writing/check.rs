//! Validation of service specs, before the swarm is looked at.

use crate::{
    domain::swarm::{
        cluster::Resources,
        objects::{ContainerSpec, Mount, ServiceSpec, fields::RestartFields},
    },
    engine::fake::{swarm::constraint::Constraint, writing::refusal::Refusal},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the body of a create or an update.
pub fn service_spec(spec: &Value) -> Result<(), Refusal> {
    let spec = ServiceSpec(spec);
    dns_label(spec.name().unwrap_or_default())?;
    let template = spec.template();
    if !template.placement().is_object() {
        return Err(Refusal::invalid("a task template without Placement crashes managers"));
    }
    container(template.container())?;
    resources(template.limit())?;
    resources(template.reserved())?;
    for text in template.constraints() {
        Constraint::parse(text).map_err(Refusal::Failed)?;
    }
    let restart = RestartFields::from(template.restart_policy().0);
    for (key, nanos) in [("delay", restart.delay), ("window", restart.window)] {
        if nanos.0.as_i64().is_some_and(|it| it < 0) {
            return Err(Refusal::invalid(format!("TaskSpec: restart-{key} cannot be negative")));
        }
    }
    mode(spec)?;
    endpoint(spec)
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

fn container(spec: ContainerSpec<'_>) -> Result<(), Refusal> {
    if !spec.0.is_object() {
        return Err(Refusal::invalid("mismatched Runtime and *Spec fields"));
    }
    if spec.has_foreign_healthcheck() {
        return Err(Refusal::invalid(
            "ContainerSpec: `HealthCheck` is not how engines spell `Healthcheck`",
        ));
    }
    let image = spec.image().unwrap_or_default();
    if image.is_empty() {
        return Err(Refusal::invalid("ContainerSpec: image reference must be provided"));
    }
    if image.chars().any(|it| it.is_whitespace() || it.is_control()) || image.ends_with(':') {
        return Err(Refusal::invalid(format!(
            "ContainerSpec: \"{image}\" is not a valid repository/tag"
        )));
    }
    let mut targets = BTreeSet::new();
    for target in spec.mounts().map(Mount::target) {
        if !targets.insert(target) {
            return Err(Refusal::invalid(format!(
                "ContainerSpec: duplicate mount point: {target}"
            )));
        }
    }
    Ok(())
}

fn resources(Resources { nano_cpus: cpus, memory }: Resources) -> Result<(), Refusal> {
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

fn mode(spec: ServiceSpec<'_>) -> Result<(), Refusal> {
    if spec.mode_words().count() > 1 {
        return Err(Refusal::invalid("must specify only one service mode"));
    }
    if spec.is_job() && spec.update_config().is_there() {
        return Err(Refusal::invalid("Jobs may not have an update config"));
    }
    Ok(())
}

fn endpoint(spec: ServiceSpec<'_>) -> Result<(), Refusal> {
    if !spec.has_virtual_ip() && spec.ports().any(|it| !it.is_host()) {
        return Err(Refusal::invalid(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
        ));
    }
    let mut seen = BTreeSet::new();
    for port in spec.ports().filter(|it| it.published().is_some()) {
        if !seen.insert((port.published(), port.protocol(), port.publish_mode())) {
            return Err(Refusal::invalid("EndpointSpec: duplicate published ports provided"));
        }
    }
    Ok(())
}
