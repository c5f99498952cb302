//! YAML fragments that an import inserts, in block or flow style.

use std::iter;

/// A value to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// As it is written, quotes and all.
    Scalar(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
    /// Lines from elsewhere, behind a key: the rest of its line first. Never in braces.
    Lines(Vec<String>),
}

impl Tree {
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(text.into())
    }

    /// Makes a mapping of words.
    pub fn map<const N: usize>(entries: [(&str, &str); N]) -> Self {
        let entry = |(key, value): (&str, &str)| (key.to_owned(), Self::scalar(value));
        Self::Map(entries.map(entry).into())
    }

    /// Puts a value at the end of a path.
    pub fn at(path: &[&str], leaf: Self) -> Self {
        let nest = |inner: Self, key: &&str| Self::Map(vec![((*key).to_owned(), inner)]);
        path.iter().rev().fold(leaf, nest)
    }

    /// Adds another tree; what is there stays.
    pub fn join(&mut self, other: Self) {
        match (self, other) {
            (Self::List(items), Self::List(more)) => {
                let new: Vec<Self> = more.into_iter().filter(|it| !items.contains(it)).collect();
                items.extend(new);
            }
            (Self::Map(entries), Self::Map(more)) => {
                for (key, value) in more {
                    match entries.iter_mut().find(|it| it.0 == key) {
                        Some((_, own)) => own.join(value),
                        None => entries.push((key, value)),
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns its lines, all of them at an indent.
    pub fn block(&self, indent: usize) -> Vec<String> {
        let space = " ".repeat(indent);
        match self {
            Self::Scalar(text) => vec![format!("{space}{text}")],
            Self::List(items) => items.iter().flat_map(|it| it.item(indent)).collect(),
            Self::Lines(lines) => {
                lines.iter().map(|it| format!("{space}{it}").trim_end().to_owned()).collect()
            }
            Self::Map(entries) => {
                let lines = entries.iter().flat_map(|(key, value)| match value {
                    Self::Scalar(text) => vec![format!("{space}{key}: {text}")],
                    Self::Lines(lines) => {
                        let rest = lines.first().map_or("", |it| it.trim_end());
                        let key = format!("{space}{key}:{rest}");
                        let further = Self::Lines(lines.iter().skip(1).cloned().collect());
                        iter::once(key).chain(further.block(indent)).collect()
                    }
                    _ => {
                        let mut lines = vec![format!("{space}{key}:")];
                        lines.extend(value.block(indent + 2));
                        lines
                    }
                });
                lines.collect()
            }
        }
    }

    /// Returns what stands between the braces or brackets.
    pub fn inline_inner(&self) -> String {
        let parts: Vec<String> = match self {
            Self::Scalar(text) => return text.clone(),
            Self::Lines(_) => return String::new(),
            Self::List(items) => items.iter().map(Self::inline).collect(),
            Self::Map(entries) => {
                entries.iter().map(|(key, it)| format!("{key}: {}", it.inline())).collect()
            }
        };
        parts.join(", ")
    }

    fn inline(&self) -> String {
        match self {
            Self::Scalar(_) | Self::Lines(_) => self.inline_inner(),
            Self::List(_) => format!("[{}]", self.inline_inner()),
            Self::Map(_) => format!("{{ {} }}", self.inline_inner()),
        }
    }

    fn item(&self, indent: usize) -> Vec<String> {
        let mut lines = self.block(indent + 2);
        if let Some(first) = lines.first_mut() {
            first.replace_range(indent..indent + 2, "- ");
        }
        lines
    }
}
