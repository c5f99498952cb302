//! What is typed while the document is still being read: it is held, and done once the text
//! is there.

use crate::tui::{
    event::Request,
    keymap::Action,
    screens::{
        Screen,
        editor::{Editor, State},
    },
    world::World,
};
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

impl Editor {
    /// Holds what was typed until the text is there; says so where that cannot be.
    pub(super) fn hold(&mut self, typed: Typed) -> Option<Request> {
        if !matches!(self.state, State::Unread | State::Reading) {
            return None;
        }
        // Nobody sees what would be deployed, taken or gone to.
        if matches!(&typed, Typed::Action(action) if !waits(*action)) {
            return Some(Request::problem("the file is still being read: press that again then"));
        }
        let bytes = match &typed {
            Typed::Text(text) => text.len(),
            Typed::Key(_) | Typed::Action(_) => 1,
        };
        if self.early.bytes + bytes > MOST_BYTES {
            let why = "the file is still being read: this is too much to hold until then";
            return Some(Request::problem(why));
        }
        self.early.bytes += bytes;
        self.early.typed.push(typed);
        None
    }

    /// Says whether what was typed waits for the text.
    pub(super) fn has_early(&self) -> bool {
        !self.early.typed.is_empty() && matches!(self.state, State::Unread | State::Reading)
    }

    /// Does what is held once the text is there, after what follows from its coming. Where
    /// it cannot be read there is nothing that it was meant for.
    pub(super) fn take_early(&mut self, world: &World, heard: Option<Request>) -> Option<Request> {
        if matches!(self.state, State::Unread | State::Reading) || self.early.typed.is_empty() {
            return heard;
        }
        let early = mem::take(&mut self.early);
        let mut requests: Vec<Request> = heard.into_iter().collect();
        for typed in early.typed {
            requests.extend(match typed {
                Typed::Key(key) => self.typed(world, key),
                Typed::Text(text) => self.pasted(world, &text),
                Typed::Action(action) => self.update(world, action),
            });
        }
        Some(Request::All(requests))
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
