//! Checks of environment variables and extra hosts.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
        yaml::{Value, YamlNode},
    },
    text::mask::{Secrecy, is_secret_name},
};
use std::collections::BTreeMap;

/// Finds secrets that everybody can read. Their values are never shown.
pub fn secrets(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, value) in &subject.service.environment {
        let Some(text) = value.as_deref().filter(|it| !it.is_empty()) else { continue };
        let is_path = text.starts_with('/') && !text.contains(char::is_whitespace);
        let is_flag = matches!(text, "true" | "false" | "yes" | "no" | "0" | "1");
        let named = is_secret_name(key) && !is_path && !is_flag;
        if named || Secrecy::Mask.text(text) != text {
            let message = format!("the variable {key} holds what looks like a secret");
            findings.say(&codes::SECRET_IN_ENVIRONMENT, value.place, message);
        }
    }
}

/// Finds quotes that become a part of values.
pub fn quotes(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, value) in &subject.service.environment {
        let Some(inner) = value.as_deref().and_then(unquoted) else { continue };
        let item = format!("{key}=");
        let raw = subject.scene.text(value.place);
        let listed = raw.trim_start_matches(['"', '\'']).starts_with(&item);
        if !listed {
            continue; // files of variables are looked at elsewhere
        }
        let message = format!("the quotes are part of the value of {key}");
        let finding = Finding::new(&codes::QUOTED_VALUE, value.place, message);
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_./@%+".contains(it);
        let simple = raw.starts_with(&item) && inner.chars().all(plain);
        findings.push(match simple {
            true => subject.replaced(finding, value.place, &format!("{item}{inner}")),
            false => finding,
        });
    }
}

/// Finds variables that a list has twice.
pub fn twice(subject: &Subject<'_>, findings: &mut Findings) {
    for list in subject.nodes.iter().filter_map(|it| it.get("environment")) {
        let mut seen: BTreeMap<&str, &YamlNode> = BTreeMap::new();
        for item in list.items() {
            let Some(text) = item.text() else { continue };
            let key = text.split('=').next().unwrap_or_default();
            if let Some(first) = seen.insert(key, item) {
                let message = format!("the variable {key} is set twice: this one counts");
                let finding = Finding::new(&codes::ENV_TWICE, item.place, message);
                let finding = finding.also(first.place, "the other one");
                findings.push(subject.without_item(finding, list, first));
            }
        }
    }
}

/// Looks at hosts that come out otherwise than they are written.
pub fn extra_hosts(subject: &Subject<'_>, findings: &mut Findings) {
    for hosts in subject.nodes.iter().filter_map(|it| it.get("extra_hosts")) {
        for item in hosts.items() {
            let text = item.text().unwrap_or_default();
            if !text.contains([':', '=']) {
                let message = format!("`{text}` has no address and is dropped");
                findings.say(&codes::EXTRA_HOST, item.place, message);
            }
            gateway(text, item, findings);
        }
        for entry in hosts.entries() {
            let (host, node) = (&*entry.key.value, &entry.value);
            if matches!(node.value, Value::Int(_) | Value::Float(_)) {
                let raw = subject.scene.text(node.place);
                let message = format!("`{raw}` of {host} is a number, not an address");
                findings.say(&codes::EXTRA_HOST, node.place, message);
            }
            gateway(node.text().unwrap_or_default(), node, findings);
        }
    }
}

fn gateway(text: &str, node: &YamlNode, findings: &mut Findings) {
    if text.ends_with("host-gateway") {
        let message = "Swarm does not replace `host-gateway`";
        findings.say(&codes::EXTRA_HOST, node.place, message);
    }
}

pub fn unquoted(text: &str) -> Option<&str> {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\''))
}
