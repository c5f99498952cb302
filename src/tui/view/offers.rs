//! The view of command completions, with a line about each.

use crate::{
    domain::text::elide,
    tui::{
        command::{self, editing},
        event::PromptKind,
        keymap::Context,
        model::{Modal, Model},
        prompt::Prompt,
        theme::Theme,
        widgets::frame,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget},
};

/// More rows would hide what one types about.
const MOST_ROWS: u16 = 16;
/// Names are shown in a column of at most that many cells.
const NAMES: usize = 40;

/// Draws the list over the end of what is shown.
pub fn draw(model: &Model, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let Some(Modal::Prompt(prompt)) = &model.modal else { return };
    if !matches!(prompt.kind, PromptKind::Command) {
        return;
    }
    if prompt.offers.is_empty() {
        return draw_unread(model, prompt, theme, body, buffer);
    }
    let room = (body.height * 2 / 3).clamp(3, MOST_ROWS + 2);
    let count = u16::try_from(prompt.offers.len()).unwrap_or(u16::MAX);
    let height = count.saturating_add(2).min(room).min(body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    Clear.render(area, buffer);
    let inside = frame::pane(&title(prompt), true, theme, area, buffer);
    let rows = usize::from(inside.height);
    let chosen = prompt.chosen.unwrap_or(0);
    let above = chosen.saturating_sub(rows.saturating_sub(1));
    let below = prompt.offers.len().saturating_sub(above + rows);
    let names = prompt.offers.iter().map(|it| name(it).chars().count()).max().unwrap_or(0);
    let names = names.min(NAMES);
    let editor = model.screen().context() == Context::Editor;
    for (y, (at, offer)) in
        (inside.y..inside.bottom()).zip(prompt.offers.iter().enumerate().skip(above))
    {
        let about = match editing::about(offer).filter(|_| editor) {
            Some(it) => it,
            None if offer.contains(' ') => "",
            None => command::about(offer),
        };
        let text = format!("{:names$}  {about}", elide::middle(name(offer), names));
        let width = usize::from(inside.width.saturating_sub(1));
        buffer.set_stringn(inside.x + 1, y, elide::end(&text, width), width, theme.text);
        if prompt.chosen == Some(at) {
            frame::select(Rect::new(inside.x, y, inside.width, 1), theme, buffer);
        }
    }
    frame::out_of_sight(above, below, theme, area, buffer);
}

/// Says why nothing is offered, where names are still being read.
fn draw_unread(model: &Model, prompt: &Prompt, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    // Why a line is not taken says so as well.
    let text = prompt.input.text();
    let waits = text.contains(' ') && prompt.refused.is_none();
    // The word that is being typed counts as one.
    let Some(unread) = command::not_read(&format!("{text}?"), &model.world).filter(|_| waits)
    else {
        return;
    };
    let area = Rect { y: body.bottom().saturating_sub(3), height: 3.min(body.height), ..body };
    Clear.render(area, buffer);
    // What comes behind the name may be secret.
    let name = text.split_whitespace().next().unwrap_or_default();
    let inside = frame::pane(name, true, theme, area, buffer);
    let width = usize::from(inside.width.saturating_sub(1));
    let text = unread.to_string();
    buffer.set_stringn(inside.x + 1, inside.y, elide::end(&text, width), width, theme.muted);
}

/// Returns the word that is offered; the ones before it are typed already.
fn name(offer: &str) -> &str {
    offer.rsplit(' ').next().unwrap_or(offer)
}

/// Says what is listed; behind the name of a command, what it takes.
fn title(prompt: &Prompt) -> String {
    let count = prompt.offers.len();
    let at = prompt.chosen.map(|it| format!("{}/", it + 1)).unwrap_or_default();
    let first = prompt.offers.first().and_then(|it| it.split_once(' '));
    match first.map(|it| (it.0, command::about(it.0))) {
        Some((name, about)) if !about.is_empty() => format!("{name} [{at}{count}] {about}"),
        _ => format!("Commands [{at}{count}]"),
    }
}
