//! Rows and columns, drawn: widths follow the content, and columns give way by
//! rank where there is no room.

use crate::{
    domain::text::elide,
    tui::{theme::Theme, widgets::Look},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use std::{borrow::Cow, cmp::Ordering};
use unicode_width::UnicodeWidthStr;

/// One column, said once.
pub struct Column<T: 'static> {
    pub title: &'static str,
    pub side: Side,
    /// The widest it gets; names have no bound.
    pub at_most: u16,
    /// Columns of a higher rank go first where there is no room; 0 stays.
    pub rank: u8,
    pub cell: for<'a> fn(&'a T, &Look<'a>) -> Cell<'a>,
    /// How rows are ordered by it; columns without cannot be sorted by.
    pub order: Option<fn(&T, &T, &Look<'_>) -> Ordering>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A text and how it looks.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub style: Style,
}

impl<'a> Cell<'a> {
    pub fn new(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// What the rows are drawn with.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    /// Index of the selected row.
    pub cursor: usize,
    pub focused: bool,
    /// Whether a row is marked.
    pub marked: &'a dyn Fn(usize) -> bool,
    /// Title of the column the rows are sorted by, and whether it is reversed.
    pub sorted: Option<(&'static str, bool)>,
}

const GAP: u16 = 2;
/// Measuring every row keeps widths from jumping while one scrolls; beyond this
/// many rows it would cost more than it is worth.
const MEASURED: usize = 1000;

/// Draws a head line and as many rows as fit, the page of the cursor.
pub fn draw<T>(
    columns: &[Column<T>],
    rows: &[&T],
    marks: Marks<'_>,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(height) = area.height.checked_sub(1).map(usize::from) else { return };
    let first = page_start(marks.cursor, height, rows.len());
    let shown = rows.get(first..rows.len().min(first + height)).unwrap_or_default();
    let measured = if rows.len() <= MEASURED { rows } else { shown };
    let layout = layout(columns, measured, look, area.width);
    draw_head(columns, &layout, marks, look.theme, area, buffer);
    for (line, row) in shown.iter().enumerate() {
        let index = first + line;
        let y = area.y + 1 + u16::try_from(line).unwrap_or(0);
        let line_area = Rect::new(area.x, y, area.width, 1);
        draw_row(columns, row, &layout, (marks.marked)(index), look, line_area, buffer);
        if index == marks.cursor {
            let style = if marks.focused { look.theme.selected } else { look.theme.title };
            buffer.set_style(line_area, style);
        }
    }
}

/// Returns the first row of the page that holds the cursor. Pages turn as a
/// whole: moving within one changes two lines of the screen and no more.
pub fn page_start(cursor: usize, height: usize, rows: usize) -> usize {
    if height == 0 || rows <= height {
        return 0;
    }
    (cursor / height * height).min(rows - height)
}

/// Where each column that found room begins, and how wide it is.
fn layout<T>(
    columns: &[Column<T>],
    rows: &[&T],
    look: &Look<'_>,
    width: u16,
) -> Vec<(usize, u16, u16)> {
    let natural: Vec<u16> = columns.iter().map(|it| natural_width(it, rows, look)).collect();
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let mark = 2;
    let needed = |kept: &[usize]| -> u16 {
        let sum: u16 =
            kept.iter().map(|&it| natural[it].saturating_add(GAP)).fold(mark, u16::saturating_add);
        sum.saturating_sub(GAP)
    };
    while needed(&kept) > width {
        let Some(place) = kept.iter().rposition(|&it| columns[it].rank == worst(columns, &kept))
        else {
            break;
        };
        if columns[kept[place]].rank == 0 {
            break;
        }
        kept.remove(place);
    }
    let mut x = mark;
    let mut places = Vec::with_capacity(kept.len());
    for it in kept {
        let left = width.saturating_sub(x);
        places.push((it, x, natural[it].min(left)));
        x = x.saturating_add(natural[it]).saturating_add(GAP);
    }
    places
}

fn worst<T>(columns: &[Column<T>], kept: &[usize]) -> u8 {
    kept.iter().map(|&it| columns[it].rank).max().unwrap_or(0)
}

fn natural_width<T>(column: &Column<T>, rows: &[&T], look: &Look<'_>) -> u16 {
    let widest = rows.iter().map(|it| (column.cell)(it, look).text.width()).max().unwrap_or(0);
    // One more for the arrow of the sorted column.
    let widest = widest.max(column.title.width() + 1);
    u16::try_from(widest).unwrap_or(u16::MAX).min(column.at_most)
}

fn draw_head<T>(
    columns: &[Column<T>],
    layout: &[(usize, u16, u16)],
    marks: Marks<'_>,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    for &(index, x, width) in layout {
        let column = &columns[index];
        let arrow = match marks.sorted {
            Some((title, reversed)) if title == column.title => {
                if reversed {
                    theme.glyphs.down
                } else {
                    theme.glyphs.up
                }
            }
            _ => "",
        };
        let text = format!("{}{arrow}", column.title);
        put(&text, column.side, theme.header, Rect::new(area.x + x, area.y, width, 1), buffer);
    }
}

fn draw_row<T>(
    columns: &[Column<T>],
    row: &T,
    layout: &[(usize, u16, u16)],
    marked: bool,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    if marked {
        buffer.set_string(area.x, area.y, look.theme.glyphs.marked, look.theme.accent);
    }
    for &(index, x, width) in layout {
        let column = &columns[index];
        let cell = (column.cell)(row, look);
        let place = Rect::new(area.x + x, area.y, width, 1);
        put(&cell.text, column.side, cell.style, place, buffer);
    }
}

/// Writes a text into its place, shortened where it must be.
fn put(text: &str, side: Side, style: Style, place: Rect, buffer: &mut Buffer) {
    let text = elide::end(text, usize::from(place.width));
    let spare = place.width.saturating_sub(u16::try_from(text.width()).unwrap_or(u16::MAX));
    let x = if side == Side::Right { place.x + spare } else { place.x };
    buffer.set_stringn(x, place.y, &text, usize::from(place.width), style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_turn_as_a_whole_and_the_last_is_full() {
        for (cursor, height, rows, expected) in [
            (0, 10, 25, 0),
            (9, 10, 25, 0),
            (10, 10, 25, 10),
            (24, 10, 25, 15),
            (3, 10, 5, 0),
            (3, 0, 5, 0),
        ] {
            assert_eq!(page_start(cursor, height, rows), expected, "{cursor} {height} {rows}");
        }
    }
}
