//! Templates: what new stacks can be made of.

use crate::{
    projects::templates::Known,
    tui::{
        event::{Place, Subject},
        screens::lists::FullScreen,
        widgets::{
            Look,
            list::Listing,
            table::{Cell, Column},
        },
        world::World,
    },
};

/// All templates there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers;

const COLUMNS: &[Column<Known>] = &[
    Column {
        order: Some(|a, b, _| a.template.name.cmp(&b.template.name)),
        ..Column::text("NAME", 0, name)
    },
    Column::text("WHAT IT IS", 0, description),
    Column::text("FROM", 1, from),
];

impl Listing for Offers {
    type Row = Known;

    fn title(&self, world: &World) -> String {
        let broken = &world.setting.templates.broken;
        match broken.as_slice() {
            [] => "Templates".to_owned(),
            broken => format!("Templates · {} broken: `skep template list`", broken.len()),
        }
    }

    fn columns(&self) -> &'static [Column<Known>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Known> {
        world.setting.templates.all.iter().collect()
    }

    fn subject(&self, row: &Known) -> Subject {
        Subject::Template(row.template.name.clone())
    }

    fn fine(&self, _row: &Known) -> bool {
        true
    }

    fn empty(&self, _world: &World) -> String {
        "no templates".to_owned()
    }
}

impl FullScreen for Offers {
    fn place(&self) -> Place {
        Place::Templates
    }

    /// `enter` asks for which stack; see the keys of the cockpit.
    fn open(&self, _subject: &Subject) -> Option<Place> {
        None
    }
}

fn name<'a>(row: &'a Known, look: &Look<'a>) -> Cell<'a> {
    Cell::new(row.template.name.as_str(), look.theme.text)
}

fn description<'a>(row: &'a Known, look: &Look<'a>) -> Cell<'a> {
    Cell::sentence(row.template.description.as_str(), look.theme.text)
}

fn from<'a>(row: &'a Known, look: &Look<'a>) -> Cell<'a> {
    let path = row.path.as_ref().map(|it| it.display().to_string());
    Cell::sentence(path.unwrap_or_else(|| "built-in".to_owned()), look.theme.muted)
}
