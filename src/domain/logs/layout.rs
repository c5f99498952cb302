//! The text of an entry as rows of a given width.

use crate::domain::{
    logs::look::TextStyle,
    text::escape::{Token, Tokens},
};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A stretch of text that looks alike. Holds no control character: tabs have
/// become spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub look: TextStyle,
    /// Part of what was searched or filtered for.
    pub hit: bool,
}

/// How text goes onto the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flow {
    /// A line takes as many rows as it needs.
    #[default]
    Wrap,
    /// A line takes one row, of which this many columns are left of the screen.
    Shift(usize),
}

/// A rectangle of text: its width in columns, and how text flows in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    width: usize,
    flow: Flow,
}

const TAB: usize = 8;

impl Sheet {
    pub fn new(width: usize, flow: Flow) -> Self {
        Self { width: width.max(1), flow }
    }

    /// Returns how many rows a text takes; one at least.
    pub fn rows(self, text: &str) -> usize {
        if self.flow != Flow::Wrap {
            return 1;
        }
        if text.bytes().all(|it| matches!(it, b' '..=b'~')) {
            return text.len().div_ceil(self.width).max(1);
        }
        let mut pen = Pen::new(self);
        Cells::new(text).for_each(|cell| pen.advance(cell.width));
        pen.row + 1
    }

    /// Lays out some rows of a text; `hits` are byte ranges of what is read of
    /// it (see [`escape::plain`](crate::domain::text::escape::plain)), in order.
    pub fn lay(self, text: &str, rows: Range<usize>, hits: &[Range<usize>]) -> Vec<Vec<Piece>> {
        let mut laid: Vec<Vec<Piece>> = vec![Vec::new()];
        let mut pen = Pen::new(self);
        for cell in Cells::new(text) {
            pen.advance(cell.width);
            if pen.row >= rows.end || pen.is_past() {
                break;
            }
            if pen.row < rows.start {
                continue;
            }
            let index = pen.row - rows.start;
            if laid.len() <= index {
                laid.resize_with(index + 1, Vec::new);
            }
            let shown = pen.shown(&cell);
            if let (Some(row), false) = (laid.last_mut(), shown.is_empty()) {
                let next = hits.partition_point(|it| it.end <= cell.bytes.start);
                let hit = hits.get(next).is_some_and(|it| it.start < cell.bytes.end);
                put(row, shown, cell.look, hit);
            }
        }
        laid
    }
}

/// What stands together on the screen: one grapheme, or a tab.
struct Cell<'a> {
    text: &'a str,
    /// Where it is in what is read of the line.
    bytes: Range<usize>,
    width: usize,
    look: TextStyle,
}

/// The cells of a text, one after the other.
struct Cells<'a> {
    tokens: Tokens<'a>,
    run: &'a str,
    look: TextStyle,
    column: usize,
    byte: usize,
}

impl<'a> Cells<'a> {
    fn new(text: &'a str) -> Self {
        Self { tokens: Tokens::new(text), run: "", look: TextStyle::default(), column: 0, byte: 0 }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        while self.run.is_empty() {
            match self.tokens.next()? {
                Token::Text(text) => self.run = text,
                Token::Break => self.run = " ",
                Token::Sgr(parameters) => self.look.apply(parameters),
            }
        }
        let text = self.run.graphemes(true).next()?;
        self.run = &self.run[text.len()..];
        let width = if text == "\t" { TAB - self.column % TAB } else { text.width() };
        let bytes = self.byte..self.byte + text.len();
        self.column += width;
        self.byte = bytes.end;
        Some(Cell { text, bytes, width, look: self.look.seen() })
    }
}

/// Where the last cell went.
struct Pen {
    sheet: Sheet,
    row: usize,
    /// Columns of the cell, from the beginning of the row (of the line, where
    /// it is shifted).
    columns: Range<usize>,
}

impl Pen {
    fn new(sheet: Sheet) -> Self {
        Self { sheet, row: 0, columns: 0..0 }
    }

    fn advance(&mut self, width: usize) {
        let start = self.columns.end;
        self.columns = start..start + width;
        // A cell that is wider than the sheet stays alone in its row.
        if self.sheet.flow == Flow::Wrap && self.columns.end > self.sheet.width && start > 0 {
            self.row += 1;
            self.columns = 0..width;
        }
    }

    /// Whether nothing of the cell, nor of any after it, is on the sheet.
    fn is_past(&self) -> bool {
        match self.sheet.flow {
            Flow::Wrap => false,
            Flow::Shift(shift) => self.columns.start >= shift + self.sheet.width,
        }
    }

    /// What of the cell is on the sheet: spaces for a tab, and for the visible
    /// half of what is cut in two.
    fn shown<'a>(&self, cell: &Cell<'a>) -> &'a str {
        let left = match self.sheet.flow {
            Flow::Wrap => 0,
            Flow::Shift(shift) => shift,
        };
        let right = left + self.sheet.width;
        let columns = self.columns.start.max(left)..self.columns.end.min(right);
        if cell.text == "\t" || columns != self.columns {
            return &"        "[..columns.len().min(TAB)];
        }
        cell.text
    }
}

fn put(row: &mut Vec<Piece>, text: &str, look: TextStyle, hit: bool) {
    match row.last_mut().filter(|it| it.look == look && it.hit == hit) {
        Some(last) => last.text.push_str(text),
        None => row.push(Piece { text: text.to_owned(), look, hit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        logs::{Colour, Effects},
        text::escape,
    };
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let sheet = Sheet::new(width, Flow::Wrap);
        let rows = joined(&sheet.lay(text, 0..usize::MAX, &[]));
        assert_eq!(sheet.rows(text), rows.len(), "{text:?} in {width}");
        rows
    }

    fn joined(rows: &[Vec<Piece>]) -> Vec<String> {
        rows.iter().map(|row| row.iter().map(|it| it.text.as_str()).collect()).collect()
    }

    #[test]
    fn long_lines_take_several_rows() {
        for (text, width, rows) in [
            ("", 5, vec![""]),
            ("abcde", 5, vec!["abcde"]),
            ("abcdefg", 5, vec!["abcde", "fg"]),
            ("日本語", 5, vec!["日本", "語"]),
            ("日本", 1, vec![" ", " "]),
            ("e\u{301}e\u{301}e\u{301}", 2, vec!["e\u{301}e\u{301}", "e\u{301}"]),
            ("a\tb", 20, vec!["a       b"]),
            ("a\tb", 6, vec!["a", "      ", "b"]),
            ("\x1b[31mabc\x1b[0mdef", 4, vec!["abcd", "ef"]),
        ] {
            assert_eq!(wrapped(text, width), rows, "{text:?} in {width}");
        }
    }

    #[test]
    fn a_shifted_line_shows_a_window_of_itself() {
        for (text, shift, width, row) in [
            ("abcdef", 0, 4, "abcd"),
            ("abcdef", 2, 3, "cde"),
            ("abcdef", 9, 3, ""),
            ("日本語", 1, 4, " 本 "),
            ("a\tb", 6, 5, "  b"),
        ] {
            let sheet = Sheet::new(width, Flow::Shift(shift));
            assert_eq!(joined(&sheet.lay(text, 0..1, &[])), [row], "{text:?} from {shift}");
        }
    }

    #[test]
    fn only_the_rows_asked_for_are_laid_out() {
        let sheet = Sheet::new(2, Flow::Wrap);
        assert_eq!(joined(&sheet.lay("abcdefgh", 1..3, &[])), ["cd", "ef"]);
    }

    #[test]
    fn looks_and_hits_make_the_pieces() {
        let text = "a \x1b[1;31mfail\x1b[0med";
        let hit = escape::plain(text).find("failed").map(|at| at..at + 6).unwrap();
        let rows = Sheet::new(5, Flow::Wrap).lay(text, 0..9, &[hit]);
        let pieces: Vec<_> =
            rows.concat().into_iter().map(|it| (it.text, it.look.foreground, it.hit)).collect();
        let red = Some(Colour::Index(1));
        let expected =
            [("a ", None, false), ("fai", red, true), ("l", red, true), ("ed", None, true)];
        assert_eq!(pieces, expected.map(|it| (it.0.to_owned(), it.1, it.2)));
        assert!(rows[0][1].look.effects.has(Effects::BOLD));
    }

    proptest! {
        #[test]
        fn rows_fit_and_lose_nothing(text in "[a-c 日é\u{301}🏳️‍🌈]{0,60}", width in 4_usize..12) {
            // What joiners hold together can be wider than any row, and is blank then.
            prop_assume!(text.graphemes(true).all(|it| it.width() <= width));
            let rows = wrapped(&text, width);
            prop_assert!(rows.iter().all(|it| it.width() <= width), "{:?}", rows);
            prop_assert_eq!(rows.concat(), text);
        }
    }
}
