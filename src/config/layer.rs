//! One layer of settings: a text that is parsed with positions, checked and merged with others.

use crate::{
    config::error::{ConfigError, SettingOrigin},
    domain::text::nearest::nearest,
};
use serde::de::DeserializeOwned;
use std::{ops::Range, path::PathBuf};
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, Error},
};

/// A text, and who wrote it.
pub(in crate::config) struct Layer {
    pub source: LayerSource,
    pub text: String,
}

pub(in crate::config) enum LayerSource {
    File(PathBuf),
    Variable(String),
    Flags,
}

/// A setting that a table holds; tables themselves are none.
pub(in crate::config) struct Leaf<'a> {
    /// As `ui.theme`.
    pub path: String,
    pub value: &'a Spanned<DeValue<'a>>,
}

impl Layer {
    /// Reads what the text sets. An error if anything in it is wrong, even if a
    /// later layer would set it right.
    pub fn read<'i, T: DeserializeOwned>(
        &'i self,
        defaults: &DeTable<'i>,
    ) -> Result<DeTable<'i>, ConfigError> {
        let table = DeTable::parse(&self.text).map_err(|err| self.wrong(&err, &[]))?.into_inner();
        self.check_names(&table, defaults, "")?;
        let mut merged = defaults.clone();
        merge(&mut merged, table.clone());
        // The defaults are right, so whatever is wrong is wrong in this text.
        if let Err(err) = build::<T>(merged) {
            return Err(self.wrong(&err, &leaves(&table)));
        }
        Ok(table)
    }

    /// Returns who said what begins at a place in the text.
    pub fn origin(&self, place: usize) -> SettingOrigin {
        match &self.source {
            LayerSource::File(path) => {
                let before = self.text.get(..place).unwrap_or_default();
                let line = 1 + before.bytes().filter(|it| *it == b'\n').count();
                SettingOrigin::File { path: path.clone(), line }
            }
            LayerSource::Variable(name) => SettingOrigin::Variable(name.clone()),
            LayerSource::Flags => SettingOrigin::Flag,
        }
    }

    /// Finds keys that the defaults do not have.
    fn check_names(
        &self,
        table: &DeTable<'_>,
        known: &DeTable<'_>,
        path: &str,
    ) -> Result<(), ConfigError> {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let whole = joined(path, name);
            let Some(known_value) = counterpart(known, path, name) else {
                return Err(ConfigError {
                    origin: self.origin(key.span().start),
                    what: format!("unknown key `{whole}`"),
                    hint: Some(suggestion(known, path, name)),
                });
            };
            if let (DeValue::Table(inner), DeValue::Table(known)) = (value.get_ref(), known_value) {
                self.check_names(inner, known, &whole)?;
            }
        }
        Ok(())
    }

    fn wrong(&self, err: &Error, leaves: &[Leaf<'_>]) -> ConfigError {
        let span = err.span().unwrap_or_default();
        let within = |it: &&Leaf<'_>| contains(&it.value.span(), &span);
        let what = match leaves.iter().find(within) {
            Some(leaf) => format!("`{}`: {}", leaf.path, plain(err.message())),
            None => err.message().to_owned(),
        };
        ConfigError { origin: self.origin(span.start), what, hint: None }
    }
}

/// Says in plain words what the reader of settings says as `invalid type: integer `3`,
/// expected a string`.
fn plain(message: &str) -> String {
    let refusals = ["invalid type: ", "invalid value: ", "unknown variant "];
    let refused = refusals.iter().find_map(|it| message.strip_prefix(it));
    let Some((found, expected)) = refused.and_then(|it| it.split_once(", expected ")) else {
        return message.to_owned();
    };
    let expected = match expected {
        "a boolean" => "true or false",
        "a string" => "a text in quotes",
        "u32" | "usize" => "a whole number",
        "a nonzero usize" => "a whole number above 0",
        other => other,
    };
    // A text may have any character in it; what kind it is stands before it.
    let found = match (found.find(['`', '"']), found) {
        (Some(at), _) => found.get(at..).unwrap_or_default(),
        (None, "map") => "a table",
        (None, "sequence") => "a list",
        (None, other) => other,
    };
    format!("write {expected}, not {found}")
}

/// Lays `upper` over `lower`: tables key by key, everything else as a whole.
pub(in crate::config) fn merge<'i>(lower: &mut DeTable<'i>, upper: DeTable<'i>) {
    for (key, value) in upper {
        let span = value.span();
        match (lower.get_mut(&key).map(Spanned::get_mut), value.into_inner()) {
            (Some(DeValue::Table(below)), DeValue::Table(above)) => merge(below, above),
            (_, value) => drop(lower.insert(key, Spanned::new(span, value))),
        }
    }
}

/// Turns a merged table into what it stands for.
pub(in crate::config) fn build<T: DeserializeOwned>(table: DeTable<'_>) -> Result<T, Error> {
    T::deserialize(Deserializer::from(Spanned::new(0..0, table)))
}

/// Lists all settings of a table.
pub(in crate::config) fn leaves<'a>(table: &'a DeTable<'a>) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    collect(table, "", &mut found);
    found
}

fn collect<'a>(table: &'a DeTable<'a>, path: &str, found: &mut Vec<Leaf<'a>>) {
    for (key, value) in table {
        let path = joined(path, key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => collect(inner, &path, found),
            _ => found.push(Leaf { path, value }),
        }
    }
}

/// Returns what the defaults have in the place of a key. All contexts have the
/// settings of docker's `default` one, and actions have names of their own.
fn counterpart<'a>(known: &'a DeTable<'a>, path: &str, name: &str) -> Option<&'a DeValue<'a>> {
    match path {
        "keys" => Some(&DeValue::Boolean(true)),
        "contexts" => known.get("default").map(Spanned::get_ref),
        _ => known.get(name).map(Spanned::get_ref),
    }
}

fn suggestion(known: &DeTable<'_>, path: &str, name: &str) -> String {
    let names: Vec<&str> = known.keys().map(|it| it.get_ref().as_ref()).collect();
    match nearest(name, names.iter().copied()) {
        Some(meant) => format!("did you mean `{}`?", joined(path, meant)),
        None => format!("known here: {}", names.join(", ")),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
