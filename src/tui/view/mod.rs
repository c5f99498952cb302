//! The view: draws the model; it reads and never writes.

mod dialogs;
mod message;
mod footer;
mod header;
mod leaving;
mod offers;
mod welcome;

use crate::{
    domain::text::escape,
    tui::{
        model::Model,
        screens::banner as banner_of,
        theme::Theme,
        widgets::{DrawContext, text_page::wrapped},
    },
};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};
use std::borrow::Cow;

/// Below this there is no room for anything that could be trusted.
const SMALLEST: (u16, u16) = (60, 15);

/// Draws the whole cockpit. Whoever wrote a text, nothing of it drives the terminal,
/// hides, or turns what stands around it.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    paint(model, theme, area, buffer);
    for cell in &mut buffer.content {
        if !matches!(cell.symbol().as_bytes(), [b' '..=b'~'])
            && let Cow::Owned(shown) = escape::shown(cell.symbol())
        {
            cell.set_symbol(if shown.is_empty() { " " } else { &shown });
        }
    }
}

fn paint(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let look = DrawContext { world: &model.world, theme };
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(theme, area, buffer);
    }
    let welcome = welcome::is_due(model);
    // The welcome says the same, at length.
    let trouble = if welcome { Vec::new() } else { banner_of(&model.world, theme.glyphs.warn) };
    let hints = model.world.setting.hints || footer::refuses(model);
    let [head, banner, body, message, foot] = Layout::vertical([
        Constraint::Length(u16::from(model.world.setting.header)),
        Constraint::Length(u16::try_from(trouble.len()).unwrap_or(0)),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(u16::from(hints)),
    ])
    .areas(area);
    if model.world.setting.header {
        header::draw(&look, head, buffer);
    }
    for (y, text) in (banner.y..banner.bottom()).zip(trouble) {
        buffer.set_stringn(banner.x + 1, y, text, usize::from(banner.width), theme.danger);
    }
    if welcome {
        welcome::draw(model, &look, body, buffer);
    } else {
        model.screen().draw(&look, body, buffer);
    }
    let (message, foot) = footer::places(model, theme, message, foot, buffer);
    footer::message(model, &look, message, buffer);
    if hints {
        footer::keys(model, theme, foot, buffer);
    }
    let left = Rect { height: message.y.saturating_sub(body.y).min(body.height), ..body };
    offers::draw(model, theme, left, buffer);
    dialogs::draw(model, theme, body, buffer);
    if theme.is_ascii() {
        without_unicode(buffer);
    }
}

/// Puts twins in the place of what stands in our own sentences; what others
/// wrote stays as it is.
fn without_unicode(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let twin = match cell.symbol() {
            "–" | "·" => "-",
            "…" => "~",
            "×" => "x",
            "▸" => ">",
            _ => continue,
        };
        cell.set_symbol(twin);
    }
}

/// Returns whether a frame drawn at a moment would be another now, though nothing
/// but time has passed.
pub fn outdated(model: &Model, drawn: Timestamp) -> bool {
    let world = &model.world;
    !world.is_up()
        || world.stale().is_some()
        || world.notice.is_some()
        || model.screen().outdated(world, drawn)
}

fn too_small(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let text = format!(
        "skep needs {}×{} cells, this is {}×{}",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    for (y, line) in (area.y..area.bottom()).zip(wrapped(&text, usize::from(area.width))) {
        buffer.set_stringn(area.x, y, line, usize::from(area.width), theme.text);
    }
}
