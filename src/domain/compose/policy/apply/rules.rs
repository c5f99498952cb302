//! What policies say together.

use crate::domain::compose::policy::{
    Policy,
    pattern::{self, Naming},
};
use std::collections::BTreeMap;

/// A policy, and whose it is.
#[derive(Debug, Clone)]
pub struct Layer<'a> {
    /// As `shop` or `shop/production`.
    pub by: String,
    pub policy: &'a Policy,
}

/// What the layers say together.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub layers: &'a [Layer<'a>],
    pub naming: &'a Naming<'a>,
}

/// A value of a policy, and whose it is.
pub type Ruled<'a, T> = (T, &'a str);

impl<'a> Rules<'a> {
    /// Returns what the last layer says that says anything.
    pub fn last<T>(self, said: impl Fn(&'a Policy) -> Option<T>) -> Option<Ruled<'a, T>> {
        self.layers.iter().rev().find_map(|it| Some((said(it.policy)?, it.by.as_str())))
    }

    /// Returns all labels with the patterns of their values.
    pub fn labels(self) -> BTreeMap<&'a str, Ruled<'a, &'a str>> {
        let of_layer = |it: &'a Layer<'a>| {
            it.policy
                .labels
                .iter()
                .map(|(key, text)| (key.as_str(), (text.as_str(), it.by.as_str())))
        };
        self.layers.iter().flat_map(of_layer).collect()
    }

    /// Fills a pattern that was checked.
    pub fn filled(self, text: &str, service: Option<&str>) -> Option<String> {
        pattern::pattern(text, self.naming, service).ok()
    }
}
