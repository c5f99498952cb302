//! The view of the side panel.

use crate::{
    domain::{compose::codes, text::elide},
    tui::{
        screens::editor::{
            panel::PanelContent,
            view::{difference, drawn::Drawn, marks::look_of, paragraphs::paragraphs},
        },
        theme::Theme,
        widgets::{DrawContext, frame, table::page_start},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
    style::Style,
};

pub fn draw(drawn: &Drawn<'_>, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let theme = look.theme;
    match drawn.panel.shown {
        PanelContent::Nothing => {}
        PanelContent::Findings => draw_findings(drawn, theme, area, buffer),
        PanelContent::Meaning => draw_meaning(drawn, theme, area, buffer),
        PanelContent::Plan => {
            let focused = drawn.panel.focused;
            let inside = frame::pane(&drawn.plan_title, focused, theme, area, buffer);
            drawn.plan.text.draw(look, inside, area, focused, buffer);
        }
        PanelContent::Difference => {
            let text = drawn.writing.text().as_str();
            difference::draw(drawn.compared, text, drawn.panel, theme, area, buffer);
        }
    }
}

fn draw_findings(drawn: &Drawn<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let listed = drawn.findings.listed();
    let counts = drawn.findings.counts().join(", ");
    let counts = if counts.is_empty() { "none".to_owned() } else { counts };
    let title = format!("Findings · {counts}");
    let rows = frame::pane(&title, drawn.panel.focused, theme, area, buffer);
    let here = match drawn.panel.focused {
        true => Some(drawn.panel.row),
        false => drawn.findings.listed_here(drawn.writing, None),
    };
    let height = usize::from(rows.height);
    let top = page_start(here.unwrap_or(0), height, listed.len());
    let below = listed.len().saturating_sub(top + height);
    frame::out_of_sight(top, below, theme, area, buffer);
    let lines = drawn.writing.text().lines().to_string().len();
    for (y, (index, remark)) in (rows.y..rows.bottom()).zip(listed.iter().enumerate().skip(top)) {
        let row = Rect { y, height: 1, ..rows };
        let (glyph, style) = look_of(remark.severity, theme);
        let place = remark
            .place
            .map_or(String::new(), |_| (remark.line(drawn.writing.text()) + 1).to_string());
        let mended = if remark.fix.is_some() { " [can be fixed]" } else { "" };
        let room = usize::from(row.width.saturating_sub(2));
        let said = format!("{place:>lines$}  {}", remark.message);
        // Where there is little room, what it says goes before what it is called.
        let ways = [format!("{said}{mended}  {}", remark.code), format!("{said}{mended}"), said];
        let text = ways.iter().find(|it| elide::width(it) <= room).unwrap_or(&ways[2]);
        let text = elide::end(text, room);
        buffer.set_string(row.x, y, glyph, style);
        buffer.set_stringn(row.x + 2, y, text, usize::from(row.width), theme.text);
        if Some(index) == here && drawn.panel.focused {
            frame::select(row, theme, buffer);
        }
    }
}

fn draw_meaning(drawn: &Drawn<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane("What this means", false, theme, area, buffer);
    let mut said: Vec<(Style, String)> = Vec::new();
    for remark in drawn.findings.here(drawn.writing, drawn.panel.selected()) {
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
    if let Some(hint) = drawn.panel.meaning() {
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
        said.push((theme.muted, "skep knows nothing about this place".to_owned()));
    }
    paragraphs(inside.inner(Margin::new(1, 0)), said, buffer);
}
