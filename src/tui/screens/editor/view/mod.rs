//! The view of the editor: coloured text, findings in the gutter, and the one under the cursor
//! in full.

mod drawn;
mod areas;
mod marks;
mod paragraphs;
mod lines;
mod difference;
mod panels;
mod popup;

pub use areas::{Areas, gutter};
pub use drawn::Drawn;

use crate::{
    domain::text::elide,
    tui::{
        screens::editor::{
            state::State,
            view::{
                marks::look_of,
                paragraphs::{line, paragraph, paragraphs},
            },
        },
        theme::Theme,
        widgets::{DrawContext, frame},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr;

pub fn draw(drawn: &Drawn<'_>, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let areas = Areas::of(drawn.panel.shown, drawn.findings.remarks.len(), area);
    let (theme, focused) = (look.theme, !drawn.panel.focused);
    let title = title(drawn, usize::from(areas.main.width));
    let inside = frame::pane(&title, focused, theme, areas.main, buffer);
    match drawn.state {
        State::Unread | State::Reading => line(inside, "reading", theme.muted, buffer),
        State::Refused(why) => paragraph(inside, why, theme.danger, buffer),
        State::Ready => {
            draw_path(drawn, theme, areas.main, buffer);
            lines::draw(drawn, theme, areas.text, buffer);
            draw_remark(drawn, theme, areas.remark, buffer);
            panels::draw(drawn, look, areas.panel, buffer);
            if let Some(popup) = drawn.popup {
                let cursor = lines::cursor(drawn);
                popup::draw(popup, cursor, theme, areas.text, buffer);
            }
        }
    }
}

fn title(drawn: &Drawn<'_>, width: usize) -> String {
    let writing = drawn.writing;
    let mark = if drawn.changed { " · not saved" } else { "" };
    let (line, column) =
        (writing.line() + 1, writing.text().before(writing.at()).chars().count() + 1);
    let findings = match &drawn.findings.counts()[..] {
        _ if drawn.findings.checked == 0 => String::new(),
        [] => " · no findings".to_owned(),
        some => format!(" · {}", some.join(", ")),
    };
    let rest = format!("{mark} · {line}:{column}{}{findings}", found(drawn));
    // What is at the end of a long name matters most.
    let room = width.saturating_sub(rest.width() + "Edit · ".width() + 4);
    let name = drawn.document.name();
    let name = if name.width() <= room { name } else { drawn.document.short_name() };
    format!("Edit · {name}{rest}")
}

/// Says which match the cursor is on.
fn found(drawn: &Drawn<'_>) -> String {
    let Some(sought) = drawn.sought else { return String::new() };
    match sought.count(drawn.writing.text(), drawn.writing.at()) {
        (count, Some(nth)) => format!(" · {nth} of {count} found"),
        (count, None) => format!(" · {count} found"),
    }
}

/// Says in the lower border what waits for a decision, or else what the cursor is in.
fn draw_path(drawn: &Drawn<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(undecided) = drawn.undecided {
        let room = usize::from(area.width).saturating_sub(4);
        let text = format!(" {} {undecided} ", theme.glyphs.warn);
        buffer.set_stringn(area.x + 2, area.bottom() - 1, text, room, theme.warn);
        return;
    }
    let path = drawn.folds.path(drawn.writing.line()).join(".");
    let room = usize::from(area.width).saturating_sub(6);
    if !path.is_empty() {
        let text = format!(" {} ", elide::end(&path, room));
        buffer.set_stringn(area.x + 2, area.bottom() - 1, text, room, theme.muted);
    }
}

fn draw_remark(drawn: &Drawn<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let (Some(replacing), Some(sought)) = (drawn.replacing, drawn.sought) {
        let asked = replacing.question(sought, drawn.writing);
        return paragraph(area, &asked, theme.accent, buffer);
    }
    if drawn.writing.text().as_str().trim().is_empty() {
        let text = "empty: start with `services:`, or see `:template` (ctrl-p types a command)";
        return paragraph(area, text, theme.muted, buffer);
    }
    let said =
        drawn.findings.here(drawn.writing, drawn.panel.selected()).into_iter().map(|remark| {
            let (glyph, style) = look_of(remark.severity, theme);
            let mends = remark
                .what_fixing_does(drawn.writing.text())
                .map(|it| format!(" (can be fixed: {it})"));
            (style, format!("{glyph} {}{}", remark.full(), mends.unwrap_or_default()))
        });
    paragraphs(area, said.collect(), buffer);
}
