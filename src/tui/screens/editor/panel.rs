//! The side panel of the editor.

use crate::{
    domain::compose::assist::{Hint, KnownNode, hover_among},
    tui::screens::editor::{
        folds::Folds,
        writing::{Writing, indentation},
    },
};
use crossterm::event::KeyCode;

/// A panel, and whether keys go there.
#[derive(Debug, Default)]
pub struct Panel {
    pub shown: PanelContent,
    pub focused: bool,
    /// The row that is selected, where there are any.
    pub row: usize,
    /// What is known about a place of a version of the text.
    meaning: Option<((u64, usize), Option<Hint>)>,
}

/// What a panel shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PanelContent {
    #[default]
    Nothing,
    /// All findings.
    Findings,
    /// What the place of the cursor means.
    Meaning,
    /// What deploying the text would do.
    Plan,
    /// What differs from another text.
    Difference,
}

impl Panel {
    /// Opens a panel; keys go there at once, or to the text.
    pub fn of(shown: PanelContent, focused: bool) -> Self {
        Self { shown, focused, ..Self::default() }
    }

    /// Opens a panel that takes keys; goes there where it is open, closes it from there.
    pub fn toggle(&mut self, shown: PanelContent) {
        *self = match self.shown == shown {
            true if self.focused => Self::default(),
            _ => Self::of(shown, true),
        };
    }

    /// Leaves the panel: first with the keys, then altogether. Returns whether there was
    /// one.
    pub fn close(&mut self) -> bool {
        let open = self.shown != PanelContent::Nothing;
        if self.focused && self.shown == PanelContent::Plan {
            self.focused = false;
        } else {
            *self = Self::default();
        }
        open
    }

    /// Goes to the text with a key; returns whether the key was for that alone.
    pub fn leave(&mut self, code: KeyCode) -> bool {
        self.focused = false;
        matches!(code, KeyCode::Enter | KeyCode::Tab)
    }

    /// Returns the row that keys move.
    pub fn selected(&self) -> Option<usize> {
        self.focused.then_some(self.row)
    }

    /// Finds what the place of the cursor means, where that is looked at.
    pub fn look_up(&mut self, writing: &Writing, folds: &Folds, version: u64, nodes: &[KnownNode]) {
        let (text, at) = (writing.text().as_str(), writing.at());
        let key = (version, at);
        let known = self.meaning.as_ref().is_some_and(|it| it.0 == key);
        if self.shown != PanelContent::Meaning || known {
            return;
        }
        // Between the lines it is what is around that matters.
        let around = || {
            let line = folds.head(writing.line())?;
            let start = writing.text().start(line);
            let blanks = indentation(writing.text().line(line)).len();
            hover_among(text, start + blanks, nodes)
        };
        self.meaning = Some((key, hover_among(text, at, nodes).or_else(around)));
    }

    /// Returns what is known about the place of the cursor.
    pub fn meaning(&self) -> Option<&Hint> {
        self.meaning.as_ref()?.1.as_ref()
    }
}
