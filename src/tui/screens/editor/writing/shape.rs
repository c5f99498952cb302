//! Column widths of the characters of a line.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns between two tab stops.
const TAB: usize = 4;

/// A letter as people see it, with all its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter<'a> {
    /// Its first byte in the line.
    pub at: usize,
    pub text: &'a str,
    /// From 0.
    pub column: usize,
    /// Columns it takes, at least one.
    pub width: usize,
}

impl Letter<'_> {
    /// Returns the byte behind it.
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// Returns the letters of a line, as ratatui cuts and counts them.
pub fn letters(line: &str) -> impl Iterator<Item = Letter<'_>> {
    let mut column = 0;
    line.grapheme_indices(true).map(move |(at, text)| {
        let width = if text == "\t" { TAB - column % TAB } else { text.width().max(1) };
        let letter = Letter { at, text, column, width };
        column += width;
        letter
    })
}

/// Returns the column that a byte of a line stands in.
pub fn column_of(line: &str, at: usize) -> usize {
    letters(line)
        .take_while(|it| it.at < at)
        .last()
        .map_or(0, |it| if it.end() <= at { it.column + it.width } else { it.column })
}

/// Returns the byte of the letter in a column, or that behind the last one.
pub fn byte_at(line: &str, column: usize) -> usize {
    letters(line).find(|it| column < it.column + it.width).map_or(line.len(), |it| it.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, at: usize, column: usize) {
        assert_eq!(column_of(line, at), column, "{line:?}");
        assert_eq!(byte_at(line, column), at, "{line:?}");
    }

    #[test]
    fn letters_take_the_columns_of_the_terminal() {
        check("abc", 2, 2);
        check("日本", 3, 2);
        check("e\u{301}x", 3, 1);
        check("\tx", 1, 4);
        check("ab\tx", 3, 4);
        check("a\u{200b}b", 4, 2);
        check("👩‍👩‍👧x", "👩‍👩‍👧".len(), 2);
    }

    #[test]
    fn a_column_within_a_letter_is_that_letter() {
        assert_eq!(byte_at("日本", 1), 0);
        assert_eq!(byte_at("日本", 9), 6);
    }
}
