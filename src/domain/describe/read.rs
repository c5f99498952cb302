//! Formatting of single values of raw answers.

pub use crate::domain::swarm::raw::text;
use crate::domain::{
    describe::lens::Lens,
    swarm::objects::fields::{Bytes, Moment, NanoCpus, Nanos},
    text::{age::age, duration, mask::HIDDEN, size},
};
use jiff::{Timestamp, Unit};
use serde_json::Value;

/// Any value, with what looks secret in it hidden.
pub fn masked(name: &str, value: &Value, lens: &Lens<'_>) -> Option<String> {
    text(&lens.secrecy.json(name, value))
}

/// A list of texts, one a line.
pub fn lines(value: &Value) -> Option<String> {
    list(value, "\n")
}

/// A list of texts in one line.
pub fn list(value: &Value, separator: &str) -> Option<String> {
    let Some(items) = value.as_array() else { return text(value) };
    let texts: Vec<String> = items.iter().filter_map(text).collect();
    Some(texts.join(separator)).filter(|it| !it.is_empty())
}

/// Words of a command as a shell takes them, secrets hidden.
pub fn command(value: &Value, lens: &Lens<'_>) -> Option<String> {
    let words: Option<Vec<&str>> =
        value.as_array().and_then(|it| it.iter().map(Value::as_str).collect());
    let Some(words) = words else { return masked("", value, lens) };
    let masked = lens.secrecy.words(&words);
    let joined = masked.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(" ");
    Some(joined).filter(|it| !it.is_empty())
}

pub fn span(Nanos(value): Nanos<'_>) -> Option<String> {
    value.as_i64().map(duration::format).or_else(|| text(value))
}

/// Memory; 0 means none.
pub fn memory(Bytes(value): Bytes<'_>) -> Option<String> {
    match value.as_i64() {
        Some(0) => None,
        Some(bytes) => Some(size::memory(bytes)),
        None => text(value),
    }
}

/// Processor time; 0 means none.
pub fn cpus(NanoCpus(value): NanoCpus<'_>) -> Option<String> {
    match value.as_i64() {
        Some(0) => None,
        Some(nano) => Some(size::cpus(nano)),
        None => text(value),
    }
}

/// `true` as `yes`; `false` is nothing to talk about.
pub fn yes(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => None,
        other => text(other),
    }
}

/// Whether there is nothing in it but nulls, false and empty texts: engines fill in what
/// nobody set.
pub fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        _ => false,
    }
}

/// A number that says something only when it is not zero.
pub fn count(value: &Value) -> Option<String> {
    if value.as_i64() == Some(0) { None } else { text(value) }
}

/// A moment and how long ago it was. The engine's "never" is `None`.
pub fn moment(Moment(value): Moment<'_>, lens: &Lens<'_>) -> Option<String> {
    let raw = text(value)?;
    let Ok(at) = raw.parse::<Timestamp>() else { return Some(raw) };
    if at < Timestamp::UNIX_EPOCH {
        return None;
    }
    let whole = at.round(Unit::Second).unwrap_or(at);
    Some(format!("{whole} ({} ago)", age(at, lens.now)))
}

/// The id or name that a member holds.
pub fn name(value: &Value, lens: &Lens<'_>) -> Option<String> {
    text(value).map(|it| lens.name(&it))
}

fn quoted(word: &str) -> String {
    if word.contains(HIDDEN) {
        return word.to_owned();
    }
    // A shell could not take a NUL; people still want to see the rest.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}
