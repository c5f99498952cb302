//! What stands beside the text: one thing at a time.

use crate::{
    domain::compose::assist::{Hint, hover_among},
    tui::{
        event::Request,
        keymap::Action,
        screens::editor::{Editor, writing::indentation},
    },
};
use crossterm::event::{KeyCode, KeyEvent};
use std::ops::ControlFlow;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
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
    pub fn of(shown: Shown, focused: bool) -> Self {
        Self { shown, focused, ..Self::default() }
    }

    /// Opens a panel that takes keys; goes there where it is open, closes it from there.
    fn toggle(&mut self, shown: Shown) {
        *self = match self.shown == shown {
            true if self.focused => Self::default(),
            _ => Self::of(shown, true),
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
                self.panel = Panel::of(Shown::Meaning, false);
            }
            // It is looked at while one writes, and gone to seldom.
            Action::PlanBeside if self.panel.shown != Shown::Plan => {
                self.panel = Panel::of(Shown::Plan, false);
                return self.plan();
            }
            Action::PlanBeside => self.panel.toggle(Shown::Plan),
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
        // Between the lines it is what is around that matters.
        let around = || {
            let line = self.folds.head(self.writing.line())?;
            let start = self.writing.text().start(line);
            let blanks = indentation(self.writing.text().line(line)).len();
            hover_among(text, start + blanks, nodes)
        };
        self.panel.meaning = Some((key, hover_among(text, at, nodes).or_else(around)));
    }

    /// Returns what is known about the place of the cursor.
    pub(super) fn meaning(&self) -> Option<&Hint> {
        self.panel.meaning.as_ref()?.1.as_ref()
    }

    /// Takes the keys of a panel with so much room; the rest is for the text.
    pub(super) fn press_panel(
        &mut self,
        key: KeyEvent,
        room: (u16, u16),
    ) -> ControlFlow<Option<Request>> {
        if !self.panel.focused {
            return ControlFlow::Continue(());
        }
        match (self.panel.shown, key.code) {
            (Shown::Findings, KeyCode::Up) => self.select_remark(self.panel.row.saturating_sub(1)),
            (Shown::Findings, KeyCode::Down) => self.select_remark(self.panel.row + 1),
            (Shown::Plan, code) if self.press_plan(code, room) => {}
            (Shown::Difference, code) => {
                self.press_difference(code)?;
                return self.leave_panel(code);
            }
            (_, code) => return self.leave_panel(code),
        }
        ControlFlow::Break(None)
    }

    /// Whoever writes is in the text.
    fn leave_panel(&mut self, code: KeyCode) -> ControlFlow<Option<Request>> {
        self.panel.focused = false;
        match code {
            KeyCode::Enter | KeyCode::Tab => ControlFlow::Break(None),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Leaves the panel: first with the keys, then altogether. Returns whether there was
    /// one.
    pub(super) fn close_panel(&mut self) -> bool {
        let open = self.panel.shown != Shown::Nothing;
        if self.panel.focused && self.panel.shown == Shown::Plan {
            self.panel.focused = false;
        } else {
            self.panel = Panel::default();
        }
        open
    }
}
