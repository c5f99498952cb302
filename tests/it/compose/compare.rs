//! Whether two deployments are the same, and where they are not.

use crate::compose::ours::Outcome;
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write};

/// Returns how ours differs from docker's; `refused` where only skep should
/// refuse.
pub fn difference(ours: Outcome, theirs: Outcome, refused: bool) -> Option<String> {
    match (ours, theirs) {
        (Outcome::Refused(_), Outcome::Sent(_)) if refused => None,
        (Outcome::Refused(ours), Outcome::Refused(theirs)) => {
            refused.then(|| format!("  both refuse\n    skep:   {ours:?}\n    docker: {theirs:?}"))
        }
        (Outcome::Refused(ours), Outcome::Sent(_)) => {
            Some(format!("  only skep refuses: {ours:?}"))
        }
        (Outcome::Sent(_), Outcome::Refused(theirs)) => {
            Some(format!("  only docker refuses: {theirs:?}"))
        }
        (Outcome::Sent(ours), Outcome::Sent(theirs)) => {
            let mut differences =
                if refused { "  skep takes it too\n".to_owned() } else { String::new() };
            for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let body = |it: Option<&Value>| canonical(name, it.cloned().unwrap_or_default());
                collect(name, &body(ours.get(name)), &body(theirs.get(name)), &mut differences);
            }
            (!differences.is_empty()).then_some(differences)
        }
    }
}

/// Puts lists in order whose order docker leaves to chance, and drops what says
/// nothing.
fn canonical(name: &str, mut body: Value) -> Value {
    clean(&mut body, name.starts_with("networks"));
    for (list, name) in [("Secrets", "SecretName"), ("Configs", "ConfigName")] {
        let list = body.pointer_mut(&format!("/TaskTemplate/ContainerSpec/{list}"));
        if let Some(items) = list.and_then(Value::as_array_mut) {
            items.sort_by_key(|it| (it[name].to_string(), it["File"]["Name"].to_string()));
        }
    }
    // Go's sort keeps the order of equal ports only in lists of up to twelve.
    let ports = body.pointer_mut("/EndpointSpec/Ports").and_then(Value::as_array_mut);
    if let Some(ports) = ports.filter(|it| it.len() > 12) {
        ports.sort_by_key(ToString::to_string);
    }
    body
}

/// Drops what an engine cannot tell from nothing: null, and in networks and
/// privileges also false and the empty text.
fn clean(value: &mut Value, all: bool) {
    match value {
        Value::Object(fields) => {
            fields
                .retain(|_, it| !(it.is_null() || all && (*it == Value::Bool(false) || *it == "")));
            for (key, field) in fields {
                clean(field, all || key == "Privileges");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| clean(it, all)),
        _ => {}
    }
}

/// Writes every path at which two values differ.
fn collect(path: &str, ours: &Value, theirs: &Value, to: &mut String) {
    match (ours, theirs) {
        _ if ours == theirs => {}
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let field = |it: Option<&Value>| it.cloned().unwrap_or_else(|| "(absent)".into());
                collect(&format!("{path}.{key}"), &field(a.get(key)), &field(b.get(key)), to);
            }
        }
        _ => writeln!(to, "  {path}\n    skep:   {ours}\n    docker: {theirs}").unwrap(),
    }
}
