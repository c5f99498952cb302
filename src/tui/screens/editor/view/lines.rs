//! The view of visible lines: numbers, marks, colours, selection, matches and cursor.

use crate::tui::{
    screens::editor::{
        view::{areas::gutter, drawn::Drawn, marks::look_of},
        writing::{Letter, letters},
    },
    theme::Theme,
    widgets::text_page::style,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};
use std::ops::Range;

/// One line on the screen.
struct Row<'a> {
    drawn: &'a Drawn<'a>,
    theme: &'a Theme,
    line: usize,
    /// Columns that are scrolled away.
    left: usize,
    area: Rect,
}

pub fn draw(drawn: &Drawn<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let gutter = u16::try_from(gutter(drawn.writing.text().lines())).unwrap_or(0);
    let scroll = drawn.scroll;
    for (y, rank) in (area.y..area.bottom()).zip(scroll.top..) {
        let line = drawn.folds.line(rank);
        if line >= drawn.writing.text().lines() {
            return;
        }
        let margin = Rect { y, width: gutter, height: 1, ..area };
        draw_margin(drawn, theme, line, margin, buffer);
        let x = area.x + gutter;
        let area = Rect { x, y, width: area.width.saturating_sub(gutter), height: 1 };
        Row { drawn, theme, line, left: scroll.left, area }.draw(buffer);
    }
}

/// Returns where the cursor is, in lines and columns of what is seen.
pub fn cursor(drawn: &Drawn<'_>) -> (usize, usize) {
    let (writing, scroll) = (drawn.writing, drawn.scroll);
    let rank = drawn.folds.rank(writing.line()).saturating_sub(scroll.top);
    let column = (gutter(writing.text().lines()) + writing.column()).saturating_sub(scroll.left);
    (rank, column)
}

fn draw_margin(drawn: &Drawn<'_>, theme: &Theme, line: usize, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(3);
    let here = line == drawn.writing.line();
    let number = if here { theme.title } else { theme.muted };
    let worst = drawn.findings.worst_of(drawn.writing.text(), line);
    let (glyph, style) = worst.map_or((" ", number), |it| look_of(it, theme));
    buffer.set_string(area.x, area.y, glyph, style);
    buffer.set_string(area.x + 1, area.y, format!("{:>width$}", line + 1), style);
    if drawn.folds.hiding(line + 1).is_some() {
        let x = area.right().saturating_sub(2);
        buffer.set_string(x, area.y, theme.glyphs.folded, theme.accent);
    }
}

impl Row<'_> {
    fn draw(&self, buffer: &mut Buffer) {
        let text = self.drawn.writing.text();
        let (content, start) = (text.line(self.line), text.start(self.line));
        let pieces = self.drawn.lines.pieces(text, self.line);
        let mut piece = pieces.iter().peekable();
        let found: Vec<Range<usize>> =
            self.drawn.sought.iter().flat_map(|it| it.all(content)).collect();
        let faults = self.drawn.findings.faults_of(text, self.line);
        for letter in letters(content) {
            if letter.column >= self.left + usize::from(self.area.width) {
                break;
            }
            while piece.next_if(|it| it.0.end <= letter.at).is_some() {}
            if letter.column + letter.width <= self.left {
                continue;
            }
            let mut look = piece.peek().map_or(self.theme.text, |it| style(it.1, self.theme));
            if faults.iter().any(|it| it.contains(&(start + letter.at))) {
                look = look.add_modifier(Modifier::UNDERLINED);
            }
            if found.iter().any(|it| it.contains(&letter.at)) {
                look = self.theme.found;
            }
            self.put(&letter, self.marked(start + letter.at, look), buffer);
        }
        self.end(content, start, buffer);
        self.cuts(content, buffer);
    }

    /// Lays what is selected, and the cursor, over a look.
    fn marked(&self, at: usize, look: Style) -> Style {
        let selection = self.drawn.writing.selected();
        let cursor = self.drawn.writing.at() == at;
        if cursor && (selection.is_some() || self.drawn.panel.focused) {
            // A block would look as if it were selected too, or as if keys went here.
            return look.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
        }
        if cursor || selection.is_some_and(|it| it.contains(&at)) {
            return look.remove_modifier(Modifier::UNDERLINED).add_modifier(Modifier::REVERSED);
        }
        look
    }

    fn put(&self, letter: &Letter<'_>, look: Style, buffer: &mut Buffer) {
        let (text, look) = self.shown(letter, look);
        for column in letter.column..letter.column + letter.width {
            let Some(x) = column.checked_sub(self.left).and_then(|it| u16::try_from(it).ok())
            else {
                continue;
            };
            let Some(cell) = buffer.cell_mut((self.area.x + x, self.area.y)) else { continue };
            if x >= self.area.width {
                return;
            }
            // What covers several columns is drawn where all of them are seen.
            let last = letter.column + letter.width - self.left;
            let whole = letter.column >= self.left && last <= usize::from(self.area.width);
            let first = column == letter.column;
            cell.set_style(look);
            cell.set_symbol(if first && (whole || letter.width == 1) { text } else { " " });
        }
    }

    /// What cannot be seen is shown as something that can.
    fn shown<'a>(&self, letter: &Letter<'a>, look: Style) -> (&'a str, Style) {
        let muted = self.theme.muted;
        let reversed = look.add_modifier.contains(Modifier::REVERSED);
        let mark = if reversed { muted.add_modifier(Modifier::REVERSED) } else { muted };
        match letter.text {
            "\t" => (self.theme.glyphs.arrow, mark),
            "\u{a0}" => ("~", self.theme.warn),
            text if text.chars().any(char::is_control) => ("?", self.theme.warn),
            text if unicode_width::UnicodeWidthStr::width(text) == 0 => ("?", self.theme.warn),
            text => (text, look),
        }
    }

    /// The cursor behind the last letter, and a line end that is selected.
    fn end(&self, content: &str, start: usize, buffer: &mut Buffer) {
        let column = letters(content).last().map_or(0, |it| it.column + it.width);
        let look = self.marked(start + content.len(), Style::new());
        let x = column.checked_sub(self.left).and_then(|it| u16::try_from(it).ok());
        let Some(x) = x.filter(|it| *it < self.area.width) else { return };
        if look != Style::new() {
            buffer.set_style(Rect { x: self.area.x + x, width: 1, ..self.area }, look);
        }
        if let Some(hidden) = self.drawn.folds.hiding(self.line + 1) {
            let room = usize::from(self.area.width - x).saturating_sub(1);
            let count = hidden.end() + 1 - hidden.start();
            let text = format!(" {} {count} lines", self.theme.glyphs.ellipsis);
            buffer.set_stringn(self.area.x + x + 1, self.area.y, text, room, self.theme.muted);
        }
    }

    /// Shows where a line goes on beyond the edges.
    fn cuts(&self, content: &str, buffer: &mut Buffer) {
        let width = letters(content).last().map_or(0, |it| it.column + it.width);
        let mark = self.theme.glyphs.ellipsis;
        if self.left > 0 && width > self.left && self.area.width > 0 {
            buffer.set_string(self.area.x, self.area.y, mark, self.theme.accent);
        }
        if width > self.left + usize::from(self.area.width) && self.area.width > 0 {
            buffer.set_string(self.area.right() - 1, self.area.y, mark, self.theme.accent);
        }
    }
}
