//! Places of variables inside of scalars.

use crate::domain::compose::place::Place;

/// Finds the dollar signs of a scalar in the file, where quotes, escapes and
/// folding may have moved them.
pub struct Dollars<'a> {
    raw: &'a str,
    from: usize,
    place: Place,
}

impl<'a> Dollars<'a> {
    pub fn new(file: &'a str, place: Place) -> Self {
        Self { raw: file.get(place.bytes()).unwrap_or_default(), from: 0, place }
    }

    /// Returns where the next dollar sign and the token it starts stand.
    pub fn next(&mut self, token: &str) -> Place {
        let Some(found) = self.raw[self.from..].find('$') else { return self.place };
        let at = self.from + found;
        self.from = at + 1;
        let before = &self.raw[..at];
        let length = if self.raw[at..].starts_with(token) { token.len() } else { 1 };
        let start = self.place.start + at;
        let (line, column) = match before.rfind('\n') {
            Some(last) => (before.matches('\n').count(), before[last + 1..].chars().count() + 1),
            None => (0, self.place.column + before.chars().count()),
        };
        Place { line: self.place.line + line, column, start, end: start + length, ..self.place }
    }

    /// Passes over dollar signs that start nothing.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next("$");
        }
    }
}
