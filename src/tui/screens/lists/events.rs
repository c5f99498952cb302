//! The list of events since the cockpit started, newest first.

use crate::{
    domain::{
        swarm::cluster::{Happening, Object},
        text::age,
    },
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::{
            DrawContext,
            list::{Listing, Moments},
            table::{Cell, Column, Side},
        },
        world::World,
    },
};

/// The events of the cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events;

const COLUMNS: &[Column<Happening>] = &[
    Column { title: "TIME", side: Side::Left, at_most: 8, rank: 0, cell: time, order: None },
    Column {
        title: "AGE",
        side: Side::Right,
        at_most: 5,
        rank: 3,
        cell: ago,
        order: Some(|a, b, _| b.at.cmp(&a.at)),
    },
    Column {
        title: "KIND",
        side: Side::Left,
        at_most: 9,
        rank: 0,
        cell: kind,
        order: Some(|a, b, _| a.kind.cmp(&b.kind)),
    },
    Column {
        title: "ACTION",
        side: Side::Left,
        at_most: 8,
        rank: 0,
        cell: action,
        order: Some(|a, b, _| a.action.cmp(&b.action)),
    },
    Column {
        title: "NAME",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: name,
        order: Some(|a, b, _| a.name.cmp(&b.name)),
    },
    Column::text("WHAT CHANGED", 0, what),
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

    fn empty(&self, world: &World) -> String {
        if world.is_up() {
            "nothing happened since skep started; the engine reports services, nodes, networks, secrets and configs".to_owned()
        } else {
            "waiting for the engine".to_owned()
        }
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

fn time<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    let local = row.at.to_zoned(look.world.setting.zone.clone());
    Cell::new(local.strftime("%H:%M:%S").to_string(), look.theme.muted)
}

fn ago<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.at, look.world.now), look.theme.muted)
}

fn kind<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.kind, look.theme.muted)
}

fn action<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    let style = if row.action == "remove" { look.theme.warn } else { look.theme.text };
    Cell::new(&*row.action, style)
}

fn name<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.name, look.theme.text)
}

fn what<'a>(row: &'a Happening, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::sentence(row.changes(look.theme.glyphs.arrow), look.theme.muted)
}
