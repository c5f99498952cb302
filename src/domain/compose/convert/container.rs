//! Conversion of container settings (`ContainerSpec`).

use crate::domain::{
    compose::{
        codes,
        convert::{
            body::{Body, list},
            capabilities, mounts, references,
            scope::Scope,
        },
        finding::Findings,
        model::{ComposeService, Healthcheck, Logging},
        place::At,
    },
    swarm::image::ImageRef,
};
use serde_json::{Value, json};

pub fn container(scope: Scope<'_>, service: &ComposeService, findings: &mut Findings) -> Value {
    let (cap_add, cap_drop) = capabilities::effective(&service.cap_add, &service.cap_drop);
    let mut body = Body::default();
    body.put("Image", image(&service.image));
    body.set("Labels", scope.labels(&service.labels));
    body.put("Command", list(&service.entrypoint));
    body.put("Args", list(&service.command));
    body.put("Hostname", service.hostname.as_str());
    body.put("Env", environment(service));
    body.put("Dir", service.working_dir.as_str());
    body.put("User", service.user.as_str());
    body.set("Privileges", references::privileges(scope, service, findings));
    body.give("Init", service.init.map(|it| it.value));
    body.put("StopSignal", service.stop_signal.as_str());
    body.put("TTY", service.tty);
    body.put("OpenStdin", service.stdin_open);
    body.put("ReadOnly", service.read_only);
    body.put("Mounts", mounts::mounts(scope, service, findings));
    body.give("StopGracePeriod", service.stop_grace_period.map(|it| it.value));
    body.give("Healthcheck", service.healthcheck.as_ref().map(|it| healthcheck(it, findings)));
    body.put("Hosts", hosts(service));
    body.give("DNSConfig", dns(service));
    body.put("Secrets", references::secrets(scope, service, findings));
    body.put("Configs", references::configs(scope, service, findings));
    body.put("Isolation", service.isolation.as_str());
    body.nest("Sysctls", Body::texts(&service.sysctls));
    body.put("CapabilityAdd", cap_add);
    body.put("CapabilityDrop", cap_drop);
    body.put("Ulimits", ulimits(service));
    body.into()
}

/// Returns the name with a tag; what is no name, as the id of an image, is
/// sent as it stands.
fn image(text: &str) -> String {
    ImageRef::parse(text).map_or_else(|_| text.to_owned(), |it| it.with_tag().to_string())
}

pub fn log_driver(logging: &Logging) -> Value {
    let mut body = Body::default();
    body.put("Name", logging.driver.as_str());
    body.nest("Options", logging.options.as_ref().map(Body::texts).unwrap_or_default());
    body.into()
}

fn environment(service: &ComposeService) -> Vec<String> {
    let variables = service.environment.iter();
    let lines = variables.map(|(key, value)| match &value.value {
        Some(value) => format!("{key}={value}"),
        None => key.clone(),
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

fn healthcheck(check: &At<Healthcheck>, findings: &mut Findings) -> Value {
    if check.disable {
        if !check.test.is_empty() {
            let message = "test and disable can't be set at the same time";
            findings.say(&codes::CONFLICT, check.place, message);
        }
        return json!({ "Test": ["NONE"] });
    }
    let nanoseconds = |it: Option<At<i64>>| it.map_or(0, |it| it.value);
    let mut body = Body::default();
    body.put("Test", list(&check.test));
    body.put("Interval", nanoseconds(check.interval));
    body.put("Timeout", nanoseconds(check.timeout));
    body.put("StartPeriod", nanoseconds(check.start_period));
    body.put("StartInterval", nanoseconds(check.start_interval));
    body.put("Retries", check.retries.map_or(0, |it| it.value));
    body.into()
}

/// Turns `host:address` into lines of a hosts file.
fn hosts(service: &ComposeService) -> Vec<String> {
    let pairs = service.extra_hosts.iter().filter_map(|it| it.split_once(':'));
    pairs.map(|(host, address)| format!("{address} {host}")).collect()
}

fn dns(service: &ComposeService) -> Option<Value> {
    if service.dns.is_none() && service.dns_search.is_none() {
        return None;
    }
    let mut body = Body::default();
    body.put("Nameservers", list(service.dns.as_deref().unwrap_or_default()));
    body.put("Search", list(service.dns_search.as_deref().unwrap_or_default()));
    Some(body.into())
}

fn ulimits(service: &ComposeService) -> Vec<Value> {
    let limits = service.ulimits.iter();
    limits.map(|(name, it)| json!({ "Name": name, "Hard": it.hard, "Soft": it.soft })).collect()
}
