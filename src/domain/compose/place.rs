//! Source positions: file, line and column.

use std::ops::{Deref, Range};

/// A stretch of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into the files of what was loaded.
    pub file: usize,
    /// From 1; 0 means the file as a whole.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Place {
    /// Names a file without a place in it.
    pub fn whole(file: usize) -> Self {
        Self { file, ..Self::default() }
    }

    /// Tells whether a byte, or the same empty stretch, belongs to both.
    pub fn overlaps(&self, other: Self) -> bool {
        let touching = self.start < other.end && other.start < self.end;
        self.file == other.file && (touching || self.start == other.start)
    }

    /// Returns the bytes of the file that are meant.
    pub fn bytes(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

impl<T> At<T> {
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
