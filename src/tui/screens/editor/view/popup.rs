//! The view of the completion popup, below or above the cursor.

use crate::{
    domain::text::elide,
    tui::{
        screens::editor::popup::{Popup, ROWS},
        theme::Theme,
        widgets::{frame, table::page_start},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget},
};
use unicode_width::UnicodeWidthStr;

/// Columns for labels and for what there is to say about them, at most.
const LABEL: usize = 40;
const DETAIL: usize = 60;

/// Draws offers at a cursor.
pub fn draw(popup: &Popup, cursor: (usize, usize), theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let widest = |of: fn(&(&str, &str)) -> usize| {
        popup.offers.iter().map(|it| of(&(&it.label, &it.detail))).max().unwrap_or(0)
    };
    let label = widest(|it| it.0.width()).min(LABEL);
    let detail = widest(|it| it.1.width()).min(DETAIL);
    let gap = if detail > 0 { 2 } else { 0 };
    let width = u16::try_from(label + gap + detail + 2).unwrap_or(u16::MAX);
    let area = place(cursor, area, (width, popup.offers.len().min(ROWS)));
    Clear.render(area, buffer);
    let top = page_start(popup.row.unwrap_or(0), usize::from(area.height), popup.offers.len());
    for (y, (index, offer)) in
        (area.y..area.bottom()).zip(popup.offers.iter().enumerate().skip(top))
    {
        let row = Rect { y, height: 1, ..area };
        let room = usize::from(row.width.saturating_sub(2));
        let text = elide::end(&offer.label, label.min(room));
        let (x, _) = buffer.set_stringn(row.x + 1, y, text, room, theme.title);
        let behind = row.x + 1 + u16::try_from(label + gap).unwrap_or(0);
        let left = usize::from(row.right().saturating_sub(behind + 1));
        if gap > 0 && left > 3 {
            let text = elide::end(&offer.detail, left);
            buffer.set_stringn(behind.max(x), y, text, left, theme.muted);
        }
        if popup.row == Some(index) {
            frame::select(row, theme, buffer);
        } else {
            buffer.set_style(row, theme.border.remove_modifier(ratatui::style::Modifier::all()));
        }
    }
    frame_sides(theme, area, buffer);
}

/// Thin lines left and right tell the offers from the text around.
fn frame_sides(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for y in area.y..area.bottom() {
        for x in [area.x, area.right().saturating_sub(1)] {
            buffer.set_string(x, y, theme.glyphs.separator, theme.border_focused);
        }
    }
}

/// Returns where offers of a size stand: below the cursor where there is room.
fn place((rank, column): (usize, usize), area: Rect, (width, rows): (u16, usize)) -> Rect {
    let [rank, column] = [rank, column].map(|it| u16::try_from(it).unwrap_or(0));
    let width = width.min(area.width);
    let x = (area.x + column).min(area.right() - width);
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    let (above, below) = (rank.min(area.height), area.height.saturating_sub(rank + 1));
    let cursor = area.y + rank;
    if below >= rows.min(above) || below >= rows {
        Rect { x, y: cursor + 1, width, height: rows.min(below) }
    } else {
        let height = rows.min(above);
        Rect { x, y: cursor - height, width, height }
    }
}
