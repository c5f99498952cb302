//! How the editor looks: text with colours, findings in the gutter, and the one
//! under the cursor in full.

mod lines;
mod panels;
mod difference;
mod popup;

use crate::{
    domain::{
        compose::Severity,
        text::{count::counted, elide},
    },
    tui::{
        screens::editor::{Editor, State, panel::Shown},
        theme::Theme,
        widgets::{Look, frame, text_page::wrapped},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Margin, Rect},
    style::Style,
};
use unicode_width::UnicodeWidthStr;

/// Lines below the text for the finding under the cursor.
const REMARK_LINES: u16 = 3;

/// Where the parts of the editor stand.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    /// The text and what is said below it, frame included.
    pub main: Rect,
    pub text: Rect,
    pub remark: Rect,
    /// What stands beside it, frame included; empty where nothing does.
    pub panel: Rect,
}

/// From so many columns on, what is long stands at the side of the text.
const WIDE: u16 = 120;

/// A text of fewer lines than this says less about the place of the cursor.
const LOW: u16 = 14;

impl Areas {
    /// Divides the room of the screen.
    pub fn of(editor: &Editor, area: Rect) -> Self {
        let halves = [Constraint::Fill(1), Constraint::Fill(1)];
        let [main, panel] = match editor.panel.shown {
            Shown::Nothing => [area, Rect::default()],
            Shown::Findings => {
                let rows = u16::try_from(editor.remarks.len()).unwrap_or(u16::MAX);
                let rows = rows.clamp(1, (area.height / 3).max(4)) + 2;
                Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area)
            }
            _ if area.width >= WIDE => {
                Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(area)
            }
            Shown::Meaning | Shown::Plan | Shown::Difference => {
                Layout::vertical(halves).areas(area)
            }
        };
        let remark = if main.height < LOW { 1 } else { REMARK_LINES };
        let [text, remark] = Layout::vertical([Constraint::Fill(1), Constraint::Length(remark)])
            .areas(main.inner(Margin::new(1, 1)));
        Self { main, text, remark, panel }
    }
}

pub fn draw(editor: &Editor, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let areas = Areas::of(editor, area);
    let (theme, focused) = (look.theme, !editor.panel.focused);
    let title = title(editor, usize::from(areas.main.width));
    let inside = frame::pane(&title, focused, theme, areas.main, buffer);
    match &editor.state {
        State::Unread | State::Reading => line(inside, "reading", theme.muted, buffer),
        State::Refused(why) => paragraph(inside, why, theme.danger, buffer),
        State::Ready => {
            draw_path(editor, theme, areas.main, buffer);
            lines::draw(editor, theme, areas.text, buffer);
            draw_remark(editor, theme, areas.remark, buffer);
            panels::draw(editor, look, areas.panel, buffer);
            popup::draw(editor, theme, areas.text, buffer);
        }
    }
}

/// Returns the columns beside a text of so many lines: a mark, the number, a mark for
/// what folds, a gap.
pub fn gutter(lines: usize) -> usize {
    lines.to_string().len().max(2) + 3
}

fn title(editor: &Editor, width: usize) -> String {
    let mark = if editor.changed() { " · not saved" } else { "" };
    let (line, column) = (editor.writing.line() + 1, editor.column() + 1);
    let findings = match &editor.counts()[..] {
        _ if editor.checked == 0 => String::new(),
        [] => " · no findings".to_owned(),
        some => format!(" · {}", some.join(", ")),
    };
    let rest = format!("{mark} · {line}:{column}{}{findings}", found(editor));
    // What is at the end of a long name matters most.
    let room = width.saturating_sub(rest.width() + "Edit · ".width() + 4);
    let name = editor.document.name();
    let name = if name.width() <= room { name } else { editor.document.short_name() };
    format!("Edit · {name}{rest}")
}

/// Says which match the cursor is on.
fn found(editor: &Editor) -> String {
    let Some(sought) = &editor.sought else { return String::new() };
    match sought.count(editor.writing.text(), editor.writing.at()) {
        (count, Some(nth)) => format!(" · {nth} of {count} found"),
        (count, None) => format!(" · {count} found"),
    }
}

/// Says in the lower border what waits for a decision, or else what the cursor is in.
fn draw_path(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(undecided) = editor.undecided() {
        let room = usize::from(area.width).saturating_sub(4);
        let text = format!(" {} {undecided} ", theme.glyphs.warn);
        buffer.set_stringn(area.x + 2, area.bottom() - 1, text, room, theme.warn);
        return;
    }
    let path = editor.folds.path(editor.writing.line()).join(".");
    let room = usize::from(area.width).saturating_sub(6);
    if !path.is_empty() {
        let text = format!(" {} ", elide::end(&path, room));
        buffer.set_stringn(area.x + 2, area.bottom() - 1, text, room, theme.muted);
    }
}

impl Editor {
    /// Says how many findings of each kind there are.
    pub(super) fn counts(&self) -> Vec<String> {
        let count = |severity, one, many| match self.count(severity) {
            0 => None,
            count => Some(counted(count as u64, one, many)),
        };
        let counts = [
            count(Severity::Error, "error", "errors"),
            count(Severity::Warning, "warning", "warnings"),
            count(Severity::Suggestion, "suggestion", "suggestions"),
        ];
        counts.into_iter().flatten().collect()
    }
}

/// Suggestions are there for those who look, and do not shout.
pub fn look_of(severity: Severity, theme: &Theme) -> (&'static str, Style) {
    match severity {
        Severity::Error => (theme.glyphs.bad, theme.danger),
        Severity::Warning => (theme.glyphs.warn, theme.warn),
        Severity::Suggestion => (theme.glyphs.none, theme.muted),
    }
}

fn draw_remark(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(asked) = editor.replacement() {
        return paragraph(area, &asked, theme.accent, buffer);
    }
    if editor.writing.text().as_str().trim().is_empty() {
        let text = "empty: start with `services:`, or see `:template` (ctrl-p types a command)";
        return paragraph(area, text, theme.muted, buffer);
    }
    let said = editor.remarks_here().into_iter().map(|remark| {
        let (glyph, style) = look_of(remark.severity, theme);
        let mends = editor.what_fixing_does(remark).map(|it| format!(" (can be fixed: {it})"));
        (style, format!("{glyph} {}{}", remark.full(), mends.unwrap_or_default()))
    });
    paragraphs(area, said.collect(), buffer);
}

fn paragraph(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    for (y, text) in (area.y..area.bottom()).zip(wrapped(text, usize::from(area.width))) {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}

fn line(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    buffer.set_stringn(area.x, area.y, text, usize::from(area.width), style);
}

/// Writes several paragraphs one below the other, as far as there is room.
pub fn paragraphs(area: Rect, texts: Vec<(Style, String)>, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let lines = texts
        .into_iter()
        .flat_map(|(style, text)| wrapped(&text, width).into_iter().map(move |it| (style, it)));
    for (y, (style, text)) in (area.y..area.bottom()).zip(lines) {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}
