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

/// Lines below the text for the finding under the cursor.
const REMARK_LINES: u16 = 3;

/// Where the parts of the editor stand.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    pub text: Rect,
    /// Empty where nothing stands beside the text.
    pub panel: Rect,
    pub remark: Rect,
}

/// From so many columns on, what is long stands at the side of the text.
const WIDE: u16 = 120;

impl Areas {
    /// Divides the room of the screen, frame included.
    pub fn of(editor: &Editor, area: Rect) -> Self {
        let inside = area.inner(Margin::new(1, 1));
        let [rest, remark] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(REMARK_LINES)]).areas(inside);
        let (height, wide) = (rest.height, area.width >= WIDE);
        let [text, panel] = match editor.panel.shown {
            Shown::Nothing => [rest, Rect::default()],
            Shown::Findings => {
                let rows = u16::try_from(editor.remarks.len()).unwrap_or(u16::MAX);
                let rows = rows.clamp(1, (height / 3).max(4)) + 1;
                Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(rest)
            }
            Shown::Meaning if wide => {
                Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(rest)
            }
            _ if wide => Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(rest),
            Shown::Meaning | Shown::Plan | Shown::Difference => {
                Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(rest)
            }
        };
        Self { text, panel, remark }
    }
}

pub fn draw(editor: &Editor, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane(&title(editor), true, look.theme, area, buffer);
    match &editor.state {
        State::Unread | State::Reading => line(inside, "reading", look.theme.muted, buffer),
        State::Refused(why) => paragraph(inside, why, look.theme.danger, buffer),
        State::Ready => {
            let areas = Areas::of(editor, area);
            draw_path(editor, look.theme, area, buffer);
            lines::draw(editor, look.theme, areas.text, buffer);
            popup::draw(editor, look.theme, areas.text, buffer);
            panels::draw(editor, look, areas.panel, buffer);
            draw_remark(editor, look.theme, areas.remark, buffer);
        }
    }
}

/// Returns the columns beside a text of so many lines: a mark, the number, a mark for
/// what folds, a gap.
pub fn gutter(lines: usize) -> usize {
    lines.to_string().len().max(2) + 3
}

fn title(editor: &Editor) -> String {
    let mark = if editor.changed() { " · not saved" } else { "" };
    let (line, column) = (editor.writing.line() + 1, editor.column() + 1);
    let findings = match &editor.counts()[..] {
        _ if editor.checked != editor.version => String::new(),
        [] => " · no findings".to_owned(),
        some => format!(" · {}", some.join(", ")),
    };
    format!("Edit · {}{mark} · {line}:{column}{findings}", editor.document.name())
}

/// Says in the lower border what the cursor is in.
fn draw_path(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
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
            count(Severity::Advice, "piece of advice", "pieces of advice"),
        ];
        counts.into_iter().flatten().collect()
    }
}

/// Advice is there for those who look, and does not shout.
pub fn look_of(severity: Severity, theme: &Theme) -> (&'static str, Style) {
    match severity {
        Severity::Error => (theme.glyphs.bad, theme.danger),
        Severity::Warning => (theme.glyphs.warn, theme.warn),
        Severity::Advice => (theme.glyphs.none, theme.muted),
    }
}

fn draw_remark(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(asked) = editor.replacement() {
        return paragraph(area, &asked, theme.accent, buffer);
    }
    let said = editor.remarks_here().into_iter().map(|remark| {
        let (glyph, style) = look_of(remark.severity, theme);
        let mended = if remark.fix.is_some() { " (skep can mend this)" } else { "" };
        (style, format!("{glyph} {}{mended}", remark.full()))
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
