//! The view of a comparison, part by part.

use crate::{
    domain::text::{count::counted, elide},
    tui::{
        screens::editor::{compare::Compared, panel::Panel, writing::letters},
        theme::Theme,
        widgets::frame,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

pub fn draw(
    compared: &Compared,
    text: &str,
    panel: &Panel,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let parts = counted(compared.hunks.len() as u64, "part", "parts");
    let title = format!("Differs from {} · {parts}", compared.with);
    let focused = panel.focused;
    let inside = frame::pane(&title, focused, theme, area, buffer);
    let [old, new] = [compared.old.as_str(), text];
    let [old, new]: [Vec<&str>; 2] = [old, new].map(|it| it.split('\n').collect());
    let mut rows: Vec<(Style, String)> = Vec::new();
    let mut selected = 0..0;
    for (index, hunk) in compared.hunks.iter().enumerate() {
        let start = rows.len();
        let line = hunk.new.start + 1;
        rows.push((theme.title, format!("{line}  {}", hunk.path.join("."))));
        let gone = old[hunk.old.clone()].iter().map(|it| (theme.danger, format!("- {it}")));
        rows.extend(gone);
        let come = new[hunk.new.clone()].iter().map(|it| (theme.accent, format!("+ {it}")));
        rows.extend(come);
        if index == panel.row {
            selected = start..rows.len();
        }
    }
    if rows.is_empty() {
        rows.push((theme.muted, "nothing differs any more".to_owned()));
    }
    if focused {
        rows.push((theme.muted, "<r>take this part back  <enter>to the text".to_owned()));
    }
    let height = usize::from(inside.height);
    // The part that is selected is seen, from its beginning.
    let top = selected.end.saturating_sub(height).min(selected.start);
    for (y, (index, (style, text))) in
        (inside.y..inside.bottom()).zip(rows.iter().enumerate().skip(top))
    {
        let shown: String = letters(text.trim_end_matches('\r'))
            .map(|it| if it.text == "\t" { " " } else { it.text })
            .collect();
        let width = usize::from(inside.width);
        buffer.set_stringn(inside.x, y, elide::end(&shown, width), width, *style);
        if focused && index == selected.start && !selected.is_empty() {
            frame::select(Rect { y, height: 1, ..inside }, theme, buffer);
        }
    }
}
