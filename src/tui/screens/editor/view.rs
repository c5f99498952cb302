//! How the editor looks: text with colours, findings in the gutter, and the one
//! under the cursor in full.

use crate::{
    domain::{compose::Severity, text::count::counted},
    tui::{
        screens::editor::{Editor, State, highlight},
        theme::Theme,
        widgets::{
            Look, frame,
            text_page::{style, wrapped},
        },
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style},
    widgets::Widget,
};
use ratatui_textarea::DataCursor;
use unicode_width::UnicodeWidthChar;

/// Lines below the text for the finding under the cursor.
const REMARK_LINES: u16 = 3;

pub fn draw(editor: &Editor, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane(&title(editor), true, look.theme, area, buffer);
    match &editor.state {
        State::Unread | State::Reading => line(inside, "reading", look.theme.muted, buffer),
        State::Refused(why) => {
            for (y, text) in
                (inside.y..inside.bottom()).zip(wrapped(why, usize::from(inside.width)))
            {
                line(Rect { y, ..inside }, &text, look.theme.danger, buffer);
            }
        }
        State::Ready => draw_text(editor, look.theme, inside, buffer),
    }
}

fn title(editor: &Editor) -> String {
    let mark = if editor.changed() { " · not saved" } else { "" };
    let DataCursor(row, column) = editor.area.cursor();
    let counts = [
        counted(editor.count(Severity::Error) as u64, "error", "errors"),
        counted(editor.count(Severity::Warning) as u64, "warning", "warnings"),
        counted(editor.count(Severity::Advice) as u64, "piece of advice", "pieces of advice"),
    ];
    let counts: Vec<String> = counts.into_iter().filter(|it| !it.starts_with("0 ")).collect();
    let findings = match &counts[..] {
        _ if editor.checked != editor.version => String::new(),
        [] => " · no findings".to_owned(),
        some => format!(" · {}", some.join(", ")),
    };
    format!("Edit · {}{mark} · {}:{}{findings}", editor.path.display(), row + 1, column + 1)
}

fn draw_text(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let [text, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(REMARK_LINES)]).areas(area);
    let mut shown = editor.area.clone();
    shown.set_line_number_style(theme.muted);
    shown.set_cursor_line_style(Style::new());
    shown.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    shown.set_search_style(theme.found);
    shown.set_style(theme.text);
    (&shown).render(text, buffer);
    colour(&shown, editor, theme, text, buffer);
    draw_remark(editor, theme, below, buffer);
}

/// Lays the colours of YAML over the drawn text, and marks lines with findings.
fn colour(
    shown: &ratatui_textarea::TextArea<'_>,
    editor: &Editor,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (top, left) = shown.scroll_offset();
    let gutter = shown.line_number_width();
    let searching = shown.search_pattern().is_some();
    let DataCursor(cursor_row, cursor_column) = shown.cursor();
    let cursor = (cursor_row, cursor_column);
    for (y, (row, text)) in
        (area.y..area.bottom()).zip(shown.lines().iter().enumerate().skip(usize::from(top)))
    {
        if !searching {
            for (range, tone) in highlight::pieces(text) {
                paint(
                    text,
                    &range,
                    style(tone, theme),
                    (row, cursor),
                    Rect {
                        x: area.x + gutter,
                        y,
                        width: area.width.saturating_sub(gutter),
                        height: 1,
                    },
                    left,
                    buffer,
                );
            }
        }
        let worst = editor
            .remarks
            .iter()
            .filter(|it| it.line.max(1) == row + 1)
            .map(|it| it.severity)
            .max();
        if let Some(severity) = worst {
            let (glyph, style) = look_of(severity, theme);
            buffer.set_string(area.x, y, glyph, style);
            buffer.set_style(Rect { y, width: gutter, height: 1, ..area }, style);
        }
    }
}

fn paint(
    text: &str,
    range: &std::ops::Range<usize>,
    style: Style,
    (row, cursor): (usize, (usize, usize)),
    area: Rect,
    left: u16,
    buffer: &mut Buffer,
) {
    let mut x = 0_u16;
    for (index, c) in text.chars().enumerate() {
        let width = if c == '\t' { 2 } else { u16::try_from(c.width().unwrap_or(0)).unwrap_or(0) };
        let is_cursor = cursor == (row, index);
        if range.contains(&index) && !is_cursor && x >= left && x - left + width <= area.width {
            buffer.set_style(Rect::new(area.x + x - left, area.y, width, 1), style);
        }
        x = x.saturating_add(width);
    }
}

/// Advice is there for those who look, and does not shout.
fn look_of(severity: Severity, theme: &Theme) -> (&'static str, Style) {
    match severity {
        Severity::Error => (theme.glyphs.bad, theme.danger),
        Severity::Warning => (theme.glyphs.warn, theme.warn),
        Severity::Advice => (theme.glyphs.none, theme.muted),
    }
}

fn draw_remark(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let general = editor.remarks.iter().find(|it| it.line == 0);
    let Some(remark) = editor.remark_here().or(general) else { return };
    let (_, style) = look_of(remark.severity, theme);
    for (y, text) in (area.y..area.bottom()).zip(wrapped(&remark.message, usize::from(area.width)))
    {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}

fn line(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    buffer.set_stringn(area.x, area.y, text, usize::from(area.width), style);
}
