//! The list of docker contexts.

use crate::tui::{
    event::{Destination, Subject},
    screens::lists::FullScreen,
    widgets::{
        DrawContext,
        list::Listing,
        table::{Cell, Column, Side},
    },
    world::{ContextRow, World},
};

/// All docker contexts of this user.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contexts;

const COLUMNS: &[Column<ContextRow>] = &[
    Column {
        title: "NAME",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: name,
        order: Some(|a, b, _| a.name.cmp(&b.name)),
    },
    Column {
        title: "ENGINE",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: address,
        order: Some(|a, b, _| a.address.cmp(&b.address)),
    },
];

impl Listing for Contexts {
    type Row = ContextRow;

    fn title(&self, _world: &World) -> String {
        "Contexts".to_owned()
    }

    fn columns(&self) -> &'static [Column<ContextRow>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w ContextRow> {
        world.setting.contexts.iter().collect()
    }

    fn subject(&self, row: &ContextRow) -> Subject {
        Subject::Context(row.name.clone())
    }

    fn fine(&self, _row: &ContextRow) -> bool {
        true
    }

    fn empty(&self, _world: &World) -> String {
        "no docker contexts; make one with `docker context create NAME --docker host=ssh://USER@HOST`".to_owned()
    }
}

impl FullScreen for Contexts {
    fn place(&self) -> Destination {
        Destination::Contexts
    }

    /// `enter` switches; see the keys of the cockpit.
    fn open(&self, _subject: &Subject) -> Option<Destination> {
        None
    }
}

fn name<'a>(row: &'a ContextRow, look: &DrawContext<'a>) -> Cell<'a> {
    let current = row.name == look.world.setting.context;
    let mark = if current { look.theme.glyphs.good } else { " " };
    let style = if current { look.theme.accent } else { look.theme.text };
    Cell::new(format!("{mark} {}", row.name), style)
}

fn address<'a>(row: &'a ContextRow, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::sentence(&*row.address, look.theme.muted)
}
