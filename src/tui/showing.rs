//! Question timing: a key answers only after the question was visible for a while.

use crate::tui::event::Stroke;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::{Duration, Instant};

/// Nobody reads a question faster.
const READING: Duration = Duration::from_millis(150);

/// Nor what is lost by a yes.
const READING_LOSSES: Duration = Duration::from_millis(400);

/// Whoever types something else makes a pause before an answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What is known of the question that is open.
#[derive(Debug, Default)]
pub struct Showing {
    /// Since when it is to be seen, and nothing was pressed that makes it unsure.
    since: Option<Instant>,
    /// Nobody pressed a key for it.
    pub by_itself: bool,
    /// Letters came that are no answer: they were meant for something else, and so may be
    /// those that follow.
    pub typed_into: bool,
}

impl Showing {
    pub fn new(by_itself: bool) -> Self {
        Self { by_itself, ..Self::default() }
    }

    /// It is on the screen.
    pub fn appear(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// A letter came that is no answer.
    pub fn type_into(&mut self, stroke: Option<Stroke>) {
        self.typed_into = true;
        self.press(stroke);
    }

    /// A key came that answers nothing: the pause begins anew where one is due.
    pub fn press(&mut self, stroke: Option<Stroke>) {
        if let (true, Some(stroke)) = (self.typed_into, stroke) {
            self.since = Some(stroke.at);
        }
    }

    /// Returns whether it could be read before a key; of a key that nobody timed it is
    /// taken to be so.
    pub fn is_read(&self, stroke: Option<Stroke>, destroys: bool) -> bool {
        let Some(stroke) = stroke else { return true };
        let wanted = match (self.typed_into, destroys) {
            (true, _) => PAUSE,
            (false, true) => READING_LOSSES,
            (false, false) => READING,
        };
        self.since.is_some_and(|it| stroke.at.saturating_duration_since(it) >= wanted)
    }
}

/// Returns whether a key writes something where a text is written, or takes it away.
pub fn writes(key: KeyEvent) -> bool {
    let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    !held && matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace)
}
