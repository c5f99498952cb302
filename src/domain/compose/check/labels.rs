//! Checks of labels.

use crate::domain::compose::{
    check::subject::Subject,
    codes,
    finding::{Finding, Findings},
};

/// What labels begin with that are read off services, not containers.
const READERS: &[&str] = &["traefik.", "caddy", "com.df.", "swarm.cronjob.", "shepherd."];

/// Labels that every deployment writes.
const RESERVED: &[&str] = &["com.docker.stack.namespace", "com.docker.stack.image"];

/// Finds labels that a deployment overwrites.
pub fn reserved(subject: &Subject<'_>, findings: &mut Findings) {
    let service = subject.service;
    for key in RESERVED {
        let paths: [&[&str]; 2] = [&["deploy", "labels", key], &["labels", key]];
        let own = service.deploy.labels.get(*key).map(|it| (it, paths[0]));
        let container = service.labels.get(*key).filter(|_| *key == RESERVED[0]);
        let container = container.map(|it| (it, paths[1]));
        for (label, path) in own.into_iter().chain(container) {
            let message = format!("{key} is overwritten");
            let finding = Finding::new(&codes::RESERVED_LABEL, label.place, message);
            findings.push(subject.removed(finding, path));
        }
    }
}

/// Finds labels where nobody looks for them.
pub fn of_containers(subject: &Subject<'_>, findings: &mut Findings) {
    let mut labels = subject.service.labels.iter();
    let wanted = labels.find(|(key, _)| READERS.iter().any(|it| key.starts_with(it)));
    if let Some((key, label)) = wanted {
        let message = format!("{key} is a label of the container, not of the service");
        let finding = Finding::new(&codes::PROXY_LABELS, label.place, message);
        findings.push(finding.hint("move it to deploy.labels"));
    }
}

/// Looks for the port that Traefik needs to be told.
pub fn proxy_port(subject: &Subject<'_>, findings: &mut Findings) {
    let labels = &subject.service.deploy.labels;
    let off = labels.get("traefik.enable").is_some_and(|it| it.as_str() == "false");
    let router = |key: &str| {
        ["traefik.http.routers.", "traefik.tcp.routers.", "traefik.udp.routers."]
            .iter()
            .any(|it| key.starts_with(it))
    };
    let port = labels.keys().any(|it| it.ends_with(".loadbalancer.server.port"));
    let elsewhere = labels.values().any(|it| it.ends_with("@internal") || it.ends_with("@file"));
    let first = labels.iter().find(|it| router(it.0));
    if let Some((_, label)) = first.filter(|_| !off && !port && !elsewhere) {
        let message = "a router of Traefik, but no loadbalancer.server.port";
        findings.say(&codes::PROXY_PORT, label.place, message);
    }
}
