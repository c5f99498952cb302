//! Keys as the terminal sends them: one by one, and those that come at once as one.

use crate::tui::event::Event;
use crossterm::event::{
    Event as Input, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use futures_util::StreamExt;
use std::{collections::VecDeque, future, io, task::Poll, time::Duration};
use tokio::time::Instant;

/// What is pressed, in its order.
pub struct Keys {
    stream: EventStream,
    /// What was read and not handed on.
    held: VecDeque<Input>,
    /// When letters came last that nobody typed.
    rushed: Option<Instant>,
}

/// More letters than this come one after the other.
const AT_ONCE: usize = 4096;

/// Nobody types so many letters between two looks.
const RUSH: usize = 16;

/// Letters that follow a rush so soon are its end.
const SOON: Duration = Duration::from_millis(20);

impl Keys {
    pub fn new() -> Self {
        Self { stream: EventStream::new(), held: VecDeque::new(), rushed: None }
    }

    /// Waits for what is pressed; nothing where the terminal is gone. What is no fact is
    /// nothing in it.
    pub async fn next(&mut self) -> Option<io::Result<Option<Event>>> {
        let first = match self.held.pop_front() {
            Some(first) => first,
            None => match self.stream.next().await? {
                Ok(first) => first,
                Err(err) => return Some(Err(err)),
            },
        };
        Some(Ok(self.gather(first).await))
    }

    /// Returns what is there without waiting.
    pub async fn ready(&mut self) -> Option<Event> {
        while let Some(input) = self.at_hand().await {
            if let Some(event) = self.gather(input).await {
                return Some(event);
            }
        }
        None
    }

    /// Puts letters together that came at once: they were pasted, where the terminal does
    /// not say so.
    async fn gather(&mut self, first: Input) -> Option<Event> {
        let Some(key) = letter(&first) else { return event(first) };
        let mut keys = vec![key];
        while keys.len() < AT_ONCE {
            let Some(input) = self.at_hand().await else { break };
            let Some(key) = letter(&input) else {
                self.held.push_front(input);
                break;
            };
            keys.push(key);
        }
        let now = Instant::now();
        let goes_on = self.rushed.is_some_and(|it| now.duration_since(it) < SOON);
        let breaks = keys.iter().any(|it| !matches!(it.code, KeyCode::Char(_)) || held(it));
        let many = keys.len() > 1 && breaks || keys.len() >= RUSH;
        if many || goes_on {
            self.rushed = Some(now);
            return Some(Event::Rush(keys));
        }
        for key in keys.drain(1..).rev() {
            self.held.push_front(Input::Key(key));
        }
        event(first)
    }

    async fn at_hand(&mut self) -> Option<Input> {
        if let Some(input) = self.held.pop_front() {
            return Some(input);
        }
        // The stream keeps the first waker that asks, so it must be that of the loop.
        let polled = future::poll_fn(|it| Poll::Ready(self.stream.poll_next_unpin(it))).await;
        match polled {
            Poll::Ready(Some(Ok(input))) => Some(input),
            _ => None,
        }
    }
}

/// Returns a key that stands for a letter, a line end or a tab.
fn letter(input: &Input) -> Option<KeyEvent> {
    let Input::Key(key) = input else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let line_feed = key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL;
    let plain = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab);
    (line_feed || plain && !held(key)).then_some(*key)
}

fn held(key: &KeyEvent) -> bool {
    key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

fn event(input: Input) -> Option<Event> {
    match input {
        Input::Key(key) => Some(Event::Key(key)),
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::Mouse(mouse) => Some(Event::Mouse(mouse)),
        Input::Resize(columns, rows) => Some(Event::Resized(columns, rows)),
        Input::FocusGained | Input::FocusLost => None,
    }
}
