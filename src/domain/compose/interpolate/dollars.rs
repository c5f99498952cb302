//! Positions of variables inside of scalars.

use crate::domain::compose::place::Place;

/// Finds the dollar signs of a scalar in the file, where quotes, escapes and
/// folding may have moved them.
pub struct Dollars<'a> {
    /// The scalar as the file has it.
    raw: &'a str,
    whole: Place,
    /// What is read so far, and where that ends.
    read: usize,
    line: usize,
    column: usize,
}

impl<'a> Dollars<'a> {
    pub fn new(file: &'a str, place: Place) -> Self {
        let raw = file.get(place.bytes()).unwrap_or_default();
        Self { raw, whole: place, read: 0, line: place.line, column: place.column }
    }

    /// Returns where the next dollar sign and the token it starts stand.
    pub fn next(&mut self, token: &str) -> Place {
        let Some(found) = self.raw[self.read..].find('$') else { return self.whole };
        let passed = &self.raw[self.read..self.read + found];
        self.line += passed.matches('\n').count();
        self.column = match passed.rfind('\n') {
            Some(last) => passed[last + 1..].chars().count() + 1,
            None => self.column + passed.chars().count(),
        };
        self.read += found;
        let start = self.whole.start + self.read;
        let as_written = self.raw[self.read..].starts_with(token);
        let end = start + if as_written { token.len() } else { 1 };
        let place = Place { line: self.line, column: self.column, start, end, ..self.whole };
        self.read += 1;
        self.column += 1;
        place
    }

    /// Passes over dollar signs that start nothing.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next("$");
        }
    }
}
