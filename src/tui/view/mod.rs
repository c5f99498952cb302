//! From the model to the terminal; reads, never writes.

mod dialogs;
mod footer;
mod header;
mod welcome;

use crate::tui::{model::Model, theme::Theme, widgets::Look};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};

/// Below this there is no room for anything that could be trusted.
const SMALLEST: (u16, u16) = (60, 15);

/// Draws the whole cockpit.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let look = Look { world: &model.world, theme };
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(theme, area, buffer);
    }
    let trouble = header::trouble(&look);
    let [head, banner, body, message, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(trouble.is_some())),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(&look, head, buffer);
    if let Some(text) = trouble {
        buffer.set_stringn(
            banner.x + 1,
            banner.y,
            text,
            usize::from(banner.width - 1),
            theme.danger,
        );
    }
    if welcome::is_due(model) {
        welcome::draw(model, &look, body, buffer);
    } else {
        model.screen().draw(&look, body, buffer);
    }
    footer::message(model, &look, message, buffer);
    footer::keys(model, theme, foot, buffer);
    dialogs::draw(model, theme, body, buffer);
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
    for (y, line) in (area.y..area.bottom())
        .zip(crate::tui::widgets::text_page::wrapped(&text, usize::from(area.width)))
    {
        buffer.set_stringn(area.x, y, line, usize::from(area.width), theme.text);
    }
}
