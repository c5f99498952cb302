//! What may stand in the lines below an entry: keys of a mapping, or items of a list.

use crate::domain::compose::assist::{
    complete::{candidate::Candidate, keys::of_known, names, scene::Scene, values},
    form::Form,
    outline::{OutlineEntry, PathStep, line_start},
};
use std::ops::Range;

/// Returns what may stand at the cursor in the lines below an entry, and the bytes
/// that it replaces: keys of a mapping, or items of a list.
pub fn offers(scene: &Scene<'_>, parent: Option<usize>) -> (Vec<Candidate>, Range<usize>) {
    let replaces = scene.key_range();
    let Some(form) = Form::of(&scene.whole, parent) else { return (Vec::new(), replaces) };
    let column = scene.column_in(parent);
    let mut candidates = Vec::new();
    let first = scene.others(parent).next().map(|it| &it.step);
    if !matches!(first, Some(PathStep::Key(_))) && !scene.before.end.flow && !scene.has_colon() {
        candidates.extend(values::items(scene, parent, &form, column));
    }
    if !matches!(first, Some(PathStep::Item(_))) {
        // Where there is nothing yet, names are better in a list.
        let named = candidates.is_empty() || first.is_some();
        candidates.extend(of_known(scene, &form, &scene.there(parent), column));
        candidates.extend(names::keys(scene, parent, &form.path).into_iter().filter(|_| named));
    }
    scene.moved(column, candidates, replaces)
}

impl Scene<'_> {
    /// Returns the column for the next thing that an entry holds: that of what it
    /// holds already.
    fn column_in(&self, parent: Option<usize>) -> usize {
        let above = |it: &&OutlineEntry<'_>| !it.flow && it.key.start < self.at;
        let above = self.others(parent).find(above).map(|it| it.column);
        let start = line_start(self.whole.text, self.at);
        let blank = self.whole.text[start..start + self.column()].trim().is_empty();
        above.filter(|_| blank && !self.before.end.flow).unwrap_or_else(|| self.column())
    }

    /// Moves what is offered to another column of its line.
    fn moved(
        &self,
        column: usize,
        candidates: Vec<Candidate>,
        replaces: Range<usize>,
    ) -> (Vec<Candidate>, Range<usize>) {
        if column == self.column() {
            return (candidates, replaces);
        }
        let indent = " ".repeat(column);
        let moved = candidates.into_iter().map(|it| it.behind(&indent)).collect();
        (moved, line_start(self.whole.text, replaces.start)..replaces.end)
    }
}
