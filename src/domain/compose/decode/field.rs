//! Decoding of single fields.

use crate::domain::{
    compose::{
        codes,
        finding::{Finding, Findings},
        model::{Labels, Text},
        place::{At, Place},
        words,
        yaml::{Value, YamlNode, go},
    },
    text::duration,
};
use std::{collections::BTreeMap, sync::Arc};

pub type ComposeKey = At<Arc<str>>;

/// Reads a text; absent is empty.
pub fn text(node: &YamlNode, key: &str) -> Text {
    node.get(key).and_then(plain).unwrap_or_default()
}

pub fn flag(node: &YamlNode, key: &str) -> bool {
    node.get(key).and_then(YamlNode::bool).unwrap_or_default()
}

/// Reads a list of texts, or a single one; absent is empty.
pub fn texts(node: &YamlNode, key: &str) -> Vec<Text> {
    optional_texts(node, key).unwrap_or_default()
}

pub fn optional_texts(node: &YamlNode, key: &str) -> Option<Vec<Text>> {
    let node = node.get(key)?;
    Some(plain(node).map_or_else(|| node.items().iter().filter_map(plain).collect(), |it| vec![it]))
}

/// Reads a list of words, or a command line to be split.
pub fn command(node: &YamlNode, key: &str, findings: &mut Findings) -> Vec<Text> {
    let Some(node) = node.get(key) else { return Vec::new() };
    let Some(line) = plain(node) else { return node.items().iter().filter_map(plain).collect() };
    match words::split(&line) {
        Ok(words) => words.into_iter().map(|it| At::new(it, line.place)).collect(),
        Err(why) => {
            findings.say(&codes::VALUE, line.place, format!("{key}: {why}"));
            Vec::new()
        }
    }
}

/// Reads a mapping, or a list of `key=value`; null and a bare key are empty.
pub fn labels(node: &YamlNode, key: &str) -> Labels {
    optional_labels(node, key).unwrap_or_default()
}

pub fn optional_labels(node: &YamlNode, key: &str) -> Option<Labels> {
    let pairs = pairs(node.get(key)?).into_iter();
    Some(pairs.map(|(key, it)| (key, At::new(it.value.unwrap_or_default(), it.place))).collect())
}

/// Reads a mapping, or a list of `key=value`, where a key may have no value.
///
/// Of list items with one key, the last counts.
pub fn pairs(node: &YamlNode) -> BTreeMap<String, At<Option<String>>> {
    if !node.is_map() {
        let items = node.items().iter().filter_map(|it| Some((it.text()?, it.place)));
        return items
            .map(|(item, place)| match item.split_once('=') {
                Some((key, value)) => (key.to_owned(), At::new(Some(value.to_owned()), place)),
                None => (item.to_owned(), At::new(None, place)),
            })
            .collect();
    }
    let entries = node.entries().iter();
    entries
        .map(|it| {
            let place = if it.value.is_null() { it.key.place } else { it.value.place };
            (it.key.to_string(), At::new(go::print(&it.value.value), place))
        })
        .collect()
}

/// Reads a whole number that the engine takes as one without a sign.
pub fn unsigned(node: &YamlNode, key: &str, findings: &mut Findings) -> Option<At<u64>> {
    bounded(node, key, 0..=u64::MAX.into(), findings)
}

/// Reads a whole number of 32 bits without a sign.
pub fn short(node: &YamlNode, key: &str, findings: &mut Findings) -> Option<u32> {
    bounded(node, key, 0..=u32::MAX.into(), findings).map(|it| it.value)
}

pub fn signed(node: &YamlNode, key: &str, findings: &mut Findings) -> Option<At<i64>> {
    bounded(node, key, i64::MIN.into()..=i64::MAX.into(), findings)
}

fn bounded<T: TryFrom<i128>>(
    node: &YamlNode,
    key: &str,
    range: std::ops::RangeInclusive<i128>,
    findings: &mut Findings,
) -> Option<At<T>> {
    let node = node.get(key)?;
    let value = whole(node, key, findings)?;
    let fitting = range.contains(&value).then(|| T::try_from(value).ok()).flatten();
    if fitting.is_none() {
        findings.say(&codes::VALUE, node.place, format!("{key}: {value} is out of range"));
    }
    Some(At::new(fitting?, node.place))
}

/// Cuts off a fraction, as docker does.
fn whole(node: &YamlNode, key: &str, findings: &mut Findings) -> Option<i128> {
    match node.value {
        Value::Int(value) => Some(value),
        Value::Float(value) => {
            if value.fract() != 0.0 {
                let message = format!("{key}: the fraction of {value} is cut off");
                let finding = Finding::new(&codes::PRECISION, node.place, message);
                findings.push(finding.instead(value.to_string(), value.trunc().to_string()));
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "saturates, and is out of range then"
            )]
            Some(value as i128)
        }
        _ => None,
    }
}

pub fn number(node: &YamlNode, key: &str) -> Option<At<f64>> {
    let node = node.get(key)?;
    let value = match node.value {
        #[expect(clippy::cast_precision_loss, reason = "as docker does it")]
        Value::Int(value) => value as f64,
        Value::Float(value) => value,
        _ => return None,
    };
    Some(At::new(value, node.place))
}

/// Reads a duration in nanoseconds; the schema has seen that it is one.
pub fn nanoseconds(node: &YamlNode, key: &str) -> Option<At<i64>> {
    let node = node.get(key)?;
    Some(At::new(duration::parse(node.text()?)?, node.place))
}

/// Reads a part that is there even when it is empty.
pub fn part<T>(node: &YamlNode, key: &str, read: impl FnOnce(&YamlNode) -> T) -> Option<At<T>> {
    let entry = node.entry(key).filter(|it| it.value.is_map())?;
    Some(At::new(read(&entry.value), entry.key.place))
}

/// Reads items of a list, each with its place.
pub fn items<T>(
    node: &YamlNode,
    key: &str,
    mut read: impl FnMut(&YamlNode) -> Option<T>,
) -> Option<Vec<At<T>>> {
    let items = node.get(key)?.items().iter();
    Some(items.filter_map(|it| Some(At::new(read(it)?, it.place))).collect())
}

pub fn extensions(node: &YamlNode) -> BTreeMap<String, YamlNode> {
    let entries = node.entries().iter().filter(|it| it.key.starts_with("x-"));
    entries.map(|it| (it.key.to_string(), it.value.clone())).collect()
}

pub fn plain(node: &YamlNode) -> Option<Text> {
    Some(At::new(node.text()?.to_owned(), node.place))
}

/// Says that two keys cannot be combined.
pub fn conflict(place: Place, message: String, findings: &mut Findings) {
    findings.push(Finding::new(&codes::CONFLICT, place, message));
}
