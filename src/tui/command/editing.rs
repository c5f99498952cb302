//! What can be typed after `:` in the editor: its keys by name.

use crate::tui::keymap::Action;

/// A name, what it does, and the word about it.
const ROWS: &[(&str, Action)] = &[
    ("deploy", Action::Deploy),
    ("plan", Action::PlanBeside),
    ("save", Action::Save),
    ("findings", Action::Findings),
    ("next", Action::NextFinding),
    ("previous", Action::PrevFinding),
    ("fix", Action::Mend),
    ("mend", Action::Mend),
    ("fix-all", Action::MendAll),
    ("mend-all", Action::MendAll),
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
    ("f", Action::Mend),
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
    let begun = ROWS.iter().filter(|it| it.0.starts_with(typed));
    begun.map(|it| it.0.to_owned()).collect()
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
            | Action::SelectAll
            | Action::CopyText
            | Action::CutText
            | Action::PasteText
            | Action::OwnEditor
            | Action::Meaning
    )
}
