//! The view of questions and menus.

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
    let warns = question.destroys();
    let ascii = |text: &str| match theme.glyphs.arrow.is_ascii() {
        true => text.replace('→', "->"),
        false => text.to_owned(),
    };
    let width = frame::DIALOG.min(area.width);
    let lines: Vec<String> = question
        .text
        .iter()
        .flat_map(|it| wrapped(&ascii(it), usize::from(width.saturating_sub(4))))
        .collect();
    // A blank and the keys are below it, whatever there is to read.
    let below: u16 = if warns { 3 } else { 2 };
    let all = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = all.saturating_add(below + 2);
    let title = match warns {
        true => format!("{} {}", theme.glyphs.warn, question.title),
        false => question.title.clone(),
    };
    let frame = if warns { frame::warning } else { frame::dialog };
    let inside = frame(&title, width, height, theme, area, buffer);
    let room = usize::from(inside.height.saturating_sub(below));
    let hidden = lines.len().saturating_sub(room);
    let above = model.scrolled.min(hidden);
    for (y, line) in (inside.y..).zip(lines.iter().skip(above).take(room)) {
        buffer.set_stringn(inside.x, y, line, usize::from(inside.width), theme.text);
    }
    let foot = foot(question, model, hidden - above);
    let rows = inside.y + u16::try_from(room.min(lines.len())).unwrap_or(0) + 1..inside.bottom();
    for (y, line) in rows.zip(foot) {
        buffer.set_stringn(inside.x, y, line, usize::from(inside.width), theme.accent);
    }
}

/// Returns what can be answered, and how the rest is read.
fn foot(question: &Question, model: &Model, unseen: usize) -> Vec<String> {
    let key = |action| {
        model.keymap.key_for(Context::Dialog, action).map(|it| it.to_string()).unwrap_or_default()
    };
    let mut keys = match question.then.as_slice() {
        // Letters are written on there.
        [] if model.interrupts_a_text() => "<esc>close".to_owned(),
        [] => format!("<{}>close", key(Action::Dismiss)),
        _ => format!("<{}>yes  <{}>no", key(Action::Confirm), key(Action::Dismiss)),
    };
    if unseen > 0 || model.scrolled > 0 {
        let (next, prev) = (key(Action::SelectNext), key(Action::SelectPrev));
        keys.push_str(&format!("  <{next}/{prev}>read on: {unseen} more lines"));
    }
    let mut foot = vec![keys];
    if question.destroys() {
        let data = if question.deletes_data() { "This deletes data. " } else { "" };
        let yes = key(Action::Confirm);
        foot.push(format!("{data}Press {yes} to confirm; enter does nothing."));
    }
    foot
}

fn draw_menu(menu: &Menu, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let height = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside =
        frame::dialog(&menu.title, frame::DIALOG.min(area.width), height, theme, area, buffer);
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
