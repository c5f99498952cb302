//! Texts of several lines in a small room.

use crate::tui::widgets::text_page::wrapped;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Writes a paragraph, as far as there is room.
pub fn paragraph(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    for (y, text) in (area.y..area.bottom()).zip(wrapped(text, usize::from(area.width))) {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}

/// Writes several paragraphs one below the other, as far as there is room.
pub fn paragraphs(area: Rect, texts: Vec<(Style, String)>, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let lines = texts
        .into_iter()
        .flat_map(|(style, text)| wrapped(&text, width).into_iter().map(move |it| (style, it)));
    for (y, (style, text)) in (area.y..area.bottom()).zip(lines) {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}

/// Writes one line.
pub fn line(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    buffer.set_stringn(area.x, area.y, text, usize::from(area.width), style);
}
