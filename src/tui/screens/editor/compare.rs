//! Comparison of the text with the file, the last release, or another person's text.

use crate::{
    domain::compose::difference::{Hunk, hunks, revert},
    tui::screens::editor::writing::{Change, Text, indentation},
};
use crossterm::event::KeyCode;

/// A text that this one is compared with.
#[derive(Debug, Default)]
pub struct Compared {
    /// What the other text is called.
    pub with: String,
    pub old: String,
    pub hunks: Vec<Hunk>,
    /// The version that `hunks` are of.
    version: u64,
    /// How many keys had been pressed when it was asked for.
    pub asked: u64,
}

impl Compared {
    /// Holds a text against another one; returns whether anything differs.
    pub fn compare(&mut self, with: &str, old: String, text: &Text, version: u64) -> bool {
        let hunks = hunks(&old, text.as_str());
        let differs = !hunks.is_empty();
        if differs {
            let (asked, with) = (self.asked, with.to_owned());
            *self = Self { with, old, hunks, version, asked };
        }
        differs
    }

    /// Finds what differs now; returns whether the text was another one before.
    pub fn follow(&mut self, text: &Text, version: u64) -> bool {
        let moved = self.version != version;
        if moved {
            self.hunks = hunks(&self.old, text.as_str());
            self.version = version;
        }
        moved
    }

    /// Returns a row of the list, the last one where it has fewer, and where it leads.
    pub fn row(&self, row: usize, text: &Text) -> Option<(usize, usize)> {
        let row = row.min(self.hunks.len().checked_sub(1)?);
        let line = self.hunks[row].new.start;
        Some((row, text.start(line) + indentation(text.line(line)).len()))
    }

    /// Returns what puts a part back to what it is in the other text.
    pub fn taken_back(&self, row: usize, text: &Text) -> Option<Change> {
        let now = text.as_str();
        Change::between(now, &revert(&self.old, now, self.hunks.get(row)?))
    }
}

/// Returns the row of the list that a key leads to from another one.
pub fn row_of(key: KeyCode, row: usize) -> Option<usize> {
    match key {
        KeyCode::Up => Some(row.saturating_sub(1)),
        KeyCode::Down => Some(row + 1),
        KeyCode::Home => Some(0),
        KeyCode::End => Some(usize::MAX),
        _ => None,
    }
}
