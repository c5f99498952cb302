//! Pending changes: what of a stack is not deployed yet.

use crate::domain::{
    compose::difference::{Hunk, hunks, revert},
    project::{Inputs, Owner, Setting, SettingChange},
    text::mask::{HIDDEN, Secrecy},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A difference between what is applied and what would be, that can be discarded alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    pub field: Field,
    pub kind: PendingKind,
    /// What was applied, as it may be shown; nothing where it was not there.
    pub old: Option<String>,
    pub new: Option<String>,
    what: What,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A stretch of a compose file.
    Compose {
        file: String,
        /// From 1, in the text of now.
        line: usize,
        /// As `services.web.image`.
        path: String,
    },
    /// Labels that say where a service is found from outside.
    Route { file: String, line: usize, path: String },
    /// A value that the stack, or what it belongs to, sets.
    Override { owner: Owner, name: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PendingKind {
    Add,
    Update,
    Delete,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Text { file: String, hunk: Hunk },
    Setting(Box<SettingChange>),
}

/// What discarding a change writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    /// The file becomes this text; `None` where it was not there.
    Text {
        file: String,
        before: String,
        after: Option<String>,
    },
    Setting(Box<SettingChange>),
}

/// Compose files by name, and what was set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StackContent {
    pub files: BTreeMap<String, String>,
    pub inputs: Option<Inputs>,
}

/// Returns what differs between what is applied and what would be: files from top to
/// bottom, then settings from the outside in.
pub fn pending(applied: &StackContent, now: &StackContent) -> Vec<Pending> {
    let mut found = Vec::new();
    let mut names: Vec<&String> = applied.files.keys().chain(now.files.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let text = |version: &'_ StackContent| version.files.get(name).cloned().unwrap_or_default();
        let (old, new) = (text(applied), text(now));
        found.extend(hunks(&old, &new).into_iter().map(|hunk| of_text(name, &old, &new, hunk)));
    }
    if let Some(new) = &now.inputs {
        // What was deployed outside of a project knew of no settings.
        let nothing = Inputs { settings: BTreeMap::new(), ..new.clone() };
        let old = applied.inputs.as_ref().unwrap_or(&nothing);
        found.extend(old.changes(new).into_iter().map(of_setting));
    }
    found
}

impl Pending {
    /// Returns what discarding it writes, if both versions are those it was made of.
    pub fn undo(&self, applied: &StackContent, now: &StackContent) -> Undo {
        match &self.what {
            What::Setting(change) => Undo::Setting(change.clone()),
            What::Text { file, hunk } => {
                let text = |version: &StackContent| version.files.get(file).cloned();
                let (old, new) = (text(applied), text(now).unwrap_or_default());
                let after = old.map(|old| revert(&old, &new, hunk));
                Undo::Text { file: file.clone(), before: new, after }
            }
        }
    }

    /// Says where it is and what it is, as `compose web.yml:4 services.web.image`.
    pub fn title(&self) -> String {
        match &self.field {
            Field::Compose { file, line, path } => format!("compose {file}:{line} {path}"),
            Field::Route { file, line, path } => format!("route {file}:{line} {path}"),
            Field::Override { owner: Owner::Stack(_), name } => format!("override {name}"),
            Field::Override { owner, name } => {
                format!("override {name} of {} {owner}", owner.kind())
            }
        }
    }
}

impl Field {
    /// Returns the word for what it is.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Compose { .. } => "compose",
            Self::Route { .. } => "route",
            Self::Override { .. } => "override",
        }
    }
}

impl PendingKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn of<T>(old: Option<&T>, new: Option<&T>) -> Self {
        match (old, new) {
            (None, _) => Self::Add,
            (_, None) => Self::Delete,
            _ => Self::Update,
        }
    }
}

fn of_text(file: &str, old: &str, new: &str, hunk: Hunk) -> Pending {
    let part = |text: &str, lines: &std::ops::Range<usize>| {
        let lines: Vec<&str> = text.lines().skip(lines.start).take(lines.len()).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    let (was, is) = (part(old, &hunk.old), part(new, &hunk.new));
    let (line, path) = (hunk.new.start + 1, hunk.path.join("."));
    let is_route = was.iter().chain(&is).flat_map(|it| it.lines()).any(names_route);
    let file = file.to_owned();
    let field = match is_route {
        true => Field::Route { file: file.clone(), line, path },
        false => Field::Compose { file: file.clone(), line, path },
    };
    Pending {
        field,
        kind: PendingKind::of(was.as_ref(), is.as_ref()),
        old: was.as_deref().map(masked),
        new: is.as_deref().map(masked),
        what: What::Text { file, hunk },
    }
}

/// Tells whether a line is a label that skep makes a route of.
fn names_route(line: &str) -> bool {
    let label = line.trim_start_matches([' ', '-', '"', '\'']);
    label.starts_with("skep.expose") || label.starts_with("skep.http.")
}

/// Lines of a file that look secret are not shown.
fn masked(text: &str) -> String {
    let line = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let bare = name.trim_matches([' ', '-', '"', '\'']);
        let shown = Secrecy::Mask.value(bare, value);
        Some(format!("{name}: {shown}"))
    };
    let lines =
        text.lines().map(|it| line(it).unwrap_or_else(|| Secrecy::Mask.pair(it).into_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

fn of_setting(change: SettingChange) -> Pending {
    let name = change.name.name.clone();
    let shown = |setting: &Option<Setting>| {
        setting.as_ref().map(|it| match it {
            Setting::Plain(text) => Secrecy::Mask.value(&name, text).into_owned(),
            Setting::Secret(_) => HIDDEN.to_owned(),
        })
    };
    let field = Field::Override { owner: change.owner.clone(), name: change.name.to_string() };
    Pending {
        field,
        kind: PendingKind::of(change.old.as_ref(), change.new.as_ref()),
        old: shown(&change.old),
        new: shown(&change.new),
        what: What::Setting(Box::new(change)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::project::{SettingName, Settings, StackPath};

    const OLD: &str = "services:\n  web:\n    image: web:1\n    deploy:\n      replicas: 2\n";

    fn version(text: &str, tag: &str) -> StackContent {
        let path: StackPath = "shop/production/web".parse().unwrap();
        let mut settings = Settings::default();
        let name = SettingName::new(None, "TAG").unwrap();
        settings.set(&name, Some(Setting::Plain(tag.to_owned())));
        let settings = BTreeMap::from([(Owner::Stack(path.clone()), settings)]);
        StackContent {
            files: BTreeMap::from([("web.yml".to_owned(), text.to_owned())]),
            inputs: Some(Inputs { id: 1, path, settings }),
        }
    }

    fn titles(found: &[Pending]) -> Vec<String> {
        found.iter().map(|it| format!("{} {}", it.kind.word(), it.title())).collect()
    }

    #[test]
    fn changes_are_told_field_by_field() {
        let new = OLD.replace("web:1", "web:2").replace(
            "replicas: 2\n",
            "replicas: 2\n      labels:\n        skep.expose: \"true\"\n",
        );
        let found = pending(&version(OLD, "1"), &version(&new, "2"));
        assert_eq!(
            titles(&found),
            [
                "update compose web.yml:3 services.web.image",
                "add route web.yml:6 services.web.deploy.labels",
                "update override TAG"
            ]
        );
        assert_eq!(found[0].old.as_deref(), Some("    image: web:1"));
        assert_eq!(found[2].new.as_deref(), Some("2"));
        assert!(pending(&version(OLD, "1"), &version(OLD, "1")).is_empty());
    }

    #[test]
    fn one_is_discarded_and_the_others_stay() {
        let new = OLD.replace("web:1", "web:2").replace("replicas: 2", "replicas: 3");
        let (applied, now) = (version(OLD, "1"), version(&new, "1"));
        let found = pending(&applied, &now);
        let Undo::Text { after: Some(after), .. } = found[0].undo(&applied, &now) else {
            panic!("{found:?}");
        };
        assert_eq!(after, OLD.replace("replicas: 2", "replicas: 3"));
        assert_eq!(titles(&pending(&applied, &version(&after, "1"))).len(), 1);
    }

    #[test]
    fn a_line_that_looks_secret_is_not_shown() {
        let new = OLD.replace(
            "    deploy:",
            "    environment:\n      DB_PASSWORD: hunter2\n      - API_TOKEN=hunter2\n    deploy:",
        );
        let found = pending(&version(OLD, "1"), &version(&new, "1"));
        assert!(!format!("{:?}", found[0].new).contains("hunter2"));
    }
}
