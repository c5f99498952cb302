//! The spec of a service.

use crate::domain::{
    compose::{
        codes,
        convert::{
            body::{Body, list},
            container,
            desired::DesiredService,
            networks, resources,
            scope::Scope,
        },
        finding::{Finding, Findings},
        model::{ComposeService, Deploy, Port, UpdateConfig},
        place::At,
    },
    swarm::{image::ImageRef, raw},
};
use serde_json::{Value, json};

/// The label that keeps the image as the file has it.
const IMAGE_LABEL: &str = "com.docker.stack.image";

pub fn service(
    scope: Scope<'_>,
    key: &str,
    service: &ComposeService,
    findings: &mut Findings,
) -> DesiredService {
    findings.within(&format!("service {key}: "), |findings| spec(scope, key, service, findings))
}

fn spec(
    scope: Scope<'_>,
    key: &str,
    service: &ComposeService,
    findings: &mut Findings,
) -> DesiredService {
    let deploy = &service.deploy;
    let mut labels = scope.labels(&deploy.labels);
    raw::set(&mut labels, &[IMAGE_LABEL], json!(service.image.value));

    let mut task = Body::default();
    task.set("ContainerSpec", container::container(scope, service, findings));
    task.set("Resources", resources::resources(deploy, findings));
    task.give("RestartPolicy", resources::restart_policy(service, findings));
    task.set("Placement", placement(deploy));
    task.put("Networks", networks::attachments(scope, key, service, findings));
    task.give("LogDriver", service.logging.as_deref().map(container::log_driver));
    task.set("ForceUpdate", 0);

    let mut spec = Body::default();
    spec.set("Name", scope.name("", key));
    spec.set("Labels", labels);
    spec.set("TaskTemplate", task);
    spec.set("Mode", mode(deploy, findings));
    spec.give("UpdateConfig", deploy.update_config.as_deref().map(update_config));
    spec.give("RollbackConfig", deploy.rollback_config.as_deref().map(update_config));
    spec.set("EndpointSpec", endpoint(deploy, service.ports.as_deref().unwrap_or_default()));
    DesiredService {
        key: key.to_owned(),
        name: scope.name("", key),
        image: service.image.value.clone(),
        depends_on: list(&service.depends_on),
        spec: spec.into(),
        place: service.place,
    }
}

/// Reports an image that docker would not take.
pub fn check_image(key: &str, service: &ComposeService, findings: &mut Findings) {
    let why = match ImageRef::check(&service.image) {
        _ if service.image.is_empty() => "no image specified".to_owned(),
        Ok(()) => return,
        Err(why) => why.to_string(),
    };
    let place = if service.image.is_empty() { service.place } else { service.image.place };
    let message = format!("invalid image reference for service {key}: {why}");
    let finding = Finding::new(&codes::IMAGE, place, message);
    let lower = service.image.to_lowercase();
    findings.push(match !lower.is_empty() && ImageRef::check(&lower).is_ok() {
        true => finding.instead(service.image.as_str(), lower),
        false => finding,
    });
}

fn mode(deploy: &Deploy, findings: &mut Findings) -> Value {
    let replicas = deploy.replicas.as_deref();
    let mut body = Body::default();
    match deploy.mode.as_str() {
        "" | "replicated" => {
            body.give("Replicas", replicas.copied());
            return json!({ "Replicated": Value::from(body) });
        }
        "replicated-job" => {
            body.give("MaxConcurrent", replicas.copied());
            body.give("TotalCompletions", replicas.copied());
            return json!({ "ReplicatedJob": Value::from(body) });
        }
        "global" | "global-job" => {}
        unknown => {
            let message = format!("unknown mode: {unknown}");
            let hint = "modes are replicated, global, replicated-job and global-job";
            findings.push(Finding::new(&codes::VALUE, deploy.mode.place, message).hint(hint));
        }
    }
    if let Some(replicas) = &deploy.replicas {
        let message = "replicas can only be used with replicated or replicated-job mode";
        findings.say(&codes::CONFLICT, replicas.place, message);
    }
    let name = if deploy.mode.as_str() == "global" { "Global" } else { "GlobalJob" };
    json!({ name: {} })
}

fn update_config(config: &UpdateConfig) -> Value {
    let mut body = Body::default();
    body.set("Parallelism", config.parallelism.map_or(1, |it| it.value));
    body.put("Delay", config.delay.value);
    body.put("FailureAction", config.failure_action.as_str());
    body.put("Monitor", config.monitor.value);
    body.set("MaxFailureRatio", decimal(config.max_failure_ratio.value));
    body.set("Order", config.order.as_str());
    body.into()
}

/// Widens a number so that its digits stay the same.
fn decimal(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, |it| {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
        if it.fract() == 0.0 && it.abs() < 1e15 { json!(it as i64) } else { json!(it) }
    })
}

fn placement(deploy: &Deploy) -> Value {
    let spread = |it: &String| json!({ "Spread": { "SpreadDescriptor": it } });
    let preferences: Vec<Value> = list(&deploy.preferences).iter().map(spread).collect();
    let mut body = Body::default();
    body.put("Constraints", list(&deploy.constraints));
    body.put("Preferences", preferences);
    body.put("MaxReplicas", deploy.max_replicas_per_node.value);
    body.into()
}

fn endpoint(deploy: &Deploy, ports: &[At<Port>]) -> Value {
    let mut ports: Vec<&Port> = ports.iter().map(|it| &it.value).collect();
    ports.sort_by_key(|it| it.published);
    let ports: Vec<Value> = ports.into_iter().map(port).collect();
    let mut body = Body::default();
    body.put("Mode", deploy.endpoint_mode.to_lowercase());
    body.put("Ports", ports);
    body.into()
}

fn port(port: &Port) -> Value {
    let mut body = Body::default();
    body.put("Protocol", port.protocol.as_str());
    body.put("TargetPort", port.target);
    body.put("PublishedPort", port.published);
    body.put("PublishMode", port.mode.as_str());
    body.into()
}
