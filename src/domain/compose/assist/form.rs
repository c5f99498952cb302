//! Schema lookup for an entry of an outline.

use crate::domain::compose::{
    assist::outline::{Outline, Step},
    schema::{
        ROOT, Version,
        rule::{Keys, Rule},
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
    pub fn of(outline: &Outline<'_>, entry: Option<usize>) -> Option<Self> {
        let mut form = Self { rule: &ROOT, path: String::new() };
        let steps: Vec<&Step<'_>> = outline.upwards(entry).map(|it| &it.step).collect();
        for step in steps.into_iter().rev() {
            form = form.behind(step)?;
        }
        Some(form)
    }

    fn behind(self, step: &Step<'_>) -> Option<Self> {
        let Step::Key(key) = step else {
            return Some(Self { rule: self.rule.items?, path: self.path });
        };
        let (rule, name) = match &self.rule.keys {
            Keys::Known(known) => {
                let key = known.keys.iter().find(|it| it.0 == key)?;
                (key.2, key.0)
            }
            Keys::Named(rule, _) | Keys::Free(rule) | Keys::Lower(rule) => (*rule, "*"),
            Keys::Open => return None,
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
pub fn version(outline: &Outline<'_>) -> Version {
    let written = outline.child(None, "version").map(|it| outline.value(it));
    written.and_then(Version::parse).unwrap_or(Version::NEWEST)
}
