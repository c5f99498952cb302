//! The place where something is being typed.

use crate::domain::compose::{
    assist::{
        complete::candidate::Candidate,
        known::ClusterNames,
        offer::Offer,
        outline::{CursorContext, OutlineEntry, PathStep, Shape, YamlOutline},
    },
    yaml::{Value, scalar},
};
use std::ops::Range;

/// The place where something is being typed.
pub struct Scene<'a> {
    /// The text up to the cursor.
    pub before: YamlOutline<'a>,
    pub whole: YamlOutline<'a>,
    pub known: &'a ClusterNames,
    pub at: usize,
}

impl Scene<'_> {
    /// Returns what was typed of the word at the cursor.
    pub fn typed(&self) -> &str {
        &self.before.text[self.before.end.word.min(self.at)..]
    }

    /// Returns the bytes of the key at the cursor.
    pub fn key_range(&self) -> Range<usize> {
        if let Some(entry) = self.whole.entries.iter().find(|it| self.is_typed(&it.key)) {
            return entry.key.clone();
        }
        let rest = &self.whole.text[self.at..];
        let other = |it: char| !it.is_alphanumeric() && !"_-.".contains(it);
        self.before.end.word..self.at + rest.find(other).unwrap_or(rest.len())
    }

    /// Tells whether the colon of the key at the cursor is there.
    pub fn has_colon(&self) -> bool {
        self.whole.entries.iter().any(|it| self.is_typed(&it.key))
    }

    /// Tells whether the cursor is in a key, or right behind it.
    pub fn is_typed(&self, key: &Range<usize>) -> bool {
        key.start == self.before.end.word && self.at <= key.end && !key.is_empty()
    }

    /// Returns the bytes of the value at the cursor, at most to the end of its line.
    pub fn value_range(&self) -> Range<usize> {
        let start = self.before.end.word;
        let mut entries = self.whole.entries.iter();
        let value = entries.find(|it| it.value.start == start && it.shape != Shape::Below);
        let end = value.map_or(self.at, |it| it.value.end.max(self.at));
        let line = &self.whole.text[self.at..end];
        start..self.at + line.find(['\r', '\n']).unwrap_or(line.len())
    }

    /// Tells whether an entry is the first item of its list, or would be.
    pub fn is_first(&self, entry: Option<usize>) -> bool {
        entry.is_none_or(|it| match self.before.entries[it].step {
            PathStep::Item(index) => index == 0,
            PathStep::Key(_) => self.whole.children(entry).next().is_none(),
        })
    }

    /// Returns what a mapping holds beside the key at the cursor.
    pub fn others(&self, parent: Option<usize>) -> impl Iterator<Item = &OutlineEntry<'_>> {
        self.whole.children(parent).map(|it| it.1).filter(|it| !self.is_typed(&it.key))
    }

    pub fn offer(&self, candidate: Candidate, replaces: &Range<usize>) -> Offer {
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
        if matches!(self.before.end.spot, CursorContext::Value(_)) && before.ends_with([':', '-']) {
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

/// Tells whether a word without quotes is a text.
fn is_text(word: &str) -> bool {
    let special = word.starts_with(['*', '&', '!', '%', '@', '`', '#', '{', '[', '-', '?', ',']);
    !special && matches!(scalar::resolve(word), Value::Text(_))
}
