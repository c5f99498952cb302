//! What stands beside the text.

use crate::{
    domain::{compose::codes, text::elide},
    tui::{
        screens::editor::{
            Editor,
            panel::Shown,
            view::{difference, look_of, paragraphs},
        },
        theme::Theme,
        widgets::{Look, frame, table::page_start},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
    style::Style,
};

pub fn draw(editor: &Editor, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = look.theme;
    match editor.panel.shown {
        Shown::Nothing => {}
        Shown::Findings => draw_findings(editor, theme, area, buffer),
        Shown::Meaning => draw_meaning(editor, theme, area, buffer),
        Shown::Plan => {
            let focused = editor.panel.focused;
            let inside = frame::pane(&editor.plan_title(), focused, theme, area, buffer);
            editor.beside.text.draw(look, inside, area, focused, buffer);
        }
        Shown::Difference => difference::draw(editor, theme, area, buffer),
    }
}

fn draw_findings(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let listed = editor.listed();
    let counts = editor.counts().join(", ");
    let counts = if counts.is_empty() { "none".to_owned() } else { counts };
    let title = format!("Findings · {counts}");
    let rows = frame::pane(&title, editor.panel.focused, theme, area, buffer);
    let here = match editor.panel.focused {
        true => Some(editor.panel.row),
        false => editor.listed_here(),
    };
    let height = usize::from(rows.height);
    let top = page_start(here.unwrap_or(0), height, listed.len());
    let below = listed.len().saturating_sub(top + height);
    frame::out_of_sight(top, below, theme, area, buffer);
    let lines = editor.writing.text().lines().to_string().len();
    for (y, (index, remark)) in (rows.y..rows.bottom()).zip(listed.iter().enumerate().skip(top)) {
        let row = Rect { y, height: 1, ..rows };
        let (glyph, style) = look_of(remark.severity, theme);
        let place =
            remark.place.map_or(String::new(), |_| (editor.line_of(remark) + 1).to_string());
        let mended = if remark.fix.is_some() { " [can be fixed]" } else { "" };
        let text = format!("{place:>lines$}  {}{mended}  {}", remark.message, remark.code);
        let text = elide::end(&text, usize::from(row.width.saturating_sub(2)));
        buffer.set_string(row.x, y, glyph, style);
        buffer.set_stringn(row.x + 2, y, text, usize::from(row.width), theme.text);
        if Some(index) == here && editor.panel.focused {
            frame::select(row, theme, buffer);
        }
    }
}

fn draw_meaning(editor: &Editor, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane("What this means", false, theme, area, buffer);
    let mut said: Vec<(Style, String)> = Vec::new();
    for remark in editor.remarks_here() {
        let (_, style) = look_of(remark.severity, theme);
        if !said.is_empty() {
            said.push((theme.text, String::new()));
        }
        said.push((style, remark.full()));
        if let Some(code) = codes::find(remark.code) {
            said.push((theme.text, String::new()));
            said.push((theme.text, code.why.to_owned()));
            said.push((theme.text, code.remedy.to_owned()));
        }
    }
    if let Some(hint) = editor.meaning() {
        if !said.is_empty() {
            said.push((theme.text, String::new()));
        }
        said.push((theme.title, hint.title.clone()));
        if hint.ignored {
            said.push((theme.warn, "Swarm ignores this.".to_owned()));
        }
        said.extend(hint.lines.iter().map(|it| (theme.text, it.clone())));
    }
    if said.is_empty() {
        said.push((theme.muted, "nothing is known about this place".to_owned()));
    }
    paragraphs(inside.inner(Margin::new(1, 0)), said, buffer);
}
