//! How the editor looks: text with colours, findings in the gutter, and the one
//! under the cursor in full.

mod lines;

use crate::{
    domain::{compose::Severity, text::count::counted},
    tui::{
        screens::editor::{Editor, State},
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
    pub remark: Rect,
}

impl Areas {
    /// Divides the room of the screen, frame included.
    pub fn of(area: Rect) -> Self {
        let inside = area.inner(Margin::new(1, 1));
        let [text, remark] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(REMARK_LINES)]).areas(inside);
        Self { text, remark }
    }
}

pub fn draw(editor: &Editor, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane(&title(editor), true, look.theme, area, buffer);
    match &editor.state {
        State::Unread | State::Reading => line(inside, "reading", look.theme.muted, buffer),
        State::Refused(why) => paragraph(inside, why, look.theme.danger, buffer),
        State::Ready => {
            let areas = Areas::of(area);
            lines::draw(editor, look.theme, areas.text, buffer);
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
    let general = editor.remarks.iter().find(|it| it.place.is_none());
    let Some(remark) = editor.remark_here().or(general) else { return };
    let (_, style) = look_of(remark.severity, theme);
    paragraph(area, &remark.full(), style, buffer);
}

fn paragraph(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    for (y, text) in (area.y..area.bottom()).zip(wrapped(text, usize::from(area.width))) {
        line(Rect { y, ..area }, &text, style, buffer);
    }
}

fn line(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    buffer.set_stringn(area.x, area.y, text, usize::from(area.width), style);
}
