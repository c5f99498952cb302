//! A page as it is: sections with facts, made of raw values.

use crate::domain::{
    describe::{lens::Lens, read},
    text::{escape, natural::natural},
};
use serde_json::Value;

/// A page about one object. Empty sections are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectPage {
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    pub title: String,
    pub rows: Vec<FieldRow>,
}

/// One fact. The value may have several lines, and holds no control character
/// besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    pub key: String,
    pub value: String,
    pub tone: FactTone,
}

/// How much a fact deserves a look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FactTone {
    #[default]
    Normal,
    Muted,
    Warn,
    Danger,
}

impl ObjectPage {
    pub(in crate::domain::describe) fn new(sections: impl IntoIterator<Item = Section>) -> Self {
        Self { sections: sections.into_iter().filter(|it| !it.rows.is_empty()).collect() }
    }
}

impl Section {
    pub(in crate::domain::describe) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), rows: Vec::new() }
    }

    /// Adds a fact if there is one.
    pub(in crate::domain::describe) fn row(
        self,
        key: &str,
        value: impl Into<Option<String>>,
    ) -> Self {
        self.toned(key, value, FactTone::Normal)
    }

    pub(in crate::domain::describe) fn muted(
        self,
        key: &str,
        value: impl Into<Option<String>>,
    ) -> Self {
        self.toned(key, value, FactTone::Muted)
    }

    pub(in crate::domain::describe) fn toned(
        mut self,
        key: &str,
        value: impl Into<Option<String>>,
        tone: FactTone,
    ) -> Self {
        if let Some(value) = value.into().filter(|it| !it.is_empty()) {
            self.rows.push(FieldRow { key: legible(key), value: legible(&value), tone });
        }
        self
    }

    /// Adds the members of an object, in natural order, masked by their names.
    pub(in crate::domain::describe) fn members(mut self, object: &Value, lens: &Lens<'_>) -> Self {
        let mut members: Vec<_> = object.as_object().into_iter().flatten().collect();
        members.sort_by(|a, b| natural(a.0, b.0));
        for (key, value) in members {
            let raw = read::text(value).unwrap_or_default();
            self = self.masked(key, &raw, lens);
        }
        self.rest_of(object)
    }

    /// Adds a value that may be secret by its name; empty ones count too.
    pub(in crate::domain::describe) fn masked(
        mut self,
        key: &str,
        raw: &str,
        lens: &Lens<'_>,
    ) -> Self {
        let value = lens.secrecy.value(key, raw);
        let tone = if *value == *raw { FactTone::Normal } else { FactTone::Muted };
        self.rows.push(FieldRow { key: legible(key), value: legible(&value), tone });
        self
    }

    /// Shows raw what was expected to be an object and is none.
    pub(in crate::domain::describe) fn rest_of(self, object: &Value) -> Self {
        if object.is_object() { self } else { self.row("", read::text(object)) }
    }

    /// Shows raw the members of an object that nobody reads by name.
    pub(in crate::domain::describe) fn others<'a>(
        mut self,
        members: impl Iterator<Item = (&'a str, &'a Value)>,
        lens: &Lens<'_>,
    ) -> Self {
        for (key, value) in members.filter(|it| !read::says_nothing(it.1)) {
            self = self.muted(key, read::masked(key, value, lens));
        }
        self
    }
}

fn legible(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape::shown).collect();
    lines.join("\n").replace('\t', "    ")
}
