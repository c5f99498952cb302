//! Key bindings: which key does what, and where.

use crate::tui::keymap::{action::Action, key::Key};
use std::collections::BTreeMap;

/// Where a binding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Every screen that takes no text.
    Anywhere,
    /// Tables and trees.
    List,
    Logs,
    /// Pages of text to scroll: describe, spec, help, plan.
    Page,
    /// Values to fill in.
    Form,
    Editor,
    /// A question, a menu.
    Dialog,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub context: Context,
    pub key: Key,
    pub action: Action,
}

/// The bindings in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// The default keys, those of k9s where it has one. A row may name several;
/// the first is the one shown.
#[rustfmt::skip]
const DEFAULTS: &[(Context, Action, &[&str])] = &[
    (Context::Dialog,   Action::Confirm,      &["y", "enter"]),
    (Context::Dialog,   Action::Dismiss,      &["n", "esc"]),
    (Context::Dialog,   Action::SelectNext,   &["j", "down"]),
    (Context::Dialog,   Action::SelectPrev,   &["k", "up"]),
    (Context::Editor,   Action::Save,         &["ctrl-s"]),
    (Context::Editor,   Action::Command,      &["ctrl-p", "alt-x", "alt-:"]),
    (Context::Editor,   Action::Leave,        &["ctrl-q"]),
    (Context::Editor,   Action::Deploy,       &["f5", "ctrl-t"]),
    (Context::Editor,   Action::PlanBeside,   &["f6", "ctrl-l"]),
    (Context::Editor,   Action::Findings,     &["f7", "alt-f"]),
    (Context::Editor,   Action::NextFinding,  &["f8", "ctrl-n"]),
    (Context::Editor,   Action::PrevFinding,  &["shift-f8", "alt-n"]),
    (Context::Editor,   Action::Fix,         &["f9", "alt-enter"]),
    (Context::Editor,   Action::FixAll,      &["shift-f9", "alt-m"]),
    (Context::Editor,   Action::Meaning,      &["f2", "alt-e"]),
    (Context::Editor,   Action::Complete,     &["ctrl-space", "alt-/"]),
    (Context::Editor,   Action::Search,       &["ctrl-f"]),
    (Context::Editor,   Action::Replace,      &["f4", "alt-r"]),
    (Context::Editor,   Action::Back,         &["esc"]),
    (Context::Editor,   Action::GoToService,  &["ctrl-g"]),
    (Context::Editor,   Action::Fold,         &["ctrl-o"]),
    (Context::Editor,   Action::FoldAll,      &["alt-o"]),
    (Context::Editor,   Action::Compare,      &["f10", "alt-d"]),
    (Context::Editor,   Action::Undo,         &["ctrl-z"]),
    (Context::Editor,   Action::Redo,         &["ctrl-y"]),
    (Context::Editor,   Action::NextMatch,    &["f3", "alt-."]),
    (Context::Editor,   Action::PrevMatch,    &["shift-f3", "alt-,"]),
    (Context::Editor,   Action::Comment,      &["ctrl-/", "alt-c"]),
    (Context::Editor,   Action::DuplicateLine, &["ctrl-d"]),
    (Context::Editor,   Action::MoveLineUp,   &["alt-up"]),
    (Context::Editor,   Action::MoveLineDown, &["alt-down"]),
    (Context::Editor,   Action::EraseLine,    &["alt-k"]),
    (Context::Editor,   Action::EraseToEnd,   &["ctrl-k"]),
    (Context::Editor,   Action::SelectAll,    &["ctrl-a"]),
    (Context::Editor,   Action::CopyText,     &["ctrl-c"]),
    (Context::Editor,   Action::CutText,      &["ctrl-x"]),
    (Context::Editor,   Action::PasteText,    &["ctrl-v"]),
    (Context::Editor,   Action::OwnEditor,    &["ctrl-e"]),
    (Context::Editor,   Action::Refresh,      &["ctrl-r"]),
    (Context::Editor,   Action::Help,         &["f1", "alt-h"]),
    (Context::List,     Action::Open,         &["enter"]),
    (Context::List,     Action::Logs,         &["l"]),
    (Context::List,     Action::Describe,     &["d"]),
    (Context::List,     Action::Edit,         &["e"]),
    (Context::List,     Action::Scale,        &["s"]),
    (Context::List,     Action::Restart,      &["r"]),
    (Context::List,     Action::RollBack,     &["b"]),
    (Context::List,     Action::Releases,     &["v"]),
    (Context::List,     Action::Deploy,       &["shift-d", "f5", "ctrl-t"]),
    (Context::List,     Action::Variables,    &["i"]),
    (Context::List,     Action::Changes,      &["m"]),
    (Context::List,     Action::Spec,         &["y"]),
    (Context::List,     Action::Availability, &["a"]),
    (Context::List,     Action::Remove,       &["ctrl-d"]),
    (Context::List,     Action::PauseJob,     &["p"]),
    (Context::List,     Action::CancelJob,    &["x"]),
    (Context::List,     Action::Mark,         &["space"]),
    (Context::List,     Action::ClearMarks,   &["ctrl-\\"]),
    (Context::List,     Action::Fold,         &["o"]),
    (Context::List,     Action::FaultsOnly,   &["f"]),
    (Context::List,     Action::SortName,     &["shift-n"]),
    (Context::List,     Action::SortAge,      &["shift-a"]),
    (Context::List,     Action::SortState,    &["shift-s"]),
    (Context::List,     Action::SortImage,    &["shift-i"]),
    (Context::List,     Action::SortNext,     &["shift-o"]),
    (Context::List,     Action::SortReverse,  &["shift-r"]),
    (Context::Logs,     Action::Follow,       &["s"]),
    (Context::Logs,     Action::Search,       &["ctrl-f"]),
    (Context::Logs,     Action::NextMatch,    &["n"]),
    (Context::Logs,     Action::PrevMatch,    &["shift-n"]),
    (Context::Logs,     Action::Wrap,         &["w"]),
    (Context::Logs,     Action::Timestamps,   &["t"]),
    (Context::Logs,     Action::Colors,       &["a"]),
    (Context::Logs,     Action::Since0,       &["0"]),
    (Context::Logs,     Action::Since1,       &["1"]),
    (Context::Logs,     Action::Since2,       &["2"]),
    (Context::Logs,     Action::Since3,       &["3"]),
    (Context::Logs,     Action::Since4,       &["4"]),
    (Context::Logs,     Action::Since5,       &["5"]),
    (Context::Logs,     Action::Since6,       &["6"]),
    (Context::Logs,     Action::Since7,       &["7"]),
    (Context::Logs,     Action::Since8,       &["8"]),
    (Context::Logs,     Action::Since9,       &["9"]),
    (Context::Logs,     Action::Moment,       &["@"]),
    (Context::Page,     Action::Deploy,       &["f5", "ctrl-t"]),
    (Context::Page,     Action::RerunJobs,    &["r"]),
    (Context::Page,     Action::PauseJob,     &["p"]),
    (Context::Page,     Action::CancelJob,    &["x"]),
    (Context::Page,     Action::RollBack,     &["b"]),
    (Context::Page,     Action::Fold,         &["enter", "o"]),
    (Context::Page,     Action::FoldAll,      &["shift-o"]),
    (Context::Page,     Action::Discard,      &["ctrl-d"]),
    (Context::Page,     Action::Search,       &["/"]),
    (Context::Page,     Action::NextMatch,    &["n"]),
    (Context::Page,     Action::PrevMatch,    &["shift-n"]),
    (Context::Page,     Action::Spec,         &["y"]),
    (Context::Page,     Action::Describe,     &["d"]),
    (Context::Page,     Action::Logs,         &["l"]),
    (Context::Page,     Action::Wrap,         &["w"]),
    (Context::Form,     Action::ChangeValue,  &["enter", "e"]),
    (Context::Form,     Action::MakeStack,    &["f5", "ctrl-t"]),
    (Context::Form,     Action::TakeDefault,  &["ctrl-d"]),
    (Context::Anywhere, Action::Filter,       &["/"]),
    (Context::Anywhere, Action::Command,      &[":"]),
    (Context::Anywhere, Action::Zoom,         &["z"]),
    (Context::Anywhere, Action::FocusNext,    &["tab"]),
    (Context::Anywhere, Action::FocusPrev,    &["shift-tab"]),
    (Context::Anywhere, Action::Copy,         &["c"]),
    (Context::Anywhere, Action::CopyMenu,     &["shift-c"]),
    (Context::Anywhere, Action::Dump,         &["shift-w"]),
    (Context::Anywhere, Action::SelectNext,   &["j", "down"]),
    (Context::Anywhere, Action::SelectPrev,   &["k", "up"]),
    (Context::Anywhere, Action::PageDown,     &["pgdn", "ctrl-f"]),
    (Context::Anywhere, Action::PageUp,       &["pgup", "ctrl-b"]),
    (Context::Anywhere, Action::First,        &["g", "home"]),
    (Context::Anywhere, Action::Last,         &["shift-g", "end"]),
    (Context::Anywhere, Action::Left,         &["left", "h"]),
    (Context::Anywhere, Action::Right,        &["right"]),
    (Context::Anywhere, Action::Refresh,      &["ctrl-r"]),
    (Context::Anywhere, Action::Back,         &["esc"]),
    (Context::Anywhere, Action::Previous,     &["-"]),
    (Context::Anywhere, Action::Overview,     &["!"]),
    (Context::Anywhere, Action::Help,         &["?"]),
    (Context::Anywhere, Action::Suspend,      &["ctrl-z"]),
    (Context::Anywhere, Action::Quit,         &["q", "ctrl-c"]),
];

/// Why the `[keys]` of a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    #[error("[keys] names `{name}`, which is not an action{}", .nearest.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default())]
    UnknownAction { name: String, nearest: Option<&'static str> },
    #[error("[keys] {action}: {why}")]
    BadKey { action: &'static str, why: String },
    #[error("[keys] `{key}` means both `{first}` and `{second}` in the same place")]
    Duplicate { key: String, first: &'static str, second: &'static str },
}

impl Default for Keymap {
    fn default() -> Self {
        let rows = DEFAULTS.iter().flat_map(|(context, action, keys)| {
            let keys = keys.iter().filter_map(|it| it.parse().ok());
            keys.map(|key| Binding { context: *context, key, action: *action })
        });
        Self { bindings: rows.collect() }
    }
}

impl Keymap {
    /// Puts the keys of a configuration, by action name, in place of the
    /// defaults of that action. An empty list takes its keys away.
    pub fn remapped(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        for (name, keys) in changes {
            let action = Action::from_name(name).ok_or_else(|| unknown(name))?;
            let keys: Vec<Key> = keys
                .iter()
                .map(|it| it.parse().map_err(|err| bad_key(action, &err)))
                .collect::<Result<_, _>>()?;
            keymap.rebind(action, &keys);
        }
        keymap.refuse_duplicates()?;
        Ok(keymap)
    }

    /// Returns what a key means in a context.
    pub fn resolve(&self, context: Context, key: Key) -> Option<Action> {
        self.reachable(context).find(|it| it.key == key).map(|it| it.action)
    }

    /// Returns the bindings that count in a context, nearest first.
    pub fn reachable(&self, context: Context) -> impl Iterator<Item = &Binding> {
        let own = self.bindings.iter().filter(move |it| it.context == context);
        let rest = self
            .bindings
            .iter()
            .filter(move |it| falls_through(context) && it.context == Context::Anywhere);
        own.chain(rest)
    }

    /// Returns the key to show for an action in a context.
    pub fn key_for(&self, context: Context, action: Action) -> Option<Key> {
        self.reachable(context)
            .find(|it| it.action == action && self.resolve(context, it.key) == Some(action))
            .map(|it| it.key)
    }

    /// Returns every binding, in the order of the table.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    fn rebind(&mut self, action: Action, keys: &[Key]) {
        let mut contexts: Vec<Context> =
            DEFAULTS.iter().filter(|it| it.1 == action).map(|it| it.0).collect();
        if contexts.is_empty() {
            contexts.push(Context::Anywhere);
        }
        for context in contexts {
            let old = |it: &Binding| it.action == action && it.context == context;
            // It keeps its place in the footer and the help.
            let at = self.bindings.iter().position(old).unwrap_or(self.bindings.len());
            self.bindings.retain(|it| !old(it));
            let new = keys.iter().map(|&key| Binding { context, key, action });
            self.bindings.splice(at..at, new);
        }
    }

    fn refuse_duplicates(&self) -> Result<(), KeymapError> {
        for (index, one) in self.bindings.iter().enumerate() {
            let same = |it: &&Binding| {
                it.context == one.context && it.key == one.key && it.action != one.action
            };
            if let Some(other) = self.bindings.iter().skip(index + 1).find(same) {
                return Err(KeymapError::Duplicate {
                    key: one.key.to_string(),
                    first: one.action.name(),
                    second: other.action.name(),
                });
            }
        }
        Ok(())
    }
}

/// Text and questions take every key for themselves.
fn falls_through(context: Context) -> bool {
    !matches!(context, Context::Dialog | Context::Editor)
}

fn unknown(name: &str) -> KeymapError {
    let nearest =
        Action::ALL.iter().map(|it| it.name()).find(|it| it.contains(name) || name.contains(it));
    KeymapError::UnknownAction { name: name.to_owned(), nearest }
}

fn bad_key(action: Action, err: &impl ToString) -> KeymapError {
    KeymapError::BadKey { action: action.name(), why: err.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remap(rows: &[(&str, &[&str])]) -> Result<Keymap, KeymapError> {
        let own = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
        Keymap::remapped(&rows.iter().map(|(name, keys)| ((*name).to_owned(), own(keys))).collect())
    }

    #[test]
    fn every_default_is_a_key_and_no_two_clash() {
        let written: usize = DEFAULTS.iter().map(|it| it.2.len()).sum();
        let keymap = Keymap::default();
        assert_eq!(keymap.bindings.len(), written);
        assert_eq!(keymap.refuse_duplicates(), Ok(()));
    }

    #[test]
    fn ctrl_r_never_changes_anything() {
        let key: Key = "ctrl-r".parse().unwrap();
        for context in [
            Context::Anywhere,
            Context::List,
            Context::Logs,
            Context::Page,
            Context::Form,
            Context::Editor,
            Context::Dialog,
        ] {
            assert!(!Keymap::default().resolve(context, key).is_some_and(Action::dangerous));
        }
    }

    #[test]
    fn a_key_of_the_configuration_replaces_the_default() {
        let keymap = remap(&[("restart", &["f7"])]).unwrap();
        assert_eq!(keymap.resolve(Context::List, "f7".parse().unwrap()), Some(Action::Restart));
        assert_eq!(keymap.resolve(Context::List, "r".parse().unwrap()), None);
    }

    #[test]
    fn two_meanings_of_one_key_are_refused_by_name() {
        let err = remap(&[("restart", &["s"])]).unwrap_err().to_string();
        assert!(err.contains("`s`") && err.contains("scale") && err.contains("restart"), "{err}");
    }

    #[test]
    fn what_is_no_action_or_no_key_is_refused_by_name() {
        assert!(remap(&[("restrat", &["r"])]).unwrap_err().to_string().contains("restrat"));
        assert!(remap(&[("restart", &["hyper-r"])]).unwrap_err().to_string().contains("hyper-r"));
    }
}
