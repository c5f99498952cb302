//! Paste detection: characters that arrive together are pasted into a text, and are keys elsewhere.

use crate::tui::{event::Event, model::Model};
use crossterm::event::{KeyCode, KeyEvent};

/// Returns what letters that came at once are.
pub fn events(model: &Model, keys: &[KeyEvent]) -> Vec<Event> {
    let written = model.modal.is_none() || model.interrupts_a_text();
    if written && model.screen().takes_text() {
        return vec![Event::Paste(text(keys))];
    }
    keys.iter().map(|it| Event::Key(*it)).collect()
}

/// Returns the text that they are, with plain line ends.
fn text(keys: &[KeyEvent]) -> String {
    let mut text = String::new();
    let mut returned = false;
    for key in keys {
        let feed = key.code == KeyCode::Char('j') && !key.modifiers.is_empty();
        match key.code {
            // The second half of a line end.
            _ if feed && returned => {}
            _ if feed => text.push('\n'),
            KeyCode::Enter => text.push('\n'),
            KeyCode::Tab => text.push('\t'),
            KeyCode::Char(letter) => text.push(letter),
            _ => {}
        }
        returned = key.code == KeyCode::Enter;
    }
    text
}
