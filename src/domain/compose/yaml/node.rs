//! The tree that a YAML document becomes.

use crate::domain::compose::place::{At, Place};
use std::sync::Arc;

/// A value in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlNode {
    pub value: Value,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// From -2⁶³ to 2⁶⁴-1.
    Int(i128),
    /// Finite.
    Float(f64),
    /// An unquoted date, as Go prints it.
    Time(Arc<str>),
    Text(Arc<str>),
    List(Vec<YamlNode>),
    Map(Vec<MapEntry>),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct MapEntry {
    pub key: At<Arc<str>>,
    pub value: YamlNode,
}

impl YamlNode {
    /// Returns the value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|it| &it.value)
    }

    pub fn entry(&self, key: &str) -> Option<&MapEntry> {
        self.entries().iter().find(|it| &**it.key == key)
    }

    /// Returns the entries of a mapping; nothing for anything else.
    pub fn entries(&self) -> &[MapEntry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// Returns the items of a list; nothing for anything else.
    pub fn items(&self) -> &[Self] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub fn bool(&self) -> Option<bool> {
        if let Value::Bool(it) = self.value { Some(it) } else { None }
    }

    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }
}
