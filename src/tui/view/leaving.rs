//! The view of the question about unsaved text.

use crate::tui::{
    event::Effect,
    model::Leave,
    theme::Theme,
    widgets::{frame, text_page::wrapped},
};
use ratatui::{buffer::Buffer, layout::Rect};

const WIDTH: u16 = 72;

/// Draws it in the middle of the screen.
pub fn draw(leave: &Leave, demo: bool, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = WIDTH.min(area.width);
    let room = usize::from(width.saturating_sub(4));
    let losses = leave.losses.iter().flat_map(|it| wrapped(it, room));
    let mut lines: Vec<(String, bool)> = losses.map(|it| (it, false)).collect();
    lines.push((String::new(), false));
    let answers = answers(leave, demo);
    lines.extend(answers.iter().flat_map(|it| wrapped(it, room)).map(|it| (it, true)));
    if leave.unsure {
        lines.push((String::new(), false));
        let text = "That is not one of the answers.";
        lines.push((text.to_owned(), false));
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = frame::dialog("Unsaved changes", width, height, theme, area, buffer);
    for (y, (line, answer)) in (inside.y..inside.bottom()).zip(&lines) {
        let style = if *answer { theme.accent } else { theme.text };
        buffer.set_stringn(inside.x, y, line, usize::from(inside.width), style);
    }
}

fn answers(leave: &Leave, demo: bool) -> Vec<String> {
    let (and, stays) = match leave.how {
        Some(Effect::Switch(_)) => (" and go on", "stay here"),
        Some(_) => (" and leave skep", "stay here"),
        None => (" and leave", "stay"),
    };
    let until = if demo { "until the demo ends" } else { "for a week" };
    let kept = format!("; it stays in `:drafts` {until}");
    let mut answers = Vec::new();
    if leave.saves {
        answers.push(format!("<s> save{and}  (y, enter)"));
    }
    answers.push(format!("<d> discard{and}{kept}"));
    answers.push(format!("<esc> {stays}  (n{})", if leave.saves { "" } else { ", enter" }));
    answers
}
