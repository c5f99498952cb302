//! What stands beside the text: one thing at a time.

use crate::{
    domain::compose::assist::{Hint, hover_among},
    tui::{event::Request, keymap::Action, screens::editor::Editor},
};
use crossterm::event::{KeyCode, KeyEvent};

/// A panel, and whether keys go there.
#[derive(Debug, Default)]
pub struct Panel {
    pub shown: Shown,
    pub focused: bool,
    /// The row that is selected, where there are any.
    pub row: usize,
    /// What is known about a place of a version of the text.
    meaning: Option<((u64, usize), Option<Hint>)>,
}

/// What a panel shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Shown {
    #[default]
    Nothing,
    /// All findings.
    Findings,
    /// What the place of the cursor means.
    Meaning,
}

impl Panel {
    /// Opens a panel that takes keys; goes there where it is open, closes it from there.
    fn toggle(&mut self, shown: Shown) {
        *self = match self.shown == shown {
            true if self.focused => Self::default(),
            _ => Self { shown, focused: true, ..Self::default() },
        };
    }
}

impl Editor {
    pub(super) fn show_panel(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::Findings => {
                self.panel.toggle(Shown::Findings);
                if self.panel.focused {
                    self.select_remark(self.listed_here().unwrap_or(0));
                }
            }
            Action::Meaning if self.panel.shown == Shown::Meaning => self.panel = Panel::default(),
            Action::Meaning => {
                self.panel = Panel { shown: Shown::Meaning, ..Panel::default() };
            }
            _ => {}
        }
        None
    }

    /// Finds what the place of the cursor means, where that is looked at.
    pub(super) fn look_up(&mut self) {
        let (text, at) = (self.writing.text().as_str(), self.writing.at());
        let key = (self.version, at);
        let known = self.panel.meaning.as_ref().is_some_and(|it| it.0 == key);
        if self.panel.shown != Shown::Meaning || known {
            return;
        }
        let nodes = self.facts.as_ref().map(|it| it.known.nodes.as_slice()).unwrap_or_default();
        self.panel.meaning = Some((key, hover_among(text, at, nodes)));
    }

    /// Returns what is known about the place of the cursor.
    pub(super) fn meaning(&self) -> Option<&Hint> {
        self.panel.meaning.as_ref()?.1.as_ref()
    }

    /// Takes the keys of the panel; returns whether it was one.
    pub(super) fn press_panel(&mut self, key: KeyEvent) -> bool {
        if !self.panel.focused {
            return false;
        }
        match (&self.panel.shown, key.code) {
            (Shown::Findings, KeyCode::Up) => self.select_remark(self.panel.row.saturating_sub(1)),
            (Shown::Findings, KeyCode::Down) => self.select_remark(self.panel.row + 1),
            (_, KeyCode::Enter | KeyCode::Tab) => self.panel.focused = false,
            _ => {
                // Whoever writes is in the text.
                self.panel.focused = false;
                return false;
            }
        }
        true
    }

    /// Leaves the panel; returns whether there was one.
    pub(super) fn close_panel(&mut self) -> bool {
        let open = self.panel.shown != Shown::Nothing;
        self.panel = Panel::default();
        open
    }
}
