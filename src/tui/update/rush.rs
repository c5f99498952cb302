//! Letters that came at once: where a text is written they are pasted, elsewhere they are
//! keys.

use crate::tui::{
    event::{Dispatch, Event},
    model::Model,
    update::update,
};
use crossterm::event::{KeyCode, KeyEvent};

/// Takes letters that came at once.
pub fn rush(model: &mut Model, keys: &[KeyEvent]) -> Vec<Dispatch> {
    let written = model.modal.is_none() || model.interrupts_a_text();
    if written && model.screen().takes_text() {
        return update(model, Event::Paste(text(keys)));
    }
    keys.iter().flat_map(|it| update(model, Event::Key(*it))).collect()
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
