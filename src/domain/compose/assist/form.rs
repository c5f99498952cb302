//! Schema lookup for an entry of an outline.

use crate::domain::compose::{
    assist::outline::{PathStep, YamlOutline},
    schema::{
        FileVersion, ROOT,
        rule::{AllowedKeys, Rule},
    },
};

/// The rule for the value of an entry, and the generic path to it.
#[derive(Debug, Clone)]
pub struct Form {
    pub rule: &'static Rule,
    /// Keys, with `*` for names that the file gives; items have no step of their own.
    pub path: String,
}

impl Form {
    /// Returns the form of an entry's value, or of the whole file; `None` where the
    /// schema has no such key.
    pub fn of(outline: &YamlOutline<'_>, entry: Option<usize>) -> Option<Self> {
        let mut form = Self { rule: &ROOT, path: String::new() };
        let steps: Vec<&PathStep<'_>> = outline.upwards(entry).map(|it| &it.step).collect();
        for step in steps.into_iter().rev() {
            form = form.behind(step)?;
        }
        Some(form)
    }

    fn behind(self, step: &PathStep<'_>) -> Option<Self> {
        let PathStep::Key(key) = step else {
            return Some(Self { rule: self.rule.items?, path: self.path });
        };
        let (rule, name) = match &self.rule.keys {
            AllowedKeys::Known(known) => {
                let key = known.keys.iter().find(|it| it.0 == key)?;
                (key.2, key.0)
            }
            AllowedKeys::Named(rule, _) | AllowedKeys::Free(rule) | AllowedKeys::Lower(rule) => {
                (*rule, "*")
            }
            AllowedKeys::Open => return None,
        };
        Some(Self { rule, path: join(&self.path, name) })
    }
}

/// Returns the path to a key of what a path leads to.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Returns the version that a file is of; the newest where it does not say, or
/// names none that there is.
pub fn version(outline: &YamlOutline<'_>) -> FileVersion {
    let written = outline.child(None, "version").map(|it| outline.value(it));
    written.and_then(FileVersion::parse).unwrap_or(FileVersion::NEWEST)
}
