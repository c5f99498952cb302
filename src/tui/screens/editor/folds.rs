//! Lines that are folded away, and how the others are counted.

use crate::tui::screens::editor::writing::Writing;
use std::ops::RangeInclusive;

/// What is not shown of a text.
#[derive(Debug, Default)]
pub struct Folds {
    /// In order, apart from each other.
    hidden: Vec<RangeInclusive<usize>>,
}

impl Folds {
    /// Returns how many shown lines are above a line.
    pub fn rank(&self, line: usize) -> usize {
        let above = self.hidden.iter().take_while(|it| *it.start() <= line);
        let hidden: usize =
            above.map(|it| (*it.end()).min(line.saturating_sub(1)) + 1 - it.start()).sum();
        line - hidden
    }

    /// Returns the shown line that has so many shown ones above.
    pub fn line(&self, rank: usize) -> usize {
        let mut line = rank;
        for it in &self.hidden {
            if *it.start() > line {
                break;
            }
            line += it.end() + 1 - it.start();
        }
        line
    }

    /// Returns the shown line so many lines further than the cursor.
    pub fn next(&self, writing: &Writing, lines: isize) -> usize {
        let last = self.rank(writing.text().lines() - 1);
        self.line(self.rank(writing.line()).saturating_add_signed(lines).min(last))
    }

    /// Returns the lines that are folded away together with this one.
    pub fn hiding(&self, line: usize) -> Option<&RangeInclusive<usize>> {
        self.hidden.iter().find(|it| it.contains(&line))
    }
}
