//! What may be typed next, offered at the cursor.

use crate::{
    domain::compose::assist::{Known, Offer, complete},
    tui::{
        event::Request,
        screens::editor::{Editor, writing::Change},
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::ops::ControlFlow;

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

impl Editor {
    /// Offers what may stand at the cursor, because somebody asked.
    pub(super) fn offer(&mut self) -> Option<Request> {
        let offers = self.offers();
        if offers.is_empty() {
            self.popup = None;
            return Some(Request::problem("nothing is known that could stand here"));
        }
        // The only one is what is meant.
        if let [only] = offers.as_slice() {
            let only = only.clone();
            return self.accept(&only);
        }
        self.popup = Some(Popup { offers, row: Some(0), asked: true });
        None
    }

    /// Offers it by itself, where a word was begun.
    pub(super) fn offer_by_itself(&mut self) {
        let before = self.writing.text().before(self.writing.at());
        let word = before.ends_with(|it: char| it.is_alphanumeric() || "_-./:$".contains(it));
        if !self.typing || !word || self.popup.is_some() || before.trim_start().starts_with('#') {
            return;
        }
        let offers = self.offers();
        if !offers.is_empty() {
            self.popup = Some(Popup { offers, row: None, asked: false });
        }
    }

    /// Follows what is typed on while offers are shown.
    pub(super) fn renew_offers(&mut self) {
        let Some(Popup { asked, .. }) = self.popup.take() else { return };
        let offers = self.offers();
        if !offers.is_empty() {
            self.popup = Some(Popup { offers, row: asked.then_some(0), asked });
        }
    }

    /// Takes the keys of the offers; the rest is for the text.
    pub(super) fn press_popup(&mut self, key: KeyEvent) -> ControlFlow<Option<Request>> {
        let Some(popup) = self.popup.as_mut() else { return ControlFlow::Continue(()) };
        let held = key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SHIFT);
        let last = popup.offers.len() - 1;
        match key.code {
            _ if held => self.popup = None,
            KeyCode::Down => {
                popup.row = Some(popup.row.map_or(0, |it| if it == last { 0 } else { it + 1 }));
                return ControlFlow::Break(None);
            }
            KeyCode::Up => {
                popup.row = Some(popup.row.map_or(last, |it| it.checked_sub(1).unwrap_or(last)));
                return ControlFlow::Break(None);
            }
            KeyCode::PageDown => {
                popup.row = Some((popup.row.unwrap_or(0) + ROWS).min(last));
                return ControlFlow::Break(None);
            }
            KeyCode::PageUp => {
                popup.row = Some(popup.row.unwrap_or(0).saturating_sub(ROWS));
                return ControlFlow::Break(None);
            }
            KeyCode::Enter | KeyCode::Tab if popup.row.is_some() || key.code == KeyCode::Tab => {
                let chosen = popup.offers[popup.row.unwrap_or(0)].clone();
                return ControlFlow::Break(self.accept(&chosen));
            }
            KeyCode::Char(_) | KeyCode::Backspace => {}
            _ => self.popup = None,
        }
        ControlFlow::Continue(())
    }

    fn accept(&mut self, offer: &Offer) -> Option<Request> {
        self.popup = None;
        let change = Change::new(offer.replaces.clone(), offer.text.as_str());
        let cursor = offer.cursor;
        let written = self.write(|it| it.change_and_jump(vec![change], cursor));
        self.popup = None;
        self.typing = false;
        written
    }

    /// Returns what may stand at the cursor, without what stands there already.
    fn offers(&self) -> Vec<Offer> {
        let text = self.writing.text().as_str();
        let known = self.facts.as_ref().map(|it| &it.known);
        let offers = match known {
            Some(known) => complete(text, self.writing.at(), known),
            None => complete(text, self.writing.at(), &Known::default()),
        };
        let fresh = |it: &Offer| text.get(it.replaces.clone()) != Some(it.text.as_str());
        offers.into_iter().filter(fresh).collect()
    }
}
