//! Messages that are longer than a line: they cover the end of what is shown above them.

use crate::{domain::text::elide, tui::widgets::text_page::wrapped};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// So many lines of a message are shown.
const MOST: usize = 4;

/// Breaks a message into lines, with a blank at each side.
pub fn lines(text: &str, width: u16) -> Vec<String> {
    let room = usize::from(width.saturating_sub(2));
    let mut lines = wrapped(text, room);
    if lines.len() > MOST {
        let rest = lines.split_off(MOST - 1).concat();
        lines.push(rest);
    }
    lines.iter().map(|it| elide::end(it.trim_end(), room).into_owned()).collect()
}

/// Makes room for so many lines: the last one stays where it is.
pub fn raised(area: Rect, lines: usize) -> Rect {
    let more = u16::try_from(lines.saturating_sub(1)).unwrap_or(0).min(area.y);
    Rect { y: area.y - more, height: area.height + more, ..area }
}

/// Draws the lines of a message.
pub fn draw(text: &str, style: Style, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(1));
    for (y, line) in (area.y..area.bottom()).zip(lines(text, area.width)) {
        buffer.set_stringn(area.x + 1, y, line, width, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_has_several_lines_and_the_last_one_is_cut() {
        assert_eq!(lines("one two three", 11), ["one two", "three"]);
        assert_eq!(lines("a b c d e f g", 3), ["a", "b", "c", "…"]);
    }
}
