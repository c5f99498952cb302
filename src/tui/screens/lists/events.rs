//! The list of events since the cockpit started, newest first.

use crate::{
    domain::{
        columns::{Cell, Column, Known, Tone},
        swarm::cluster::{Happening, Object},
        text::age,
    },
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::list::{Listing, Moments},
        world::World,
    },
};

/// The events of the cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events;

const COLUMNS: &[Column<Happening>] = &[
    Column::left("TIME", 0, time).at_most(8),
    Column::right("AGE", 3, ago).at_most(5).by(|a, b, _| b.at.cmp(&a.at)),
    Column::left("KIND", 0, kind).at_most(9).by(|a, b, _| a.kind.cmp(&b.kind)),
    Column::left("ACTION", 0, action).at_most(8).by(|a, b, _| a.action.cmp(&b.action)),
    Column::left("NAME", 0, name).by(|a, b, _| a.name.cmp(&b.name)),
    Column::left("WHAT CHANGED", 0, what),
];

impl Listing for Events {
    type Row = Happening;

    fn title(&self, _world: &World) -> String {
        "Events".to_owned()
    }

    fn columns(&self) -> &'static [Column<Happening>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Happening> {
        world.happenings.iter().collect()
    }

    fn subject(&self, row: &Happening) -> Subject {
        match row.kind.as_str() {
            "service" => Subject::Service(row.id.as_str().into()),
            "node" => Subject::Node(row.id.as_str().into()),
            "secret" => Subject::Other(Object::Secret(row.id.clone())),
            "config" => Subject::Other(Object::Config(row.id.clone())),
            _ => Subject::Other(Object::Network(row.id.clone())),
        }
    }

    fn fine(&self, row: &Happening) -> bool {
        let trouble = ["down", "unreachable", "paused", "rollback"];
        !row.attributes.values().any(|value| trouble.iter().any(|it| value.contains(it)))
    }

    fn unread(&self, world: &World) -> Option<String> {
        let silent = !world.is_up() && world.happenings.is_empty();
        silent.then(|| "waiting for the engine".to_owned())
    }

    fn empty(&self, _world: &World) -> String {
        "nothing happened since skep started; the engine reports services, nodes, networks, secrets and configs".to_owned()
    }

    fn moments(&self, row: &Happening) -> Moments {
        [Some(row.at), None, None]
    }
}

impl FullScreen for Events {
    fn place(&self) -> Destination {
        Destination::Events
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        subject.object().map(Destination::Describe)
    }
}

fn time<'a>(row: &'a Happening, known: Known<'a>) -> Cell<'a> {
    let local = row.at.to_zoned(known.facts.zone().clone());
    Cell::new(local.strftime("%H:%M:%S").to_string(), Tone::Muted)
}

fn ago<'a>(row: &'a Happening, known: Known<'a>) -> Cell<'a> {
    Cell::new(age::age(row.at, known.now()), Tone::Muted)
}

fn kind<'a>(row: &'a Happening, _: Known<'a>) -> Cell<'a> {
    Cell::new(&*row.kind, Tone::Muted)
}

fn action<'a>(row: &'a Happening, _: Known<'a>) -> Cell<'a> {
    let tone = if row.action == "remove" { Tone::Warn } else { Tone::Text };
    Cell::new(&*row.action, tone)
}

fn name<'a>(row: &'a Happening, _: Known<'a>) -> Cell<'a> {
    Cell::new(&*row.name, Tone::Text)
}

fn what<'a>(row: &'a Happening, known: Known<'a>) -> Cell<'a> {
    Cell::sentence(row.changes(known.arrow), Tone::Muted)
}
