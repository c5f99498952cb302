//! Tables for people: aligned columns, with colours for what needs attention.

use crate::domain::{
    columns::{self, Faces, Known, ListFacts, Side, Sign, Tone},
    text::{elide::width, escape},
};
use std::borrow::Cow;

/// A column of rows of type `T`.
pub struct Column<T> {
    title: &'static str,
    right: bool,
    cell: fn(&T) -> Cell,
}

/// A text and how much it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: CellTone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellTone {
    Plain,
    Muted,
    Warn,
    Danger,
}

impl<T> Column<T> {
    /// A column of words.
    pub const fn left(title: &'static str, cell: fn(&T) -> Cell) -> Self {
        Self { title, right: false, cell }
    }

    /// A column of numbers.
    pub const fn right(title: &'static str, cell: fn(&T) -> Cell) -> Self {
        Self { title, right: true, cell }
    }
}

impl Cell {
    pub fn toned(text: &str, tone: CellTone) -> Self {
        // Names, labels and errors are not ours: one with an escape sequence
        // must not take over the terminal.
        let text = escape::shown(text).replace('\t', " ");
        Self { text, tone }
    }
}

impl<S: AsRef<str>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self::toned(text.as_ref(), CellTone::Plain)
    }
}

impl From<columns::Cell<'_>> for Cell {
    /// Writes a word for a sign that the text does not say.
    fn from(cell: columns::Cell<'_>) -> Self {
        let cell = columns::Cell { before: None, ..cell };
        let text = cell.written(|it| match it {
            Sign::Bad => "in trouble",
            Sign::Warn => "not steady",
            _ => "",
        });
        let tone = match cell.tone {
            Tone::Text | Tone::Ok | Tone::Accent => CellTone::Plain,
            Tone::Muted => CellTone::Muted,
            Tone::Warn => CellTone::Warn,
            Tone::Danger => CellTone::Danger,
        };
        Self::toned(&text, tone)
    }
}

impl CellTone {
    /// Returns what switches it on in the sixteen colours of every terminal.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Muted => "\u{1b}[2m",
            Self::Warn => "\u{1b}[33m",
            Self::Danger => "\u{1b}[1;31m",
        }
    }

    pub fn paint(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => Cow::Borrowed(text),
            tone => Cow::Owned(format!("{}{text}\u{1b}[0m", tone.code())),
        }
    }
}

/// Returns a header and a line per row; two spaces lie between columns.
pub fn text<T>(columns: &[Column<T>], rows: &[T], colors: bool) -> String {
    let heads: Vec<(&str, bool)> = columns.iter().map(|it| (it.title, it.right)).collect();
    let body = rows.iter().map(|row| columns.iter().map(|it| (it.cell)(row)).collect());
    laid_out(&heads, body, colors)
}

/// The same of objects, by the columns that the cockpit shows, too.
pub fn of_objects<R>(
    columns: &[columns::Column<R>],
    rows: &[&R],
    facts: &dyn ListFacts,
    colors: bool,
) -> String {
    let columns: Vec<_> = columns.iter().filter(|it| it.faces != Faces::Cockpit).collect();
    let heads: Vec<(&str, bool)> =
        columns.iter().map(|it| (it.title, it.side == Side::Right)).collect();
    let known = Known { facts, arrow: "->" };
    let body =
        rows.iter().map(|row| columns.iter().map(|it| (it.cell)(row, known).into()).collect());
    laid_out(&heads, body, colors)
}

fn laid_out(heads: &[(&str, bool)], body: impl Iterator<Item = Vec<Cell>>, colors: bool) -> String {
    let head = heads.iter().map(|it| Cell::toned(it.0, CellTone::Muted)).collect();
    let lines: Vec<Vec<Cell>> = [head].into_iter().chain(body).collect();
    let width_of = |at: usize| lines.iter().map(|it| width(&it[at].text)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len()).map(width_of).collect();
    let mut text = String::new();
    for line in &lines {
        push_line(&mut text, heads, line, &widths, colors);
    }
    text
}

fn push_line(
    text: &mut String,
    heads: &[(&str, bool)],
    line: &[Cell],
    widths: &[usize],
    colors: bool,
) {
    let mut owed = 0;
    for ((cell, (_, right)), wanted) in line.iter().zip(heads).zip(widths) {
        let padding = wanted - width(&cell.text);
        let (before, after) = if *right { (padding, 0) } else { (0, padding) };
        if cell.text.is_empty() {
            owed += padding + 2;
            continue;
        }
        // Spaces are due only when something follows: no line ends in them.
        text.push_str(&" ".repeat(owed + before));
        push_toned(text, cell, colors);
        owed = after + 2;
    }
    text.push('\n');
}

fn push_toned(text: &mut String, cell: &Cell, colors: bool) {
    let tone = if colors { cell.tone } else { CellTone::Plain };
    text.push_str(&tone.paint(&cell.text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    const COLUMNS: &[Column<(&str, u32)>] = &[
        Column::left("NAME", |it| it.0.into()),
        Column::right("COUNT", |it| Cell::toned(&it.1.to_string(), CellTone::Danger)),
        Column::left("NOTE", |it| if it.1 > 9 { "many".into() } else { "".into() }),
    ];

    fn written(rows: &[(&'static str, u32)], colors: bool) -> String {
        text(COLUMNS, rows, colors)
    }

    #[test]
    fn columns_line_up_and_no_line_ends_in_spaces() {
        assert_snapshot!(written(&[("api", 7), ("名前", 12), ("x", 1)], false), @r"
        NAME  COUNT  NOTE
        api       7
        名前     12  many
        x         1
        ");
    }

    #[test]
    fn tones_do_not_move_columns() {
        let plain = written(&[("api", 7), ("web", 12)], false);
        let toned = written(&[("api", 7), ("web", 12)], true);
        assert!(toned.contains("\u{1b}[1;31m12\u{1b}[0m"));
        let codes = ["\u{1b}[2m", "\u{1b}[1;31m", "\u{1b}[0m"];
        assert_eq!(codes.iter().fold(toned, |text, code| text.replace(code, "")), plain);
    }

    #[test]
    fn a_foreign_text_cannot_command_the_terminal() {
        let text = written(&[("a\u{1b}[2Jb\nc", 1)], false);
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\u{1b}'));
    }
}
