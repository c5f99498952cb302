//! Editor commands after `:`: its actions by name.

use crate::tui::{
    keymap::{Action, Context},
    vi,
};

/// A name, what it does, and the word about it.
const ROWS: &[(&str, Action)] = &[
    ("deploy", Action::Deploy),
    ("plan", Action::PlanBeside),
    ("save", Action::Save),
    ("findings", Action::Findings),
    ("next", Action::NextFinding),
    ("previous", Action::PrevFinding),
    ("fix", Action::Fix),
    ("mend", Action::Fix),
    ("fix-all", Action::FixAll),
    ("mend-all", Action::FixAll),
    ("explain", Action::Meaning),
    ("complete", Action::Complete),
    ("find", Action::Search),
    ("next-match", Action::NextMatch),
    ("previous-match", Action::PrevMatch),
    ("replace", Action::Replace),
    ("compare", Action::Compare),
    ("service", Action::GoToService),
    ("fold", Action::Fold),
    ("fold-all", Action::FoldAll),
    ("undo", Action::Undo),
    ("redo", Action::Redo),
    ("comment", Action::Comment),
    ("duplicate", Action::DuplicateLine),
    ("vi", Action::OwnEditor),
    ("help", Action::Help),
];

/// Short names that hands know.
const SHORT: &[(&str, Action)] = &[
    ("d", Action::Deploy),
    ("p", Action::PlanBeside),
    ("f", Action::Fix),
    ("u", Action::Undo),
    ("red", Action::Redo),
    ("h", Action::Help),
];

/// Returns what a name does in the editor.
pub fn action(typed: &str) -> Option<Action> {
    let named = ROWS.iter().chain(SHORT).find(|it| it.0 == typed);
    named.map(|it| it.1).or_else(|| Action::from_name(typed).filter(|it| of_editor(*it)))
}

/// Returns the names that begin so, in the order of their use.
pub fn complete(typed: &str) -> Vec<String> {
    let names = ROWS.iter().map(|it| it.0).chain(vi::NAMES.iter().map(|it| it.0));
    names.filter(|it| it.starts_with(typed)).map(ToOwned::to_owned).collect()
}

/// Returns what a name means in the editor.
pub fn about(name: &str) -> Option<&'static str> {
    let file = || vi::NAMES.iter().find(|it| it.0 == name).map(|it| it.1);
    ROWS.iter().find(|it| it.0 == name).map(|it| it.1.help()).or_else(file)
}

/// Returns every name that counts in a text, with a line about it; none elsewhere.
pub fn all(context: Context) -> Vec<(String, String)> {
    if context != Context::Editor {
        return Vec::new();
    }
    let keys = ROWS.iter().map(|it| (it.0.to_owned(), it.1.help().to_owned()));
    keys.chain(vi::NAMES.iter().map(|it| (it.0.to_owned(), it.1.to_owned()))).collect()
}

/// Names of the keymap that count in a text only.
fn of_editor(action: Action) -> bool {
    matches!(
        action,
        Action::PlanBeside
            | Action::NextFinding
            | Action::PrevFinding
            | Action::PrevMatch
            | Action::GoToService
            | Action::DuplicateLine
            | Action::MoveLineUp
            | Action::MoveLineDown
            | Action::EraseLine
            | Action::EraseToEnd
            | Action::SelectAll
            | Action::CopyText
            | Action::CutText
            | Action::PasteText
            | Action::OwnEditor
            | Action::Meaning
    )
}
