//! The outline of a stack file while somebody types it: its keys and items as a tree.

use std::{borrow::Cow, ops::Range};

/// All keys and items of a text in their order, however broken it is.
#[derive(Debug)]
pub struct YamlOutline<'a> {
    pub text: &'a str,
    pub entries: Vec<OutlineEntry<'a>>,
    /// What may be typed on at the end of the text.
    pub end: End,
}

/// A key with its value, or an item of a list.
#[derive(Debug)]
pub struct OutlineEntry<'a> {
    /// Index of the entry that holds it; `None` at the top.
    pub parent: Option<usize>,
    pub step: PathStep<'a>,
    /// Bytes of the key with its quotes, or of the dash; empty for items in brackets.
    pub key: Range<usize>,
    /// Bytes of what stands behind the colon or the dash; empty where nothing does,
    /// or only deeper lines.
    pub value: Range<usize>,
    pub shape: Shape,
    /// In bytes, from 0. Of what stands in brackets: that of the entry with the brackets.
    pub column: usize,
    /// First and last line, from 0.
    pub line: usize,
    pub last: usize,
    /// In braces or brackets.
    pub flow: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep<'a> {
    Key(Cow<'a, str>),
    Item(usize),
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Not in the line of its key.
    Below,
    Plain,
    Quoted,
    /// Behind `|` or `>`.
    Block,
    /// In braces or brackets.
    Flow,
}

/// What may be typed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    pub spot: CursorContext,
    /// Where that begins which is being typed.
    pub word: usize,
    /// In braces or brackets.
    pub flow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorContext {
    /// Behind something complete, or in a comment.
    Nowhere,
    /// A key of the mapping that this entry holds; `None` at the top.
    Key(Option<usize>),
    /// The value of this entry.
    Value(usize),
    /// The lines of a text behind `|` or `>`.
    Block(usize),
}

impl<'a> YamlOutline<'a> {
    /// Returns the innermost entry that a byte belongs to. Bytes of a line that
    /// begins no entry belong where their indentation puts them.
    pub fn at(&self, at: usize) -> Option<usize> {
        let at = boundary(self.text, at);
        let start = line_start(self.text, at);
        let line = self.text[start..].lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        let at = if line.trim().is_empty() { at } else { at.max(start + indent) };
        let before = self.entries.partition_point(|it| it.key.start <= at);
        let mut entry = before.checked_sub(1);
        while let Some(index) = entry {
            let it = &self.entries[index];
            let inside = it.key.start <= at && at <= it.value.end.max(it.key.end);
            let in_line = !it.flow && start <= it.key.start;
            let column = if line.trim().is_empty() { at - start } else { indent };
            let below = !it.flow && it.value.end < start && it.column < column;
            if inside || in_line || below {
                return entry;
            }
            entry = it.parent;
        }
        None
    }

    /// Returns the steps that lead to an entry; items are counted from 0.
    pub fn path(&self, entry: Option<usize>) -> Vec<String> {
        let mut path: Vec<String> = self.upwards(entry).map(|it| it.step.word()).collect();
        path.reverse();
        path
    }

    /// Returns an entry and all that hold it, from the inside.
    pub fn upwards(&self, entry: Option<usize>) -> impl Iterator<Item = &OutlineEntry<'a>> {
        let entry = entry.and_then(|it| self.entries.get(it));
        std::iter::successors(entry, |it| it.parent.and_then(|it| self.entries.get(it)))
    }

    /// Returns what an entry holds, with its index.
    pub fn children(
        &self,
        parent: Option<usize>,
    ) -> impl Iterator<Item = (usize, &OutlineEntry<'a>)> {
        let from = parent.map_or(0, |it| it + 1);
        let all = self.entries.iter().enumerate().skip(from);
        all.filter(move |(_, it)| it.parent == parent)
    }

    /// Returns the entry of a key that an entry holds.
    pub fn child(&self, parent: Option<usize>, key: &str) -> Option<usize> {
        self.children(parent).find(|(_, it)| it.step.is(key)).map(|it| it.0)
    }

    /// Returns what is written as an entry's value, without quotes.
    pub fn value(&self, entry: usize) -> &'a str {
        let range = self.entries[entry].value.clone();
        unquoted(self.text.get(range).unwrap_or_default())
    }
}

impl PathStep<'_> {
    pub fn is(&self, key: &str) -> bool {
        matches!(self, Self::Key(it) if it == key)
    }

    pub fn word(&self) -> String {
        match self {
            Self::Key(key) => key.clone().into_owned(),
            Self::Item(index) => index.to_string(),
        }
    }
}

/// Returns the text without the quotes around it.
pub fn unquoted(text: &str) -> &str {
    let Some(quote) = text.chars().next().filter(|it| matches!(it, '"' | '\'')) else {
        return text;
    };
    let inner = &text[1..];
    inner.strip_suffix(quote).unwrap_or(inner)
}

/// Returns the nearest place at or before a byte where a text may be cut.
pub fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or_default()
}

/// Returns where the line of a byte begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |it| it + 1)
}
