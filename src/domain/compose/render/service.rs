//! Services.

use crate::domain::compose::{
    convert::body::{Body, list},
    model::{
        Attachment, ComposeService, CredentialSpec, FileReference, Healthcheck, Logging, Mount,
        Port, Text, Ulimit,
    },
    place::At,
    render::{
        deploy,
        fields::{duration, environment, labels, once, options, put_pairs},
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn service(service: &ComposeService) -> Value {
    let mut body = Body::default();
    body.put("image", service.image.as_str());
    container(service, &mut body);
    body.put("depends_on", once(&service.depends_on));
    body.put("ports", optional(service.ports.as_ref(), port));
    put_pairs(&mut body, "networks", networks(&service.networks));
    body.put("extra_hosts", service.extra_hosts.iter().map(extra_host).collect::<Vec<_>>());
    body.give("dns", service.dns.as_deref().map(list));
    body.give("dns_search", service.dns_search.as_deref().map(list));
    body.put("volumes", optional(service.volumes.as_ref(), mount));
    body.put("secrets", optional(service.secrets.as_ref(), file_reference));
    body.put("configs", optional(service.configs.as_ref(), file_reference));
    body.nest("credential_spec", credential_spec(&service.credential_spec));
    body.give("healthcheck", service.healthcheck.as_deref().map(healthcheck));
    body.give("logging", service.logging.as_deref().map(logging));
    if service.deploy.restart_policy.is_none() {
        body.put("restart", service.restart.as_str());
    }
    body.nest("deploy", deploy::deploy(&service.deploy));
    body.into()
}

/// Renders what a container is told.
fn container(service: &ComposeService, body: &mut Body) {
    body.put("entrypoint", list(&service.entrypoint));
    body.put("command", list(&service.command));
    body.put("hostname", service.hostname.as_str());
    body.put("user", service.user.as_str());
    body.put("working_dir", service.working_dir.as_str());
    put_pairs(body, "environment", environment(&service.environment));
    put_pairs(body, "labels", labels(&service.labels));
    body.give("init", service.init.map(|it| it.value));
    body.put("tty", service.tty);
    body.put("stdin_open", service.stdin_open);
    body.put("read_only", service.read_only);
    body.put("isolation", service.isolation.as_str());
    body.put("stop_signal", service.stop_signal.as_str());
    body.give("stop_grace_period", duration(service.stop_grace_period));
    body.put("cap_add", once(&service.cap_add));
    body.put("cap_drop", once(&service.cap_drop));
    put_pairs(body, "sysctls", labels(&service.sysctls));
    let ulimits = service.ulimits.iter().map(|(name, it)| (name.clone(), ulimit(**it)));
    put_pairs(body, "ulimits", ulimits.collect());
}

fn optional<T>(items: Option<&Vec<At<T>>>, render: impl Fn(&T) -> Value) -> Vec<Value> {
    items.into_iter().flatten().map(|it| render(it)).collect()
}

fn ulimit(limit: Ulimit) -> Value {
    if limit.soft == limit.hard {
        return json!(limit.soft);
    }
    json!({ "soft": limit.soft, "hard": limit.hard })
}

/// Returns the short form where it says all.
fn port(port: &Port) -> Value {
    let whole = (1..=65535).contains(&port.target) && port.published <= 65535;
    let known = matches!(port.protocol.as_str(), "tcp" | "udp" | "sctp");
    if whole && known && port.mode == "ingress" {
        let published =
            if port.published == 0 { String::new() } else { format!("{}:", port.published) };
        let protocol =
            if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
        return json!(format!("{published}{}{protocol}", port.target));
    }
    let mut body = Body::default();
    body.put("target", port.target);
    body.put("published", port.published);
    body.put("protocol", port.protocol.as_str());
    body.put("mode", port.mode.as_str());
    body.into()
}

/// Returns a list where names say all.
fn networks(networks: &BTreeMap<String, At<Option<Attachment>>>) -> Value {
    let rendered = networks.iter().map(|(name, it)| {
        let mut body = Body::default();
        if let Some(attachment) = &it.value {
            body.put("aliases", list(&attachment.aliases));
            body.nest(
                "driver_opts",
                Body::texts(&attachment.driver_opts.clone().unwrap_or_default()),
            );
        }
        (name.clone(), Value::from(body))
    });
    let rendered: Vec<(String, Value)> = rendered.collect();
    if rendered.is_empty() || rendered.iter().any(|it| it.1 != json!({})) {
        return rendered.into_iter().collect();
    }
    rendered.into_iter().map(|it| it.0).collect()
}

/// Docker separates at `=` before it does at `:`, which addresses may have.
fn extra_host(pair: &Text) -> Value {
    match pair.split_once(':') {
        Some((host, address)) if pair.contains('=') || address.contains(':') => {
            json!(format!("{host}={address}"))
        }
        _ => json!(pair.value),
    }
}

fn mount(mount: &Mount) -> Value {
    let mut body = Body::default();
    body.set("type", mount.kind.as_str());
    body.put("source", mount.source.as_str());
    body.put("target", mount.target.as_str());
    body.put("read_only", mount.read_only);
    body.put("consistency", mount.consistency.as_str());
    body.give(
        "bind",
        mount.bind.as_deref().map(|it| {
            let mut body = Body::default();
            body.put("propagation", it);
            body
        }),
    );
    body.give(
        "volume",
        mount.volume.as_ref().map(|it| {
            let mut body = Body::default();
            body.put("nocopy", it.nocopy);
            body.put("subpath", it.subpath.as_str());
            body
        }),
    );
    body.give(
        "tmpfs",
        mount.tmpfs.map(|it| {
            let mut body = Body::default();
            body.put("size", it);
            body
        }),
    );
    body.into()
}

/// Returns the short form where it says all.
fn file_reference(reference: &FileReference) -> Value {
    let only_source =
        FileReference { source: reference.source.clone(), ..FileReference::default() };
    if *reference == only_source {
        return json!(reference.source);
    }
    let mut body = Body::default();
    body.put("source", reference.source.as_str());
    body.put("target", reference.target.as_str());
    body.put("uid", reference.uid.as_str());
    body.put("gid", reference.gid.as_str());
    body.give("mode", reference.mode);
    body.into()
}

fn credential_spec(spec: &CredentialSpec) -> Body {
    let mut body = Body::default();
    body.put("config", spec.config.as_str());
    body.put("file", spec.file.as_str());
    body.put("registry", spec.registry.as_str());
    body
}

fn healthcheck(check: &Healthcheck) -> Body {
    let mut body = Body::default();
    body.put("test", list(&check.test));
    body.give("interval", duration(check.interval));
    body.give("timeout", duration(check.timeout));
    body.give("start_period", duration(check.start_period));
    body.give("start_interval", duration(check.start_interval));
    body.give("retries", check.retries.map(|it| it.value));
    body.put("disable", check.disable);
    body
}

fn logging(logging: &Logging) -> Body {
    let mut body = Body::default();
    body.put("driver", logging.driver.as_str());
    put_pairs(&mut body, "options", options(logging.options.as_ref()).unwrap_or_else(|| json!({})));
    body
}
