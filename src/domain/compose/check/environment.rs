//! Variables and hosts that containers get.

use crate::domain::{
    compose::{
        check::scene::Subject,
        codes,
        finding::{Finding, Findings},
        place::Place,
        yaml::{Node, Value},
    },
    mask::{Secrecy, is_secret_name},
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
        if !listed && !subject.scene.is_env_file(value.place) {
            continue;
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

/// Finds what files of variables keep as it stands: comments behind values, variables.
pub fn literals(subject: &Subject<'_>, findings: &mut Findings) {
    for (key, value) in &subject.service.environment {
        let Some(text) = value.as_deref().filter(|_| subject.scene.is_env_file(value.place)) else {
            continue;
        };
        // What is quoted is told already, and a program may take the quotes away.
        let quoted = unquoted(text).is_some();
        let (at, message, hint) = if let Some(at) = comment(text).filter(|_| !quoted) {
            let hint = "put the comment on a line of its own";
            (at, format!("the comment is part of the value of {key}"), hint)
        } else if let Some(at) = variable(text).filter(|_| !quoted) {
            let hint = "write the value, or set it under `environment`, where variables count";
            (at, format!("the variable in {key} stays as it stands"), hint)
        } else if text.starts_with("$(") || (text.starts_with('`') && text.ends_with('`')) {
            let hint = "write what it would print";
            (0, format!("the command in {key} is not run"), hint)
        } else {
            continue;
        };
        let behind = key.chars().count() + 1 + text[..at].chars().count();
        let start = value.place.end.saturating_sub(text.len() - at);
        let place = Place { column: value.place.column + behind, start, ..value.place };
        findings.push(Finding::new(&codes::ENV_LITERAL, place, message).hint(hint));
    }
}

/// Returns where a variable begins: one in braces, or one that is the whole value.
fn variable(text: &str) -> Option<usize> {
    let name = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_';
    let bare = text.strip_prefix('$').filter(|it| it.len() > 1 && it.chars().all(name));
    text.find("${").or(bare.map(|_| 0))
}

/// Returns where a comment begins behind a value.
fn comment(text: &str) -> Option<usize> {
    let mut blank = true;
    for (at, c) in text.char_indices() {
        if c == '#' && blank && at > 0 {
            return Some(at);
        }
        blank = matches!(c, ' ' | '\t');
    }
    None
}

/// Finds variables that a list has twice.
pub fn twice(subject: &Subject<'_>, findings: &mut Findings) {
    for list in subject.nodes.iter().filter_map(|it| it.get("environment")) {
        let mut seen: BTreeMap<&str, &Node> = BTreeMap::new();
        for item in list.items() {
            let Some(text) = item.text() else { continue };
            let key = text.split('=').next().unwrap_or_default();
            if let Some(first) = seen.insert(key, item) {
                let message = format!("the variable {key} stands twice: this one counts");
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

fn gateway(text: &str, node: &Node, findings: &mut Findings) {
    if text.ends_with("host-gateway") {
        let message = "Swarm hands `host-gateway` on as it stands";
        findings.say(&codes::EXTRA_HOST, node.place, message);
    }
}

fn unquoted(text: &str) -> Option<&str> {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\''))
}
