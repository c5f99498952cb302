//! The border around a pane, with its title; the focused one is unmistakable
//! without colour.

use crate::tui::theme::Theme;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Clear, Padding, Widget},
};

/// The columns of a dialog, where there are so many.
pub const DIALOG: u16 = 72;

/// Draws a border with a title and returns the room inside.
pub fn pane(title: &str, focused: bool, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Rect {
    let (set, style) = if focused {
        (theme.glyphs.focused_border, theme.border_focused)
    } else {
        (theme.glyphs.plain_border, theme.border)
    };
    let title_style = if focused { theme.title } else { theme.muted };
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(set)
        .border_style(style)
        .title(Line::from(Span::styled(format!(" {title} "), title_style)));
    let inside = block.inner(area);
    block.render(area, buffer);
    inside
}

/// Lays the bar of the cursor over a row: one colour, whatever its cells have.
pub fn select(row: Rect, theme: &Theme, buffer: &mut Buffer) {
    buffer.set_style(row, Style::reset());
    buffer.set_style(row, theme.selected);
}

/// Says in the lower border how many rows are above and below those shown.
pub fn out_of_sight(above: usize, below: usize, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let part = |glyph: &str, count| match count {
        0 => String::new(),
        count => format!("{glyph}{count} "),
    };
    let text = format!("{}{}", part(theme.glyphs.up, above), part(theme.glyphs.down, below));
    let width = u16::try_from(text.chars().count() + 1).unwrap_or(u16::MAX);
    if !text.is_empty() && width + 2 < area.width {
        let (x, y) = (area.right() - width - 2, area.bottom() - 1);
        buffer.set_string(x, y, format!(" {text}"), theme.muted);
    }
}

/// Clears room for a dialog in the middle and draws its frame.
pub fn dialog(
    title: &str,
    width: u16,
    height: u16,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    around(title, width, height, (theme.border_focused, theme.title), theme, area, buffer)
}

/// The same around something that should be read twice.
pub fn warning(
    title: &str,
    width: u16,
    height: u16,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    around(title, width, height, (theme.danger, theme.danger), theme, area, buffer)
}

fn around(
    title: &str,
    width: u16,
    height: u16,
    (border, titled): (Style, Style),
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    let area = Rect::new(x, y, width, height);
    Clear.render(area, buffer);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(theme.glyphs.focused_border)
        .border_style(border)
        .padding(Padding::horizontal(1))
        .title(Line::from(Span::styled(format!(" {title} "), titled)));
    let inside = block.inner(area);
    block.render(area, buffer);
    inside
}
