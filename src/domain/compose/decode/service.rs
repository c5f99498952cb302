//! Services.

use crate::domain::compose::{
    codes,
    decode::{
        deploy,
        field::{
            self, ComposeKey, command, flag, items, labels, nanoseconds, optional_texts, pairs,
            part, short, text, texts, unsigned,
        },
        mounts,
    },
    finding::{Finding, Findings},
    model::{
        Attachment, ComposeService, CredentialSpec, FileReference, Healthcheck, Logging, Port,
        Text, Ulimit,
    },
    place::At,
    ports,
    yaml::{Value, YamlNode, go},
};
use std::collections::BTreeMap;

/// Reads one service. Its environment is that of the file alone.
pub fn service(
    key: &ComposeKey,
    node: &YamlNode,
    room: &mut ports::Room,
    findings: &mut Findings,
) -> ComposeService {
    ComposeService {
        place: key.place,
        image: text(node, "image"),
        command: command(node, "command", findings),
        entrypoint: command(node, "entrypoint", findings),
        env_files: texts(node, "env_file"),
        environment: node.get("environment").map(pairs).unwrap_or_default(),
        labels: labels(node, "labels"),
        hostname: text(node, "hostname"),
        user: text(node, "user"),
        working_dir: text(node, "working_dir"),
        stop_signal: text(node, "stop_signal"),
        isolation: text(node, "isolation"),
        tty: flag(node, "tty"),
        stdin_open: flag(node, "stdin_open"),
        read_only: flag(node, "read_only"),
        init: node.get("init").and_then(|it| Some(At::new(it.bool()?, it.place))),
        stop_grace_period: nanoseconds(node, "stop_grace_period"),
        cap_add: texts(node, "cap_add"),
        cap_drop: texts(node, "cap_drop"),
        sysctls: labels(node, "sysctls"),
        ulimits: ulimits(node, findings),
        extra_hosts: extra_hosts(node),
        dns: optional_texts(node, "dns"),
        dns_search: optional_texts(node, "dns_search"),
        healthcheck: part(node, "healthcheck", |it| healthcheck(it, findings)),
        logging: part(node, "logging", |it| Logging {
            driver: text(it, "driver"),
            options: field::optional_labels(it, "options"),
        }),
        credential_spec: node.get("credential_spec").map(credential_spec).unwrap_or_default(),
        networks: networks(node),
        ports: ports(node, room, findings),
        volumes: items(node, "volumes", |it| mounts::mount(it, findings)),
        secrets: items(node, "secrets", |it| file_reference(it, findings)),
        configs: items(node, "configs", |it| file_reference(it, findings)),
        depends_on: texts(node, "depends_on"),
        restart: text(node, "restart"),
        deploy: node.get("deploy").map(|it| deploy::deploy(it, findings)).unwrap_or_default(),
        extensions: field::extensions(node),
    }
}

fn healthcheck(node: &YamlNode, findings: &mut Findings) -> Healthcheck {
    let test = match node.get("test").and_then(field::plain) {
        Some(line) => vec![At::new("CMD-SHELL".to_owned(), line.place), line],
        None => texts(node, "test"),
    };
    Healthcheck {
        test,
        interval: nanoseconds(node, "interval"),
        timeout: nanoseconds(node, "timeout"),
        start_period: nanoseconds(node, "start_period"),
        start_interval: nanoseconds(node, "start_interval"),
        retries: unsigned(node, "retries", findings),
        disable: flag(node, "disable"),
    }
}

fn credential_spec(node: &YamlNode) -> CredentialSpec {
    CredentialSpec {
        config: text(node, "config"),
        file: text(node, "file"),
        registry: text(node, "registry"),
    }
}

fn networks(node: &YamlNode) -> BTreeMap<String, At<Option<Attachment>>> {
    let Some(node) = node.get("networks") else { return BTreeMap::new() };
    let listed = node.items().iter().filter_map(field::plain);
    let listed = listed.map(|it| (it.value, At::new(None, it.place)));
    let mapped = node.entries().iter().map(|it| {
        let attachment = it.value.is_map().then(|| Attachment {
            aliases: texts(&it.value, "aliases"),
            driver_opts: field::optional_labels(&it.value, "driver_opts"),
        });
        (it.key.to_string(), At::new(attachment, it.key.place))
    });
    listed.chain(mapped).collect()
}

/// Reads ports; one item may stand for many, and none is made where there is no room.
fn ports(
    node: &YamlNode,
    room: &mut ports::Room,
    findings: &mut Findings,
) -> Option<Vec<At<Port>>> {
    let mut all = Vec::new();
    for item in node.get("ports")?.items() {
        if item.is_map() {
            if !fits(room, 1, item, findings) {
                break;
            }
            let port = Port {
                mode: text(item, "mode").value,
                target: short(item, "target", findings).unwrap_or_default(),
                published: short(item, "published", findings).unwrap_or_default(),
                protocol: text(item, "protocol").value,
            };
            all.push(At::new(port, item.place));
            continue;
        }
        let Some(spec) = go::print(&item.value).and_then(|it| ports::parse(&it).ok()) else {
            continue;
        };
        if !fits(room, spec.count(), item, findings) {
            break;
        }
        all.extend(spec.ports().into_iter().map(|it| {
            let mode = "ingress".to_owned();
            let port =
                Port { mode, target: it.target, published: it.published, protocol: it.protocol };
            At::new(port, item.place)
        }));
    }
    Some(all)
}

/// Takes room for ports, or says that there is none; once for all of a stack.
fn fits(room: &mut ports::Room, count: usize, item: &YamlNode, findings: &mut Findings) -> bool {
    let (had_room, fits) = (!room.is_full(), room.take(count));
    if had_room && !fits {
        let message = format!("with this, the stack publishes more than {} ports", ports::MOST);
        let finding = Finding::new(&codes::EXCESSIVE_PORTS, item.place, message);
        findings.push(finding.hint("publish only those that are used; docker would send them all"));
    }
    fits
}

fn file_reference(node: &YamlNode, findings: &mut Findings) -> Option<FileReference> {
    if let Some(source) = node.text() {
        return Some(FileReference { source: source.to_owned(), ..FileReference::default() });
    }
    node.is_map().then(|| FileReference {
        source: text(node, "source").value,
        target: text(node, "target").value,
        uid: text(node, "uid").value,
        gid: text(node, "gid").value,
        mode: short(node, "mode", findings),
    })
}

fn ulimits(node: &YamlNode, findings: &mut Findings) -> BTreeMap<String, At<Ulimit>> {
    let entries = node.get("ulimits").map(YamlNode::entries).unwrap_or_default();
    let mut all = BTreeMap::new();
    for entry in entries {
        let limit = |node: &YamlNode| match node.value {
            Value::Int(value) => i64::try_from(value).ok(),
            _ => None,
        };
        let node = &entry.value;
        let both = match (node.get("soft"), node.get("hard")) {
            (Some(soft), Some(hard)) => limit(soft).zip(limit(hard)),
            _ => limit(node).map(|it| (it, it)),
        };
        let place = entry.key.place;
        match both {
            Some((soft, hard)) => {
                all.insert(entry.key.to_string(), At::new(Ulimit { soft, hard }, place));
            }
            None if findings.any_error_at(node.place) => {}
            None => {
                let message = format!("ulimits.{}: not a whole number", &*entry.key.value);
                findings.say(&codes::VALUE, place, message);
            }
        }
    }
    all
}

/// Reads `host:address` pairs: `=` separates before `:` does, and addresses
/// lose their brackets.
fn extra_hosts(node: &YamlNode) -> Vec<Text> {
    let Some(node) = node.get("extra_hosts") else { return Vec::new() };
    let mut pairs: Vec<Text> = if node.is_map() {
        let entries = node.entries().iter().filter(|it| !it.value.is_null());
        entries
            .map(|it| At::new(format!("{}:{}", &*it.key.value, as_text(&it.value)), it.key.place))
            .collect()
    } else {
        let items = node.items().iter().filter_map(field::plain);
        items
            .filter_map(|it| {
                let (host, address) = it.split_once('=').or_else(|| it.split_once(':'))?;
                Some(At::new(format!("{host}:{address}"), it.place))
            })
            .collect()
    };
    if node.is_map() {
        pairs.sort_by(|a, b| a.value.cmp(&b.value));
    }
    for pair in &mut pairs {
        if let Some((host, address)) = pair.value.split_once(':') {
            let bare = address.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let bare = bare.filter(|it| !it.is_empty()).unwrap_or(address);
            pair.value = format!("{host}:{bare}");
        }
    }
    pairs
}

/// Prints a value as Go's `%s` does, which has no form for numbers.
fn as_text(node: &YamlNode) -> String {
    let shown = go::print(&node.value).unwrap_or_default();
    match &node.value {
        Value::Int(value) if i64::try_from(*value).is_err() => format!("%!s(uint64={shown})"),
        Value::Int(_) => format!("%!s(int={shown})"),
        Value::Float(_) => format!("%!s(float64={shown})"),
        _ => shown,
    }
}
