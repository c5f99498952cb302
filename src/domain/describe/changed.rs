//! Spec diff in the words of compose files.

use crate::domain::{
    describe::{lens::Lens, read},
    swarm::difference::{
        Difference, Form, arrow,
        walk::{Lone, Pair, walk},
    },
    swarm::objects::{
        Attachment, PortConfig,
        fields::{MountFields, ReferenceFields},
    },
    text::{duration, size},
};
use serde_json::Value;

/// Returns the fields that differ and how, secret-looking values hidden.
pub fn changes(old: &Value, new: &Value, lens: &Lens<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Where one side has nothing, every member of the other is news.
    walk(old, new, Lone::Members, &mut |Pair { field, name, old, new }| {
        let [old, new] = [old, new].map(|it| shown(name, it, lens));
        if old == new && old.is_none() {
            return;
        }
        let forms = [Form::Text, Form::Text];
        let change = arrow(&Difference { field: words(field), old, new, forms });
        found.push((words(field), change));
    });
    found
}

/// Fields as the engine has them, and as compose files do; the first that begins so
/// counts. What has no row keeps the engine's name.
const WORDS: &[(&str, &str)] = &[
    ("TaskTemplate.ContainerSpec.Env", "environment"),
    ("TaskTemplate.ContainerSpec.Image", "image"),
    ("TaskTemplate.ContainerSpec.Command", "entrypoint"),
    ("TaskTemplate.ContainerSpec.Args", "command"),
    ("TaskTemplate.ContainerSpec.Labels", "container labels"),
    ("TaskTemplate.ContainerSpec.Dir", "working_dir"),
    ("TaskTemplate.ContainerSpec.Mounts", "volumes"),
    ("TaskTemplate.ContainerSpec.TTY", "tty"),
    ("TaskTemplate.ContainerSpec.OpenStdin", "stdin_open"),
    ("TaskTemplate.ContainerSpec.CapabilityAdd", "cap_add"),
    ("TaskTemplate.ContainerSpec.CapabilityDrop", "cap_drop"),
    ("TaskTemplate.ContainerSpec.Hosts", "extra_hosts"),
    ("TaskTemplate.ContainerSpec.DNSConfig.Nameservers", "dns"),
    ("TaskTemplate.ContainerSpec.DNSConfig.Search", "dns_search"),
    ("TaskTemplate.ContainerSpec.DNSConfig.Options", "dns_opt"),
    ("TaskTemplate.ContainerSpec", ""),
    ("TaskTemplate.Resources.Limits.NanoCPUs", "limits.cpus"),
    ("TaskTemplate.Resources.Limits.MemoryBytes", "limits.memory"),
    ("TaskTemplate.Resources.Limits", "limits"),
    ("TaskTemplate.Resources.Reservations.NanoCPUs", "reservations.cpus"),
    ("TaskTemplate.Resources.Reservations.MemoryBytes", "reservations.memory"),
    ("TaskTemplate.Resources.Reservations", "reservations"),
    ("TaskTemplate.Placement.MaxReplicas", "placement.max_replicas_per_node"),
    ("TaskTemplate.LogDriver.Name", "logging.driver"),
    ("TaskTemplate.LogDriver.Options", "logging.options"),
    ("TaskTemplate.ForceUpdate", "forced updates"),
    ("TaskTemplate", ""),
    ("Mode.Replicated.Replicas", "replicas"),
    ("EndpointSpec.Mode", "endpoint_mode"),
    ("EndpointSpec.Ports", "ports"),
];

/// Names given by people: they are not to be rewritten.
const GIVEN: &[&str] = &["environment", "labels", "container labels", "logging.options", "sysctls"];

fn words(field: &str) -> String {
    let row = WORDS.iter().find_map(|(from, to)| {
        let rest = field.strip_prefix(from)?;
        (rest.is_empty() || rest.starts_with('.')).then_some((to, rest))
    });
    let (head, rest) = row.map_or(("", field), |(to, rest)| (*to, rest));
    let rest = rest.trim_start_matches('.');
    let given = GIVEN.contains(&head);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(Some(head.to_owned()).filter(|it| !it.is_empty()));
    if !rest.is_empty() {
        let mut steps = rest.splitn(if given { 1 } else { usize::MAX }, '.');
        let first = steps.next().unwrap_or_default();
        let first = if given { first.to_owned() } else { snake(first) };
        let own = GIVEN.contains(&first.as_str());
        parts.push(first);
        parts.extend(steps.map(|it| if own { it.to_owned() } else { snake(it) }));
    }
    parts.join(".")
}

/// `MaxFailureRatio` as `max_failure_ratio`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    let mut before_upper = true;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !before_upper {
            text.push('_');
        }
        before_upper = letter.is_ascii_uppercase();
        text.push(letter.to_ascii_lowercase());
    }
    text
}

const DURATIONS: &[&str] = &[
    "Delay",
    "Window",
    "Interval",
    "Timeout",
    "StartPeriod",
    "StartInterval",
    "Monitor",
    "StopGracePeriod",
];

/// A value as compose files write it.
fn shown(name: &str, value: &Value, lens: &Lens<'_>) -> Option<String> {
    match (name, value) {
        (_, Value::Null) => None,
        ("MemoryBytes" | "SizeBytes", it) if it.is_i64() => it.as_i64().map(size::memory),
        ("NanoCPUs", it) if it.is_i64() => it.as_i64().map(size::cpus),
        (name, it) if DURATIONS.contains(&name) && it.is_i64() => it.as_i64().map(duration::format),
        ("Networks", Value::Array(list)) => {
            Some(each(list, |it| Attachment(it).target().map(|id| lens.name(id))))
        }
        ("Secrets", Value::Array(list)) => {
            Some(each(list, |it| reference(&it.into(), |it| it.secret_name)))
        }
        ("Configs", Value::Array(list)) => {
            Some(each(list, |it| reference(&it.into(), |it| it.config_name)))
        }
        ("Mounts", Value::Array(list)) => Some(each(list, |it| mount(&it.into()))),
        ("Ports", Value::Array(list)) => Some(each(list, |it| port(PortConfig(it)))),
        ("Command" | "Args" | "Test", list) => read::command(list, lens),
        ("Constraints" | "CapabilityAdd" | "CapabilityDrop" | "Nameservers" | "Hosts", list) => {
            read::list(list, ", ")
        }
        _ => {
            let text = read::text(&lens.secrecy.json(name, value));
            Some(text.unwrap_or_else(|| "empty".to_owned()))
        }
    }
}

fn each(list: &[Value], words: impl Fn(&Value) -> Option<String>) -> String {
    if list.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<String> =
        list.iter().map(|it| words(it).unwrap_or_else(|| it.to_string())).collect();
    texts.join(", ")
}

fn reference<'a>(
    it: &ReferenceFields<'a>,
    name: impl Fn(&ReferenceFields<'a>) -> &'a Value,
) -> Option<String> {
    let name = name(it).as_str()?;
    match it.file.as_str() {
        Some(file) if file != name => Some(format!("{name} as {file}")),
        _ => Some(name.to_owned()),
    }
}

fn mount(it: &MountFields<'_>) -> Option<String> {
    let (target, kind) = (it.target.as_str()?, it.kind.as_str().unwrap_or("volume"));
    let source = it.source.as_str().unwrap_or_default();
    let read_only = if *it.read_only == true { ":ro" } else { "" };
    let inside = it.subpath.as_str().map(|it| format!(" (subpath {it})")).unwrap_or_default();
    Some(match source {
        "" => format!("{kind} {target}{read_only}"),
        _ => format!("{kind} {source}:{target}{read_only}{inside}"),
    })
}

fn port(it: PortConfig<'_>) -> Option<String> {
    let published = it.published().map_or("any".to_owned(), |it| it.to_string());
    let host = if it.is_host() { ", host" } else { "" };
    let target = Some(it.target()).filter(|it| *it > 0)?;
    Some(format!("{published}→{target}/{}{host}", it.protocol()))
}
