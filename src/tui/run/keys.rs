//! Key batching: keys one by one, and characters that arrive together as one text.

use crate::tui::{
    event::{Event, Stroke},
    keyboard::{Keyboard, Typed},
};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

/// What is pressed, in its order.
pub struct KeyInput {
    keyboard: Keyboard,
    /// What was read and not handed on.
    held: VecDeque<Typed>,
    /// When letters came last that nobody typed.
    rushed: Option<Instant>,
    /// How the last key was typed.
    stroke: Option<Stroke>,
}

/// More letters than this come one after the other.
const AT_ONCE: usize = 4096;

/// Nobody types so many letters between two looks.
const RUSH: usize = 16;

/// Letters that follow a rush so soon are its end.
const SOON: Duration = Duration::from_millis(20);

impl KeyInput {
    pub fn open() -> io::Result<Self> {
        Keyboard::open().map(Self::of)
    }

    pub fn of(keyboard: Keyboard) -> Self {
        Self { keyboard, held: VecDeque::new(), rushed: None, stroke: None }
    }

    /// Returns how the last key was typed that was handed on.
    pub fn stroke(&self) -> Option<Stroke> {
        self.stroke
    }

    /// Forgets what was half typed: another program had the terminal.
    pub fn forget(&mut self) {
        self.keyboard.forget();
        self.held.clear();
        self.rushed = None;
    }

    /// Waits for what comes next, which may be no fact; nothing once the terminal is gone.
    pub async fn next(&mut self) -> Option<Option<Event>> {
        let first = match self.held.pop_front() {
            Some(first) => first,
            None => self.keyboard.next().await?,
        };
        Some(self.gather(first))
    }

    /// Returns the next fact that is there already.
    pub fn ready(&mut self) -> Option<Event> {
        while let Some(typed) = self.at_hand() {
            if let Some(event) = self.gather(typed) {
                return Some(event);
            }
        }
        None
    }

    /// Puts letters together that came at once: they were pasted, where the terminal does
    /// not say so.
    fn gather(&mut self, first: Typed) -> Option<Event> {
        self.stroke = Some(Stroke { at: first.at, alone: first.alone });
        let Some(key) = letter(&first) else { return event(first) };
        let (mut keys, mut rest) = (vec![key], VecDeque::new());
        while keys.len() < AT_ONCE {
            let Some(typed) = self.at_hand() else { break };
            let Some(key) = letter(&typed) else {
                self.held.push_front(typed);
                break;
            };
            keys.push(key);
            rest.push_back(typed);
        }
        let goes_on = self.rushed.is_some_and(|it| first.at.saturating_duration_since(it) < SOON);
        let breaks = keys.iter().any(|it| !matches!(it.code, KeyCode::Char(_)) || held(it));
        if keys.len() > 1 && breaks || keys.len() >= RUSH || goes_on {
            self.rushed = Some(rest.back().map_or(first.at, |it| it.at));
            return Some(Event::Rush(keys));
        }
        while let Some(typed) = rest.pop_back() {
            self.held.push_front(typed);
        }
        event(first)
    }

    fn at_hand(&mut self) -> Option<Typed> {
        self.held.pop_front().or_else(|| self.keyboard.ready())
    }
}

/// Returns a key that stands for a letter, a line end or a tab.
fn letter(typed: &Typed) -> Option<KeyEvent> {
    let Input::Key(key) = typed.input else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let line_feed = key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL;
    let plain = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab);
    (line_feed || plain && !held(&key)).then_some(key)
}

fn held(key: &KeyEvent) -> bool {
    key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

fn event(typed: Typed) -> Option<Event> {
    match typed.input {
        Input::Key(key) => Some(Event::Key(key)),
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::Mouse(mouse) => Some(Event::Mouse(mouse)),
        Input::Resize(columns, rows) => Some(Event::Resized(columns, rows)),
        Input::FocusGained | Input::FocusLost => None,
    }
}
