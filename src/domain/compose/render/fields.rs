//! Values of single fields.

use crate::domain::{
    compose::{
        convert::body::Body,
        model::{Labels, Text},
        place::At,
        quantity,
    },
    text::duration,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Returns a mapping; a key may be empty only in a list.
pub fn labels(labels: &Labels) -> Value {
    let texts = labels.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    pairs(texts.collect())
}

/// Returns a mapping in which a key may have no value.
pub fn environment(variables: &BTreeMap<String, At<Option<String>>>) -> Value {
    let texts = variables.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
    pairs(texts.collect())
}

fn pairs(pairs: Vec<(&str, Option<&str>)>) -> Value {
    if pairs.iter().all(|it| !it.0.is_empty()) {
        return pairs.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    }
    let items = pairs.into_iter().map(|(key, value)| match value {
        Some(value) => format!("{key}={value}"),
        None => key.to_owned(),
    });
    items.collect()
}

/// Sets a field to a mapping, unless that is empty.
pub fn put_pairs(body: &mut Body, name: &str, pairs: Value) {
    if pairs != json!({}) {
        body.set(name, pairs);
    }
}

pub fn options(options: Option<&Labels>) -> Option<Value> {
    options.map(|it| Body::texts(it).into())
}

/// Returns each text once, where a second one means nothing.
pub fn once(texts: &[Text]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.iter().filter(|it| seen.insert(it.as_str())).map(|it| it.value.clone()).collect()
}

pub fn duration(nanoseconds: Option<At<i64>>) -> Option<String> {
    nanoseconds.map(|it| duration::format(it.value))
}

/// Returns nothing for 0, which stands for the engine's default.
pub fn some_duration(nanoseconds: At<i64>) -> Option<String> {
    duration(Some(nanoseconds).filter(|it| it.value != 0))
}

/// Returns nothing for 0, which stands for no limit.
pub fn bytes(bytes: At<i64>) -> Option<String> {
    (bytes.value != 0).then(|| quantity::print_bytes(bytes.value))
}
