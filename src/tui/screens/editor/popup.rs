//! The completion popup.

use crate::{
    domain::compose::assist::{ClusterNames, Offer, complete},
    tui::{document::Facts, screens::editor::writing::Writing},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Offers at the cursor.
#[derive(Debug)]
pub struct Popup {
    pub offers: Vec<Offer>,
    /// The one that enter takes. One that came by itself selects nothing at first: enter
    /// is a new line there.
    pub row: Option<usize>,
    asked: bool,
}

/// Rows that are shown at once.
pub const ROWS: usize = 9;

/// What became of a key while offers are shown.
#[derive(Debug)]
pub enum Pressed {
    /// Another one is selected.
    Moved,
    Takes(Offer),
    /// It is for the text.
    Passes,
    /// The same, and nothing is offered any more.
    Closes,
}

impl Popup {
    /// Shows offers that somebody asked for.
    pub fn asked(offers: Vec<Offer>) -> Self {
        Self { offers, row: Some(0), asked: true }
    }

    /// Offers by itself, where a word was begun.
    pub fn by_itself(writing: &Writing, facts: Option<&Facts>) -> Option<Self> {
        let before = writing.text().before(writing.at());
        let word = before.ends_with(|it: char| it.is_alphanumeric() || "_-./:$".contains(it));
        if !word || before.trim_start().starts_with('#') {
            return None;
        }
        Self::of(offers(writing, facts), false)
    }

    /// Follows what is typed on.
    pub fn renewed(self, writing: &Writing, facts: Option<&Facts>) -> Option<Self> {
        Self::of(offers(writing, facts), self.asked)
    }

    fn of(offers: Vec<Offer>, asked: bool) -> Option<Self> {
        (!offers.is_empty()).then(|| Self { offers, row: asked.then_some(0), asked })
    }

    /// Takes a key.
    pub fn press(&mut self, key: KeyEvent) -> Pressed {
        let held = key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SHIFT);
        let last = self.offers.len() - 1;
        self.row = match key.code {
            _ if held => return Pressed::Closes,
            KeyCode::Down => Some(self.row.map_or(0, |it| if it == last { 0 } else { it + 1 })),
            KeyCode::Up => Some(self.row.map_or(last, |it| it.checked_sub(1).unwrap_or(last))),
            KeyCode::PageDown => Some((self.row.unwrap_or(0) + ROWS).min(last)),
            KeyCode::PageUp => Some(self.row.unwrap_or(0).saturating_sub(ROWS)),
            KeyCode::Enter | KeyCode::Tab if self.row.is_some() || key.code == KeyCode::Tab => {
                return Pressed::Takes(self.offers[self.row.unwrap_or(0)].clone());
            }
            KeyCode::Char(_) | KeyCode::Backspace => return Pressed::Passes,
            _ => return Pressed::Closes,
        };
        Pressed::Moved
    }
}

/// Returns what may stand at the cursor, without what stands there already.
pub fn offers(writing: &Writing, facts: Option<&Facts>) -> Vec<Offer> {
    let text = writing.text().as_str();
    let fresh = |it: &Offer| text.get(it.replaces.clone()) != Some(it.text.as_str());
    let nothing = ClusterNames::default();
    let known = facts.map_or(&nothing, |it| &it.known);
    complete(text, writing.at(), known).into_iter().filter(fresh).collect()
}
