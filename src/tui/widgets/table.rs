//! The table widget: widths follow the content, and columns are dropped by rank if there is no
//! room.

use crate::{
    domain::{
        columns::{Cell, Column, GivesWay, Side, Tone},
        text::elide,
    },
    tui::{
        theme::Theme,
        widgets::{DrawContext, frame},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// How wide a column wants to be, and how narrow it may become.
#[derive(Debug, Clone, Copy)]
struct Width {
    natural: u16,
    least: u16,
    /// Some row tells something in it.
    says: bool,
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
/// Room before the first column, for marks.
const MARK: u16 = 2;
/// What is left of a text that gives way.
const LEAST: u16 = 20;
/// The rank of a column of which no cell says anything.
const SILENT: u8 = u8::MAX;
/// Measuring every row keeps widths from jumping while one scrolls; beyond this
/// many rows it would cost more than it is worth.
const MEASURED: usize = 1000;

/// Draws a head line and as many rows as fit, the page of the cursor.
pub fn draw<T>(
    columns: &[&Column<T>],
    rows: &[&T],
    marks: Marks<'_>,
    look: &DrawContext<'_>,
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
        match index == marks.cursor {
            true if marks.focused => frame::select(line_area, look.theme, buffer),
            true => buffer.set_style(line_area, look.theme.title),
            false => {}
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
    columns: &[&Column<T>],
    rows: &[&T],
    look: &DrawContext<'_>,
    width: u16,
) -> Vec<(usize, u16, u16)> {
    let widths: Vec<Width> = columns.iter().map(|it| column_width(it, rows, look)).collect();
    let rank = |(column, width): (&&Column<T>, &Width)| match column.rank {
        0 => 0,
        rank if width.says || rows.is_empty() => rank,
        _ => SILENT,
    };
    let ranks: Vec<u8> = columns.iter().zip(&widths).map(rank).collect();
    let mut kept = kept(&widths, &ranks, width);
    if cuts(&kept, &widths, width) {
        kept.retain(|it| ranks[*it] != SILENT);
    }
    let mut spare = width.saturating_sub(needed(&kept, &widths));
    let mut x = MARK;
    let mut places = Vec::with_capacity(kept.len());
    for it in kept {
        // What is left over goes to those that gave way.
        let more = (widths[it].natural - widths[it].least).min(spare);
        spare -= more;
        let wide = widths[it].least + more;
        places.push((it, x, wide.min(width.saturating_sub(x))));
        x = x.saturating_add(wide).saturating_add(GAP);
    }
    places
}

/// Returns the columns that find room at their least width: those of a high rank
/// go first, and come back where a narrow one fits into the place of a wide one.
fn kept(widths: &[Width], ranks: &[u8], width: u16) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..widths.len()).collect();
    let mut gone = Vec::new();
    while needed(&kept, widths) > width {
        let Some(&worst) = kept.iter().max_by_key(|it| ranks[**it]) else { break };
        if ranks[worst] == 0 {
            break;
        }
        kept.retain(|it| *it != worst);
        gone.push(worst);
    }
    while let Some(it) = gone.pop() {
        let place = kept.partition_point(|other| *other < it);
        kept.insert(place, it);
        if needed(&kept, widths) > width {
            kept.remove(place);
        }
    }
    kept
}

/// Returns whether a text gives way, which it does for no column that tells nothing.
fn cuts(kept: &[usize], widths: &[Width], width: u16) -> bool {
    sum(kept.iter().map(|&it| widths[it].natural)) > width
}

fn needed(kept: &[usize], widths: &[Width]) -> u16 {
    sum(kept.iter().map(|&it| widths[it].least))
}

fn sum(widths: impl Iterator<Item = u16>) -> u16 {
    let each = widths.map(|it| it.saturating_add(GAP));
    each.fold(MARK, u16::saturating_add).saturating_sub(GAP)
}

fn column_width<T>(column: &Column<T>, rows: &[&T], look: &DrawContext<'_>) -> Width {
    // One more for the arrow of the sorted column.
    let title = u16::try_from(column.title.width() + 1).unwrap_or(u16::MAX);
    let mut widest = Width { natural: title, least: title, says: false };
    for row in rows {
        let width = cell_width(&(column.cell)(row, look.known()), look.theme);
        widest.natural = widest.natural.max(width.natural);
        widest.least = widest.least.max(width.least);
        widest.says |= width.says;
    }
    let [natural, least] = [widest.natural, widest.least].map(|it| it.min(column.at_most));
    Width { natural, least, ..widest }
}

fn draw_head<T>(
    columns: &[&Column<T>],
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
        let head = Cell::new(text, Tone::Text);
        let place = Rect::new(area.x + x, area.y, width, 1);
        put(&head, column.side, theme.header, theme, place, buffer);
    }
}

fn draw_row<T>(
    columns: &[&Column<T>],
    row: &T,
    layout: &[(usize, u16, u16)],
    marked: bool,
    look: &DrawContext<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    if marked {
        buffer.set_string(area.x, area.y, look.theme.glyphs.marked, look.theme.accent);
    }
    for &(index, x, width) in layout {
        let column = &columns[index];
        let cell = (column.cell)(row, look.known());
        let place = Rect::new(area.x + x, area.y, width, 1);
        put(&cell, column.side, look.theme.tone(cell.tone), look.theme, place, buffer);
    }
}

/// Writes a text into its place, shortened where it must be.
fn put(cell: &Cell<'_>, side: Side, style: Style, theme: &Theme, place: Rect, buffer: &mut Buffer) {
    let room = usize::from(place.width);
    let text = cell.written(|it| theme.sign(it));
    let text = match cell.gives_way {
        GivesWay::AsImage => elide::image(&text, room),
        GivesWay::Last | GivesWay::AtItsEnd => elide::end(&text, room),
    };
    let spare = place.width.saturating_sub(u16::try_from(text.width()).unwrap_or(u16::MAX));
    let x = if side == Side::Right { place.x + spare } else { place.x };
    buffer.set_stringn(x, place.y, &text, room, style);
}

fn cell_width(cell: &Cell<'_>, theme: &Theme) -> Width {
    let text = cell.written(|it| theme.sign(it));
    let natural = u16::try_from(text.width()).unwrap_or(u16::MAX);
    let least = if cell.gives_way == GivesWay::Last { natural } else { natural.min(LEAST) };
    Width { natural, least, says: cell.says && !text.is_empty() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_column_stays_where_a_wide_one_must_go() {
        let width = |natural| Width { natural, least: natural, says: true };
        let widths = [width(20), width(30), width(5)];
        for (room, expected) in
            [(61, vec![0, 1, 2]), (60, vec![0, 1]), (40, vec![0, 2]), (28, vec![0]), (9, vec![0])]
        {
            assert_eq!(kept(&widths, &[0, 1, 2], room), expected, "{room}");
        }
    }

    #[test]
    fn a_text_that_is_cut_is_known_by_what_it_wants() {
        let sentence = Width { natural: 60, least: 20, says: true };
        let narrow = Width { natural: 5, least: 5, says: false };
        let widths = [narrow, sentence];
        assert!(cuts(&[0, 1], &widths, 68) && !cuts(&[0, 1], &widths, 69));
        assert!(!cuts(&[1], &widths, 62));
    }

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
