//! What may be typed next at a place.

mod keys;
mod values;
mod names;
mod placement;
mod variables;
mod rank;

use crate::domain::compose::{
    assist::{
        Known, Offer,
        outline::{Entry, Outline, Shape, Spot, Step, boundary},
    },
    yaml::{Value, scalar},
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
#[derive(Debug)]
struct Candidate {
    label: String,
    detail: String,
    text: String,
    /// How much of `label` must be there letter for letter.
    fixed: usize,
    /// How much of `text` is behind the cursor.
    behind: usize,
    /// It is only the beginning of a value.
    goes_on: bool,
    /// It is no scalar, and takes no quotes.
    is_key: bool,
}

/// Returns what may stand at a byte, best first; nothing where nobody knows.
pub fn complete(text: &str, at: usize, known: &Known) -> Vec<Offer> {
    let at = boundary(text, at);
    let before = Outline::of(&text[..at]);
    let scene = Scene { before, whole: Outline::of(text), known, at };
    let (candidates, replaces) = match scene.before.end.spot {
        Spot::Key(parent) => keys::offers(&scene, parent),
        Spot::Value(entry) => match variables::offers(&scene) {
            Some(offers) => offers,
            None => (values::of(&scene, entry), scene.value_range()),
        },
        Spot::Block(_) => variables::offers(&scene).unwrap_or_default(),
        Spot::Nowhere => return Vec::new(),
    };
    let typed = text.get(replaces.start..at).unwrap_or_default();
    let fit = rank::ranked(candidates, typed.trim_start());
    let offers = fit.into_iter().map(|it| scene.offer(it, &replaces));
    offers.filter(|it| text.get(it.replaces.clone()) != Some(&it.text)).collect()
}

impl Scene<'_> {
    /// Returns what was typed of the word at the cursor.
    fn typed(&self) -> &str {
        &self.before.text[self.before.end.word.min(self.at)..]
    }

    /// Returns the bytes of the key at the cursor.
    fn key_range(&self) -> Range<usize> {
        if let Some(entry) = self.whole.entries.iter().find(|it| self.is_typed(&it.key)) {
            return entry.key.clone();
        }
        let rest = &self.whole.text[self.at..];
        let other = |it: char| !it.is_alphanumeric() && !"_-.".contains(it);
        self.before.end.word..self.at + rest.find(other).unwrap_or(rest.len())
    }

    /// Tells whether the colon of the key at the cursor is there.
    fn has_colon(&self) -> bool {
        self.whole.entries.iter().any(|it| self.is_typed(&it.key))
    }

    /// Tells whether the cursor is in a key, or right behind it.
    fn is_typed(&self, key: &Range<usize>) -> bool {
        key.start == self.before.end.word && self.at <= key.end && !key.is_empty()
    }

    /// Returns the bytes of the value at the cursor, at most to the end of its line.
    fn value_range(&self) -> Range<usize> {
        let start = self.before.end.word;
        let mut entries = self.whole.entries.iter();
        let value = entries.find(|it| it.value.start == start && it.shape != Shape::Below);
        let end = value.map_or(self.at, |it| it.value.end.max(self.at));
        let line = &self.whole.text[self.at..end];
        start..self.at + line.find(['\r', '\n']).unwrap_or(line.len())
    }

    /// Tells whether an entry is the first item of its list, or would be.
    fn is_first(&self, entry: Option<usize>) -> bool {
        entry.is_none_or(|it| match self.before.entries[it].step {
            Step::Item(index) => index == 0,
            Step::Key(_) => self.whole.children(entry).next().is_none(),
        })
    }

    /// Returns what a mapping holds beside the key at the cursor.
    fn others(&self, parent: Option<usize>) -> impl Iterator<Item = &Entry<'_>> {
        self.whole.children(parent).map(|it| it.1).filter(|it| !self.is_typed(&it.key))
    }

    fn offer(&self, candidate: Candidate, replaces: &Range<usize>) -> Offer {
        let typed = &self.whole.text[replaces.clone()];
        let mut text = candidate.text;
        let mut behind = candidate.behind;
        let quote = match typed.chars().next() {
            Some(quote @ ('"' | '\'')) => Some(quote),
            _ if !is_text(&text) => Some('"'),
            _ => None,
        };
        if let Some(quote) = quote.filter(|_| !candidate.is_key) {
            text = format!("{quote}{text}{quote}");
            behind += usize::from(candidate.goes_on);
        }
        // The space behind a colon or a dash.
        let before = &self.whole.text[..replaces.start];
        if matches!(self.before.end.spot, Spot::Value(_)) && before.ends_with([':', '-']) {
            text.insert(0, ' ');
        }
        Offer {
            cursor: replaces.start + text.len() - behind,
            text,
            label: candidate.label,
            detail: candidate.detail,
            replaces: replaces.clone(),
        }
    }
}

impl Candidate {
    fn of(text: &str, detail: impl Into<String>) -> Self {
        Self {
            label: text.to_owned(),
            detail: detail.into(),
            text: text.to_owned(),
            fixed: 0,
            behind: 0,
            goes_on: false,
            is_key: matches!(text, "true" | "false"),
        }
    }

    /// Puts a text in front that is not part of its name.
    fn behind(self, front: &str) -> Self {
        Self { text: format!("{front}{}", self.text), is_key: true, ..self }
    }
}

/// Tells whether a word without quotes is a text.
fn is_text(word: &str) -> bool {
    let special = word.starts_with(['*', '&', '!', '%', '@', '`', '#', '{', '[', '-', '?', ',']);
    !special && matches!(scalar::resolve(word), Value::Text(_))
}
