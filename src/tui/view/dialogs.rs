//! Questions and menus, in the middle of the screen.

use crate::{
    domain::text::elide,
    tui::{
        event::{Menu, Question},
        keymap::{Action, Context},
        model::{Modal, Model},
        theme::Theme,
        view::leaving,
        widgets::{frame, text_page::wrapped},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

const WIDTH: u16 = 72;

/// Draws what is asked, if anything is.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    match &model.modal {
        Some(Modal::Ask(question)) => draw_question(question, model, theme, area, buffer),
        Some(Modal::Menu(menu)) => draw_menu(menu, theme, area, buffer),
        Some(Modal::Leave(leave)) => {
            leaving::draw(leave, model.world.setting.demo, theme, area, buffer);
        }
        Some(Modal::Prompt(_)) | None => {}
    }
}

fn draw_question(
    question: &Question,
    model: &Model,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let width = WIDTH.min(area.width);
    let mut lines: Vec<String> = question
        .text
        .iter()
        .flat_map(|it| wrapped(it, usize::from(width.saturating_sub(4))))
        .collect();
    let key = |action| {
        model.keymap.key_for(Context::Dialog, action).map(|it| it.to_string()).unwrap_or_default()
    };
    lines.push(String::new());
    lines.push(match question.then.as_slice() {
        [] => format!("<{}>close", key(Action::Dismiss)),
        _ => format!("<{}>yes  <{}>no", key(Action::Confirm), key(Action::Dismiss)),
    });
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = frame::dialog(&question.title, width, height, theme, area, buffer);
    let last = lines.len() - 1;
    for (y, (index, line)) in (inside.y..inside.bottom()).zip(lines.iter().enumerate()) {
        let style = if index == last { theme.accent } else { theme.text };
        buffer.set_stringn(inside.x, y, line, usize::from(inside.width), style);
    }
}

fn draw_menu(menu: &Menu, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let height = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = frame::dialog(&menu.title, WIDTH.min(area.width), height, theme, area, buffer);
    let labels = menu.rows.iter().map(|it| it.0.chars().count()).max().unwrap_or(0).max(8);
    for (y, (index, (label, question))) in
        (inside.y..inside.bottom()).zip(menu.rows.iter().enumerate())
    {
        let text = format!("{label:labels$} {}", question.text.first().map_or("", String::as_str));
        let text = elide::end(&text, usize::from(inside.width));
        buffer.set_stringn(inside.x, y, text, usize::from(inside.width), theme.text);
        if index == menu.cursor {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), theme.selected);
        }
    }
}
