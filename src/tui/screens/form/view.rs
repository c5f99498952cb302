//! The view of the template form: values above, the text below.

use crate::{
    domain::{
        columns::{Cell, Column, Known, Tone},
        compose::template::{Parameter, ParameterType},
    },
    tui::widgets::{
        DrawContext, frame,
        table::{self, Marks},
        text_page::{TextPage, wrapped},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};
use std::collections::BTreeMap;

/// Lines about the selected parameter.
const ABOUT: u16 = 2;

/// A parameter with its value.
#[derive(Debug)]
pub struct ParameterRow {
    name: String,
    kind: ParameterType,
    value: String,
    /// Whether it is not the default.
    own: bool,
    /// Why the value is none.
    wrong: Option<String>,
    description: String,
    /// What else there is to know, in sentences.
    about: String,
}

/// What is shown of a form.
#[derive(Debug)]
pub struct Shown {
    pub title: String,
    pub rows: Vec<ParameterRow>,
    pub cursor: usize,
    /// Whether the keys move the text.
    pub in_text: bool,
    pub zoomed: bool,
    pub text: TextPage,
}

const COLUMNS: &[Column<ParameterRow>] = &[
    Column::left("PARAMETER", 0, name),
    Column::left("TYPE", 1, kind),
    Column::left("VALUE", 0, value),
    Column::left("WHAT IT IS", 2, description),
];

impl ParameterRow {
    pub fn of(
        parameter: &Parameter,
        given: &BTreeMap<String, String>,
        wrong: Option<String>,
    ) -> Self {
        let own = given.contains_key(&parameter.name);
        let value = parameter.value(given);
        Self {
            name: parameter.name.clone(),
            kind: parameter.kind,
            value: value.to_owned(),
            own,
            about: about(parameter, value, own, wrong.as_deref()),
            wrong,
            description: parameter.description.clone(),
        }
    }
}

/// Draws both panes, or the focused one alone.
pub fn draw(shown: &Shown, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    if shown.zoomed {
        return match shown.in_text {
            true => draw_text(shown, look, area, buffer),
            false => draw_values(shown, look, area, buffer),
        };
    }
    let [values, text] = panes(shown, area);
    draw_values(shown, look, values, buffer);
    draw_text(shown, look, text, buffer);
}

/// Returns how many columns and rows of the text are seen in an area.
pub fn text_room(shown: &Shown, area: Rect) -> (u16, u16) {
    let pane = if shown.zoomed { area } else { panes(shown, area)[1] };
    (pane.width.saturating_sub(3), pane.height.saturating_sub(2))
}

fn panes(shown: &Shown, area: Rect) -> [Rect; 2] {
    // Frame and head of the table take three lines.
    let wished = u16::try_from(shown.rows.len()).unwrap_or(u16::MAX).saturating_add(ABOUT + 3);
    let most = (area.height * 3 / 5).max(ABOUT + 4);
    Layout::vertical([Constraint::Length(wished.min(most)), Constraint::Fill(1)]).areas(area)
}

fn draw_values(shown: &Shown, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let wrong = match shown.rows.iter().filter(|it| it.wrong.is_some()).count() {
        0 => String::new(),
        1 => " · 1 value to fix".to_owned(),
        some => format!(" · {some} values to fix"),
    };
    let title = format!("{}{wrong}", shown.title);
    let inside = frame::pane(&title, !shown.in_text, look.theme, area, buffer);
    let [table, about] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(ABOUT)]).areas(inside);
    let rows: Vec<&ParameterRow> = shown.rows.iter().collect();
    let marks =
        Marks { cursor: shown.cursor, focused: !shown.in_text, marked: &|_| false, sorted: None };
    table::draw(&COLUMNS.iter().collect::<Vec<_>>(), &rows, marks, look, table, buffer);
    let height = usize::from(table.height.saturating_sub(1));
    let above = table::page_start(shown.cursor, height, rows.len());
    let below = rows.len().saturating_sub(above + height);
    frame::out_of_sight(above, below, look.theme, area, buffer);
    let Some(row) = shown.rows.get(shown.cursor) else { return };
    let style = if row.wrong.is_some() { look.theme.danger } else { look.theme.muted };
    let width = usize::from(about.width.saturating_sub(3));
    for (y, line) in (about.y..about.bottom()).zip(wrapped(&row.about, width)) {
        buffer.set_stringn(about.x + 2, y, line, width, style);
    }
}

fn draw_text(shown: &Shown, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let unfinished = shown.rows.iter().any(|it| it.wrong.is_some());
    let title = if unfinished { "stack.yml · unfinished" } else { "stack.yml" };
    let inside = frame::pane(title, shown.in_text, look.theme, area, buffer);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    shown.text.draw(look, inside, buffer);
}

/// Says what is wrong, or else what a parameter is and takes.
fn about(parameter: &Parameter, value: &str, own: bool, wrong: Option<&str>) -> String {
    let word = if value.is_empty() { "Missing" } else { "Wrong" };
    let mut said: Vec<String> = wrong.iter().map(|it| format!("{word}: {it}.")).collect();
    said.push(parameter.description.clone());
    let values = parameter.values();
    if !values.is_empty() {
        said.push(format!("One of {}.", values.join(", ")));
    }
    match &parameter.default {
        Some(default) if own => said.push(format!("Default if not set: {default}.")),
        Some(_) if wrong.is_none() => said.push("This is the default.".to_owned()),
        Some(_) => {}
        None if parameter.required => {}
        None => said.push("It may be empty.".to_owned()),
    }
    said.join(" ")
}

fn name<'a>(row: &'a ParameterRow, _: Known<'a>) -> Cell<'a> {
    let tone = if row.wrong.is_some() { Tone::Danger } else { Tone::Text };
    Cell::new(row.name.as_str(), tone)
}

fn kind<'a>(row: &'a ParameterRow, _: Known<'a>) -> Cell<'a> {
    Cell::new(row.kind.word(), Tone::Muted)
}

fn value<'a>(row: &'a ParameterRow, _: Known<'a>) -> Cell<'a> {
    match (&row.wrong, row.value.as_str()) {
        (Some(_), "") => Cell::new("missing", Tone::Danger),
        (Some(_), value) => Cell::sentence(format!("wrong: {value}"), Tone::Danger),
        (None, "") => Cell::new("none", Tone::Muted),
        (None, value) if row.own => Cell::sentence(value, Tone::Text),
        (None, value) => Cell::sentence(value, Tone::Muted),
    }
}

fn description<'a>(row: &'a ParameterRow, _: Known<'a>) -> Cell<'a> {
    Cell::sentence(row.description.as_str(), Tone::Muted)
}
