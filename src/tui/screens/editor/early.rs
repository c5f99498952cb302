//! Type-ahead: keys that are typed while the document is still being read.

use crate::tui::keymap::Action;
use crossterm::event::KeyEvent;
use std::mem;

/// What is held, the oldest first.
#[derive(Debug, Default)]
pub struct Early {
    typed: Vec<Typed>,
    bytes: usize,
}

/// Something that was typed, in one of the ways a screen is told.
#[derive(Debug)]
pub enum Typed {
    Key(KeyEvent),
    Text(String),
    Action(Action),
}

/// So much is held; a key counts as one byte.
const MOST_BYTES: usize = 1 << 20;

impl Early {
    /// Holds what was typed until the text is there, or says why it cannot be held.
    pub fn hold(&mut self, typed: Typed) -> Result<(), &'static str> {
        // Nobody sees what would be deployed, taken or gone to.
        if matches!(&typed, Typed::Action(action) if !waits(*action)) {
            return Err("the file is still being read: press that again in a moment");
        }
        let bytes = match &typed {
            Typed::Text(text) => text.len(),
            Typed::Key(_) | Typed::Action(_) => 1,
        };
        if self.bytes + bytes > MOST_BYTES {
            return Err("the file is still being read: this is too much to type before that");
        }
        self.bytes += bytes;
        self.typed.push(typed);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// Returns what is held, the oldest first, and holds it no more.
    pub fn take(&mut self) -> Vec<Typed> {
        mem::take(self).typed
    }
}

/// Returns whether an action is about the text alone, or saves it.
fn waits(action: Action) -> bool {
    matches!(
        action,
        Action::Save
            | Action::Undo
            | Action::Redo
            | Action::Comment
            | Action::DuplicateLine
            | Action::EraseLine
            | Action::EraseToEnd
            | Action::MoveLineUp
            | Action::MoveLineDown
            | Action::SelectAll
            | Action::SelectNext
            | Action::SelectPrev
            | Action::CutText
            | Action::PasteText
            | Action::Fold
            | Action::FoldAll
    )
}
