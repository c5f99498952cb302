//! What differs between two specs, field by field.

use crate::domain::{describe::read, mask::Secrecy};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// As `TaskTemplate.ContainerSpec.Env.LOG_LEVEL`.
    pub field: String,
    /// `None` where the field was not there.
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Compares two JSON documents. Environments are compared by name,
/// other lists as a whole; secret-looking values are hidden.
pub fn differences(old: &Value, new: &Value, secrecy: Secrecy) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut found, "", "", [old, new], secrecy);
    found
}

/// Writes a difference as `old → new`.
pub fn arrow(difference: &Difference) -> String {
    match (&difference.old, &difference.new) {
        (Some(old), Some(new)) if old == new => format!("{new} (another value)"),
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (Some(old), None) => format!("{old} → removed"),
        (None, new) => format!("added: {}", new.as_deref().unwrap_or_default()),
    }
}

fn compare(
    found: &mut Vec<Difference>,
    field: &str,
    name: &str,
    [old, new]: [&Value; 2],
    secrecy: Secrecy,
) {
    if old == new {
        return;
    }
    let (Some(olds), Some(news)) = (members(name, old), members(name, new)) else {
        let [old, new] = [old, new].map(|it| shown(name, it, secrecy));
        found.push(Difference { field: field.to_owned(), old, new });
        return;
    };
    let keys: BTreeSet<&String> = olds.keys().chain(news.keys()).collect();
    for key in keys {
        let path = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
        let pair = [&olds, &news].map(|it| it.get(key).unwrap_or(&Value::Null));
        compare(found, &path, key, pair, secrecy);
    }
}

/// What can be compared by name: members of an object, and an environment, whose
/// order says nothing.
fn members<'a>(name: &str, value: &'a Value) -> Option<Cow<'a, Map<String, Value>>> {
    if let Some(object) = value.as_object() {
        return Some(Cow::Borrowed(object));
    }
    if name != "Env" {
        return None;
    }
    let mut named = Map::new();
    for item in value.as_array()? {
        let (name, text) = item.as_str()?.split_once('=')?;
        if named.insert(name.to_owned(), Value::from(text)).is_some() {
            return None;
        }
    }
    Some(Cow::Owned(named))
}

fn shown(name: &str, value: &Value, secrecy: Secrecy) -> Option<String> {
    if value.is_null() {
        return None;
    }
    Some(read::text(&secrecy.json(name, value)).unwrap_or_else(|| "empty".to_owned()))
}
