//! JSON diff: the comparison behind pages, histories and events.

use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// Two values at the same place that differ.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// As `TaskTemplate.ContainerSpec.Env.LOG_LEVEL`.
    pub field: &'a str,
    /// The last part of the field.
    pub name: &'a str,
    /// Null where there was none.
    pub old: &'a Value,
    pub new: &'a Value,
}

/// What is told of an object that one side has and the other has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lone {
    Whole,
    /// Each of its members.
    Members,
}

/// Tells each pair that differs. Environments are compared by name, other lists as a whole.
pub fn walk(old: &Value, new: &Value, lone: Lone, told: &mut impl FnMut(Pair<'_>)) {
    step(Pair { field: "", name: "", old, new }, lone, told);
}

fn step(pair: Pair<'_>, lone: Lone, told: &mut impl FnMut(Pair<'_>)) {
    let Pair { field, name, old, new } = pair;
    if old == new {
        return;
    }
    let (olds, news) = match (members(name, old), members(name, new)) {
        (Some(olds), Some(news)) => (olds, news),
        (Some(olds), None) if lone == Lone::Members && new.is_null() => (olds, Cow::default()),
        (None, Some(news)) if lone == Lone::Members && old.is_null() => (Cow::default(), news),
        _ => return told(pair),
    };
    let keys: BTreeSet<&String> = olds.keys().chain(news.keys()).collect();
    for key in keys {
        let path = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
        let [old, new] = [&olds, &news].map(|it| it.get(key).unwrap_or(&Value::Null));
        step(Pair { field: &path, name: key, old, new }, lone, told);
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
