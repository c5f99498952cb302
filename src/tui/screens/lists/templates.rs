//! Templates: what new stacks can be made of.

use crate::{
    domain::columns::{Cell, Column, Known, Tone},
    projects::templates::TemplateFile,
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::list::Listing,
        world::World,
    },
};

/// All templates there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers;

const COLUMNS: &[Column<TemplateFile>] = &[
    Column::left("NAME", 0, name).by(|a, b, _| a.template.name.cmp(&b.template.name)),
    Column::left("WHAT IT IS", 0, description),
    Column::left("FROM", 1, from),
];

impl Listing for Offers {
    type Row = TemplateFile;

    fn title(&self, world: &World) -> String {
        let broken = &world.setting.templates.broken;
        match broken.as_slice() {
            [] => "Templates".to_owned(),
            broken => format!("Templates · {} broken: `skep template list`", broken.len()),
        }
    }

    fn columns(&self) -> &'static [Column<TemplateFile>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w TemplateFile> {
        world.setting.templates.all.iter().collect()
    }

    fn subject(&self, row: &TemplateFile) -> Subject {
        Subject::Template(row.template.name.clone())
    }

    fn fine(&self, _row: &TemplateFile) -> bool {
        true
    }

    fn unread(&self, _world: &World) -> Option<String> {
        None
    }

    fn empty(&self, _world: &World) -> String {
        "no templates".to_owned()
    }
}

impl FullScreen for Offers {
    fn place(&self) -> Destination {
        Destination::Templates
    }

    /// `enter` asks for which stack; see the keys of the cockpit.
    fn open(&self, _subject: &Subject) -> Option<Destination> {
        None
    }
}

fn name<'a>(row: &'a TemplateFile, _: Known<'a>) -> Cell<'a> {
    Cell::new(row.template.name.as_str(), Tone::Text)
}

fn description<'a>(row: &'a TemplateFile, _: Known<'a>) -> Cell<'a> {
    Cell::sentence(row.template.description.as_str(), Tone::Text)
}

fn from<'a>(row: &'a TemplateFile, _: Known<'a>) -> Cell<'a> {
    let path = row.path.as_ref().map(|it| it.display().to_string());
    Cell::sentence(path.unwrap_or_else(|| "built-in".to_owned()), Tone::Muted)
}
