//! The variables of a stack: what each comes to, who gives it, and what is missing.

use crate::{
    domain::{
        columns::{Cell, Column, Known, Tone},
        project::StackPath,
    },
    projects::VariableRow,
    tui::{
        event::{Destination, Subject},
        screens::{Wants, lists::FullScreen},
        widgets::list::Listing,
        world::World,
    },
};

/// All variables that a stack uses, and all that is set for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Variables {
    pub stack: StackPath,
}

const COLUMNS: &[Column<VariableRow>] = &[
    Column::left("NAME", 0, name),
    Column::left("SERVICE", 3, service),
    Column::left("VALUE", 0, value),
    Column::left("FROM", 1, origin),
    Column::left("OVERRIDES", 2, beats),
];

impl Listing for Variables {
    type Row = VariableRow;

    fn title(&self, _world: &World) -> String {
        format!("Variables · {}", self.stack)
    }

    fn columns(&self) -> &'static [Column<VariableRow>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w VariableRow> {
        let read = world.panel_of(&self.stack).and_then(Result::ok);
        read.into_iter().flat_map(|it| &it.rows).collect()
    }

    fn subject(&self, row: &VariableRow) -> Subject {
        Subject::Variable(self.stack.clone(), row.service.clone(), row.name.clone())
    }

    fn fine(&self, row: &VariableRow) -> bool {
        !row.is_missing()
    }

    fn unread(&self, world: &World) -> Option<String> {
        match world.panel_of(&self.stack) {
            None => Some("reading".to_owned()),
            Some(Err(why)) => Some(why.to_owned()),
            Some(Ok(_)) => None,
        }
    }

    fn empty(&self, _world: &World) -> String {
        format!(
            "{} uses no variables, and nothing is set for it: `:set NAME=VALUE` sets one",
            self.stack
        )
    }
}

impl FullScreen for Variables {
    fn place(&self) -> Destination {
        Destination::Variables(self.stack.clone())
    }

    fn wants(&self, _world: &World) -> Wants {
        Wants { panel: Some(self.stack.clone()), ..Wants::default() }
    }

    fn open(&self, _subject: &Subject) -> Option<Destination> {
        None
    }
}

fn name<'a>(row: &'a VariableRow, _: Known<'a>) -> Cell<'a> {
    let tone = if row.is_missing() { Tone::Danger } else { Tone::Text };
    Cell::new(row.name.as_str(), tone)
}

fn service<'a>(row: &'a VariableRow, _: Known<'a>) -> Cell<'a> {
    Cell::new(row.service.as_deref().unwrap_or_default(), Tone::Muted)
}

fn value<'a>(row: &'a VariableRow, _: Known<'a>) -> Cell<'a> {
    match row.shown() {
        Some(value) => Cell::sentence(value, Tone::Text),
        None if row.required => Cell::new("missing, and required", Tone::Danger),
        None => Cell::new("missing", Tone::Warn),
    }
}

fn origin<'a>(row: &'a VariableRow, _: Known<'a>) -> Cell<'a> {
    Cell::new(row.origin.as_str(), Tone::Muted)
}

fn beats<'a>(row: &'a VariableRow, _: Known<'a>) -> Cell<'a> {
    Cell::new(row.beats.join(", "), Tone::Muted)
}
