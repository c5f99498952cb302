//! What may be typed next at a place.

mod keys;
mod variables;

use crate::domain::compose::assist::{
    Known, Offer,
    outline::{Outline, Spot, boundary},
};
use std::ops::Range;

/// The place where something is being typed.
struct Scene<'a> {
    /// The text up to the cursor.
    before: Outline<'a>,
    whole: Outline<'a>,
    known: &'a Known,
    at: usize,
}

/// Something to offer, before it is known whether it fits what is typed.
struct Candidate {
    label: String,
    detail: String,
    text: String,
    /// How far in `text` the cursor goes.
    cursor: usize,
}

/// Returns what may stand at a byte, best first; nothing where nobody knows.
pub fn complete(text: &str, at: usize, known: &Known) -> Vec<Offer> {
    let at = boundary(text, at);
    let before = Outline::of(&text[..at]);
    let scene = Scene { before, whole: Outline::of(text), known, at };
    let (candidates, replaces) = match scene.before.end.spot {
        Spot::Key(parent) => keys::offers(&scene, parent),
        Spot::Value(_) | Spot::Block(_) => variables::offers(&scene).unwrap_or_default(),
        Spot::Nowhere => return Vec::new(),
    };
    offers(candidates, &text[replaces.start..at], &replaces)
}

impl Scene<'_> {
    /// Returns the bytes of the key at the cursor, and whether its colon is there.
    fn key_range(&self) -> (Range<usize>, bool) {
        let start = self.before.end.word;
        if let Some(entry) = self.whole.entries.iter().find(|it| self.is_typed(&it.key)) {
            return (entry.key.clone(), true);
        }
        let rest = &self.whole.text[self.at..];
        let letters = |it: char| !it.is_alphanumeric() && !"_-.".contains(it);
        (start..self.at + rest.find(letters).unwrap_or(rest.len()), false)
    }

    /// Tells whether the cursor is in a key, or right behind it.
    fn is_typed(&self, key: &Range<usize>) -> bool {
        key.start == self.before.end.word && self.at <= key.end && !key.is_empty()
    }

    /// Tells whether the next line with anything in it is deeper than a column.
    fn deeper_follows(&self, at: usize, column: usize) -> bool {
        let below = self.whole.text[at..].lines().skip(1);
        let next = below.into_iter().find(|it| !it.trim().is_empty());
        next.is_some_and(|it| it.len() - it.trim_start().len() > column)
    }
}

fn offers(candidates: Vec<Candidate>, typed: &str, replaces: &Range<usize>) -> Vec<Offer> {
    let fit = candidates.into_iter().filter(|it| it.label.starts_with(typed));
    fit.map(|it| Offer {
        cursor: replaces.start + it.cursor,
        text: it.text,
        label: it.label,
        detail: it.detail,
        replaces: replaces.clone(),
    })
    .collect()
}
