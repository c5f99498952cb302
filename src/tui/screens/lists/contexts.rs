//! The list of docker contexts.

use crate::{
    domain::columns::{Cell, Column, Known, Sign, Tone},
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::list::Listing,
        world::{ContextRow, World},
    },
};

/// All docker contexts of this user.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contexts;

const COLUMNS: &[Column<ContextRow>] = &[
    Column::left("NAME", 0, name).by(|a, b, _| a.name.cmp(&b.name)),
    Column::left("ENGINE", 0, address).by(|a, b, _| a.address.cmp(&b.address)),
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

    fn unread(&self, _world: &World) -> Option<String> {
        None
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

fn name<'a>(row: &'a ContextRow, known: Known<'a>) -> Cell<'a> {
    let current = known.facts.context() == Some(&row.name);
    let (sign, tone) = if current { (Sign::Good, Tone::Accent) } else { (Sign::Blank, Tone::Text) };
    Cell::new(row.name.as_str(), tone).before(sign)
}

fn address<'a>(row: &'a ContextRow, _: Known<'a>) -> Cell<'a> {
    Cell::sentence(&*row.address, Tone::Muted)
}
