//! The plan beside the text: what a deployment of the text would do.

use crate::{
    domain::deployment::plan::Preview,
    tui::{keymap::Action, screens::plan, widgets::outline::Outline},
};
use crossterm::event::KeyCode;

/// The newest plan, and which text it is of.
#[derive(Debug, Default)]
pub struct Beside {
    pub text: Outline,
    /// The version that a plan was asked for.
    asked: Option<u64>,
    /// The version that the text is of.
    of: Option<u64>,
}

impl Beside {
    /// Returns whether this version has its plan, or waits for one. While one is asked for
    /// no other is: it is of the version that asked.
    pub fn has(&self, version: u64) -> bool {
        self.of == Some(version) || self.asked.is_some()
    }

    /// Waits for the plan of a version.
    pub fn wait(&mut self, version: u64) {
        self.asked = Some(version);
    }

    /// Says why there is no plan for now.
    pub fn refuse(&mut self, why: &str) {
        self.text.set(plan::refusal(why));
    }

    /// Says why there is no plan of a version.
    pub fn refuse_for(&mut self, version: u64, why: &str) {
        self.of = Some(version);
        self.refuse(why);
    }

    /// Shows a plan; returns whether one was waited for.
    pub fn show(&mut self, answer: Result<Preview, String>) -> bool {
        let Some(asked) = self.asked.take() else { return false };
        self.of = Some(asked);
        self.text.set(match answer {
            Ok(preview) => plan::headings(&preview),
            Err(why) => plan::refusal(&why),
        });
        true
    }

    /// Has the plan read again, though the text is the same.
    pub fn forget(&mut self) {
        (self.of, self.asked) = (None, None);
    }

    /// Returns what the plan is of, and whether it will be another soon.
    pub fn title(&self, stack: &str, version: u64) -> String {
        let state = match self.of {
            _ if self.asked.is_some() => " · reading",
            Some(of) if of != version => " · of the text before",
            _ => "",
        };
        format!("Plan · {stack}{state}")
    }

    /// Moves in the plan; returns whether the key was for that.
    pub fn press(&mut self, key: KeyCode, room: (u16, u16)) -> bool {
        let action = match key {
            KeyCode::Up => Action::SelectPrev,
            KeyCode::Down => Action::SelectNext,
            KeyCode::PageUp => Action::PageUp,
            KeyCode::PageDown => Action::PageDown,
            KeyCode::Home => Action::First,
            KeyCode::End => Action::Last,
            KeyCode::Enter | KeyCode::Char(' ') => Action::Fold,
            _ => return false,
        };
        self.text.update(action, room)
    }
}
