//! The ways out of the editor.

use crate::tui::screens::editor::writing::Writing;

/// What the key before did on the way out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WayOut {
    /// It was for something else.
    #[default]
    None,
    /// It closed the offers that stood at a byte: whoever writes goes on writing.
    ClosedOffers(usize),
    /// It closed something else.
    Closed,
    /// It said that the next one leaves.
    Warned,
}

/// What is done once the text is saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum After {
    #[default]
    Nothing,
    Deploy,
    Leave,
}

/// Returns the command that was typed into a text behind offers that were closed at a
/// byte; the whole of it has to be one.
pub fn reflex(writing: &Writing, closed: usize) -> Option<&str> {
    let typed = writing.text().as_str().get(closed..writing.at())?;
    typed.strip_prefix(':').filter(|it| REFLEXES.contains(it))
}

/// What is a command where it is typed behind closed offers.
const REFLEXES: &[&str] = &["w", "wq", "x", "q", "q!", "wq!", "x!", "qa", "qa!", "wqa", "e!"];
