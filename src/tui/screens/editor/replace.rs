//! Find and replace: one by one, or all.

use crate::{
    domain::text::count::counted,
    tui::{
        event::{Notice, Request},
        screens::editor::{
            seek::Sought,
            writing::{Change, Text, Writing},
        },
    },
};
use crossterm::event::KeyCode;

/// What comes in the place of what is sought; each place is asked about.
#[derive(Debug)]
pub struct Replacing {
    with: String,
    done: usize,
}

/// What is decided about a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    This,
    Next,
    All,
}

impl Decision {
    /// Returns what a key decides.
    pub fn of(key: KeyCode) -> Option<Self> {
        match key {
            KeyCode::Char('y') | KeyCode::Enter => Some(Self::This),
            KeyCode::Char('n') | KeyCode::Down => Some(Self::Next),
            KeyCode::Char('a') => Some(Self::All),
            _ => None,
        }
    }
}

impl Replacing {
    pub fn by(with: &str) -> Self {
        Self { with: with.to_owned(), done: 0 }
    }

    /// Says what is asked at the cursor.
    pub fn question(&self, sought: &Sought, writing: &Writing) -> String {
        let (count, nth) = sought.count(writing.text(), writing.at());
        let nth = nth.map_or(String::new(), |it| format!(" ({it} of {count})"));
        let with = match self.with.as_str() {
            "" => "nothing".to_owned(),
            with => format!("`{with}`"),
        };
        format!(
            "replace this `{}` by {with}?{nth}  <y>yes  <n>next  <a>all {count}  <esc>done",
            sought.typed
        )
    }

    /// Returns what replaces the place at a byte, or all of them, and counts it.
    pub fn replace(&mut self, sought: &Sought, text: &Text, only: Option<usize>) -> Vec<Change> {
        let changes = sought.replaced(text, &self.with, only);
        self.done += changes.len();
        changes
    }

    /// Says how much was replaced.
    pub fn said(&self) -> Request {
        let done = counted(self.done as u64, "place", "places");
        Request::Say(Notice::Done(format!("{done} replaced")))
    }
}
