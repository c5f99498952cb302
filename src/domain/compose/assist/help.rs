//! Help texts for the keys of stack files.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::OnceLock};

const TABLE: &str = include_str!("../../../../assets/help/compose.toml");

/// What is to be said about a key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// Sentences; the first stands for all where there is room for one.
    pub text: String,
    /// How a value is written.
    pub form: Option<String>,
    pub default: Option<String>,
    /// Values that there are, and what each means.
    #[serde(default)]
    pub words: Vec<(String, String)>,
    /// Whether it changes nothing when a stack is deployed.
    #[serde(default)]
    pub ignored: bool,
    /// The key whose keys are like those below it.
    like: Option<String>,
}

impl Help {
    /// Returns the first sentence, without its period.
    pub fn summary(&self) -> &str {
        let first = self.text.split_once(". ").map_or(self.text.as_str(), |it| it.0);
        first.trim_end_matches('.')
    }
}

/// Returns what there is to say about the key of a generic path, as
/// `services.*.deploy.mode`.
pub fn of(path: &str) -> Option<&'static Help> {
    if let Some(help) = table().get(path) {
        return Some(help);
    }
    let (parent, key) = path.rsplit_once('.')?;
    let like = table().get(parent)?.like.as_ref()?;
    table().get(&format!("{like}.{key}"))
}

/// Returns everything there is to say, by generic path; a test reads the table,
/// so that it is never empty.
pub fn table() -> &'static BTreeMap<String, Help> {
    static PARSED: OnceLock<BTreeMap<String, Help>> = OnceLock::new();
    PARSED.get_or_init(|| toml::from_str(TABLE).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compose::{
        assist::form::join,
        notices,
        schema::{
            ROOT,
            rule::{AllowedKeys, Rule, ValueFormat},
        },
    };
    use std::collections::BTreeSet;

    /// Collects the paths of all keys below a rule, with their rules.
    fn walk(rule: &'static Rule, path: &str, found: &mut Vec<(String, &'static Rule)>) {
        if let Some(items) = rule.items {
            walk(items, path, found);
        }
        let below: Vec<(&str, &'static Rule)> = match &rule.keys {
            AllowedKeys::Known(known) => known.keys.iter().map(|it| (it.0, it.2)).collect(),
            AllowedKeys::Named(rule, _) | AllowedKeys::Lower(rule) => vec![("*", *rule)],
            AllowedKeys::Free(_) | AllowedKeys::Open => Vec::new(),
        };
        for (key, rule) in below {
            let path = join(path, key);
            walk(rule, &path, found);
            found.push((path, rule));
        }
    }

    fn keys() -> Vec<(String, &'static Rule)> {
        let mut found = Vec::new();
        walk(&ROOT, "", &mut found);
        found
    }

    #[test]
    fn the_table_is_read() {
        assert_eq!(toml::from_str::<BTreeMap<String, Help>>(TABLE).err(), None);
    }

    #[test]
    fn each_key_has_a_text_and_each_text_a_key() {
        let keys: BTreeSet<String> = keys().into_iter().map(|it| it.0).collect();
        let mute: Vec<&String> = keys.iter().filter(|it| of(it).is_none()).collect();
        assert!(mute.is_empty(), "no text: {mute:?}");
        let vain: Vec<&String> = table().keys().filter(|it| !keys.contains(*it)).collect();
        assert!(vain.is_empty(), "no key: {vain:?}");
    }

    #[test]
    fn texts_are_sentences_that_fit_a_line() {
        for (path, help) in table() {
            assert!(help.text.ends_with('.') && help.text.len() <= 160, "{path}: {}", help.text);
            assert!(help.summary().len() <= 90, "{path}: {}", help.summary());
            assert!(help.words.iter().all(|it| it.1.len() <= 70), "{path}");
        }
    }

    #[test]
    fn what_is_ignored_is_what_findings_say() {
        let found = notices::without_effect();
        for (path, _) in keys() {
            let Some(key) = path.strip_prefix("services.*.").filter(|it| !it.contains('.')) else {
                continue;
            };
            let ignored = of(&path).unwrap().ignored;
            assert_eq!(ignored, found.contains(&key) || key == "depends_on", "{path}");
        }
    }

    #[test]
    fn words_of_the_schema_are_told() {
        for (path, rule) in keys() {
            let ValueFormat::Word(words) = rule.form else { continue };
            let mut told: Vec<&str> =
                of(&path).unwrap().words.iter().map(|it| it.0.as_str()).collect();
            told.sort_unstable();
            assert_eq!(told, words, "{path}");
        }
    }
}
