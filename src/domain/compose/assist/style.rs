//! The style of a file (indentation, quotes), so that inserted text looks the same.

use crate::domain::compose::assist::outline::{PathStep, YamlOutline};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns from a key to those below it.
    pub step: usize,
    /// Columns from a key to the dashes below it.
    pub dash: usize,
    pub newline: &'static str,
}

impl Style {
    pub fn of(outline: &YamlOutline<'_>) -> Self {
        let mut steps: BTreeMap<usize, usize> = BTreeMap::new();
        let mut dashes: BTreeMap<usize, usize> = BTreeMap::new();
        for entry in outline.entries.iter().filter(|it| !it.flow) {
            let Some(parent) = entry.parent.map(|it| &outline.entries[it]) else { continue };
            let difference = entry.column.saturating_sub(parent.column);
            match (&parent.step, &entry.step) {
                (PathStep::Key(_), PathStep::Key(_)) => *steps.entry(difference).or_default() += 1,
                (PathStep::Key(_), PathStep::Item(_)) => {
                    *dashes.entry(difference).or_default() += 1;
                }
                (PathStep::Item(_), _) => {}
            }
        }
        let most = |counts: &BTreeMap<usize, usize>| {
            counts.iter().max_by_key(|it| it.1).map(|(difference, _)| *difference)
        };
        let step = most(&steps).unwrap_or(2);
        let newline = if outline.text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { step, dash: most(&dashes).unwrap_or(step), newline }
    }
}
