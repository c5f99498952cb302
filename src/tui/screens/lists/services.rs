//! Services: how many tasks run, of what, and how their update goes.

use crate::{
    domain::{
        swarm::{
            cluster::{Condition, Service, TaskScope},
            states::UpdateState,
        },
        text::{age, natural::natural},
    },
    tui::{
        event::{Destination, Scope, Subject},
        screens::{Wants, lists::FullScreen},
        widgets::{
            DrawContext,
            list::{Listing, Moments, by},
            table::{Cell, Column, Side},
        },
        world::World,
    },
};
use ratatui::style::Style;
use std::fmt::Write as _;

/// The services of a scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Services {
    pub scope: Scope,
}

const COLUMNS: &[Column<Service>] = &[
    Column {
        title: "NAME",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: name,
        order: Some(|a, b, _| natural(&a.name, &b.name)),
    },
    Column {
        title: "MODE",
        side: Side::Left,
        at_most: 14,
        rank: 7,
        cell: mode,
        order: Some(|a, b, _| a.mode.word().cmp(b.mode.word())),
    },
    Column {
        title: "REPLICAS",
        side: Side::Left,
        at_most: 28,
        rank: 0,
        cell: replicas,
        order: Some(|a, b, _| shortfall(b).cmp(&shortfall(a))),
    },
    Column {
        title: "IMAGE",
        side: Side::Left,
        at_most: 48,
        rank: 3,
        cell: image_cell,
        order: Some(|a, b, _| natural(&a.image, &b.image)),
    },
    Column {
        title: "RESTARTS",
        side: Side::Right,
        at_most: 10,
        rank: 1,
        cell: restarts,
        order: Some(|a, b, _| by(b, a, |it| (it.seen.restarts.count, it.seen.restarts.last))),
    },
    Column { title: "SINCE", side: Side::Right, at_most: 6, rank: 3, cell: since, order: None },
    Column { title: "UPDATE", side: Side::Left, at_most: 30, rank: 2, cell: update, order: None },
    Column {
        title: "CHANGED",
        side: Side::Right,
        at_most: 7,
        rank: 5,
        cell: changed,
        order: Some(|a, b, _| b.changed.cmp(&a.changed)),
    },
    Column {
        title: "AGE",
        side: Side::Right,
        at_most: 5,
        rank: 4,
        cell: age_cell,
        order: Some(|a, b, _| b.created.cmp(&a.created)),
    },
    Column { title: "PORTS", side: Side::Left, at_most: 28, rank: 6, cell: ports, order: None },
];

impl Listing for Services {
    type Row = Service;

    fn title(&self, world: &World) -> String {
        match &self.scope {
            Scope::Stack(stack) => format!("Services · {stack}"),
            Scope::Single => "Services · no stack".to_owned(),
            Scope::Node(id) => format!("Services · {}", world.host(Some(id))),
            Scope::All | Scope::Service(_) => "Services".to_owned(),
        }
    }

    fn columns(&self) -> &'static [Column<Service>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Service> {
        world.services().iter().filter(|it| in_scope(it, &self.scope)).collect()
    }

    fn subject(&self, row: &Service) -> Subject {
        Subject::Service(row.id.clone())
    }

    fn fine(&self, row: &Service) -> bool {
        row.seen.condition == Condition::Fine
    }

    fn empty(&self, world: &World) -> String {
        match (&world.view.read_at, &self.scope) {
            (None, _) => "waiting for the engine".to_owned(),
            (_, Scope::Stack(stack)) => {
                format!("stack {stack} has no services: it is not deployed yet, or was removed")
            }
            _ => "no services yet: `:edit FILE` opens a compose file, f5 deploys it".to_owned(),
        }
    }

    fn moments(&self, row: &Service) -> Moments {
        [Some(row.changed), Some(row.created), row.seen.since.map(|it| it.at)]
    }
}

impl FullScreen for Services {
    fn place(&self) -> Destination {
        Destination::Services(self.scope.clone())
    }

    fn wants(&self, _world: &World) -> Wants {
        Wants::default()
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Service(id) = subject else { return None };
        Some(Destination::Tasks(Scope::Service(id.clone())))
    }
}

/// Returns whether a service belongs to a scope.
pub fn in_scope(service: &Service, scope: &Scope) -> bool {
    match scope {
        Scope::All | Scope::Node(_) => true,
        Scope::Stack(stack) => service.stack.as_ref() == Some(stack),
        Scope::Single => service.stack.is_none(),
        Scope::Service(id) => service.id == *id,
    }
}

/// Returns which tasks belong to a scope.
pub fn tasks_of(scope: &Scope, world: &World) -> Option<TaskScope> {
    Some(match scope {
        Scope::All => TaskScope::All,
        Scope::Stack(stack) => TaskScope::Stack(stack.clone()),
        Scope::Service(id) => TaskScope::Services(vec![id.clone()]),
        Scope::Node(id) => TaskScope::Node(id.clone()),
        Scope::Single => {
            let single = world.services().iter().filter(|it| it.stack.is_none());
            let ids: Vec<_> = single.map(|it| it.id.clone()).collect();
            if ids.is_empty() {
                return None;
            }
            TaskScope::Services(ids)
        }
    })
}

fn name<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.name, condition_style(row, look))
}

fn mode<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.mode.word(), look.theme.muted)
}

fn replicas<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    let glyphs = look.theme.glyphs;
    let text = row.replicas();
    match row.seen.condition {
        _ if row.stopped.is_some() && row.converged() => Cell::new(text, look.theme.muted),
        Condition::Failing => Cell::new(format!("{text} {}", glyphs.bad), look.theme.danger),
        Condition::Unsteady => Cell::new(format!("{text} {}", glyphs.warn), look.theme.warn),
        Condition::Changing => Cell::new(text, look.theme.text),
        Condition::Ended => Cell::new(format!("{text} {}", glyphs.none), look.theme.muted),
        Condition::Fine => Cell::new(text, look.theme.ok),
    }
}

fn image_cell<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::image(&row.image, look.theme.text)
}

fn update<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    let Some(update) = &row.update else { return Cell::nothing(look.theme.muted) };
    let word = match update.state.known() {
        Some(UpdateState::RollbackStarted) => "rolling back".to_owned(),
        Some(UpdateState::RollbackCompleted) => "rolled back".to_owned(),
        _ => update.state.word().replace('_', " "),
    };
    match update.state.known() {
        Some(UpdateState::Completed) => Cell::nothing(look.theme.muted),
        Some(UpdateState::Updating) => {
            Cell::new(format!("{} {word}", look.theme.glyphs.moving), look.theme.warn)
        }
        _ => Cell::new(format!("{} {word}", look.theme.glyphs.warn), look.theme.danger),
    }
}

fn age_cell<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.created, look.world.now), look.theme.muted)
}

fn changed<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.changed, look.world.now), look.theme.muted)
}

/// How often its tasks ended within the last hour.
fn restarts<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    match row.seen.restarts.count {
        0 => Cell::nothing(look.theme.muted),
        _ => Cell::new(row.seen.restarts.to_string(), look.theme.warn),
    }
}

/// For how long it has not been fine.
fn since<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    match row.seen.since.map(|it| it.short(look.world.now)).filter(|it| !it.is_empty()) {
        Some(text) => Cell::new(text, look.theme.text),
        None => Cell::nothing(look.theme.muted),
    }
}

fn condition_style(row: &Service, look: &DrawContext<'_>) -> Style {
    match row.seen.condition {
        Condition::Failing => look.theme.danger,
        Condition::Unsteady => look.theme.warn,
        Condition::Fine | Condition::Ended | Condition::Changing => look.theme.text,
    }
}

fn ports<'a>(row: &'a Service, look: &DrawContext<'a>) -> Cell<'a> {
    let mut text = String::new();
    for port in &row.ports {
        let comma = if text.is_empty() { "" } else { " " };
        let kind = if port.host { " host" } else { "" };
        let protocol =
            if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
        // Writing into a string cannot fail.
        _ = write!(
            text,
            "{comma}{}{}{}{protocol}{kind}",
            port.published, look.theme.glyphs.arrow, port.target
        );
    }
    Cell::new(text, look.theme.muted)
}

/// How bad it is, then tasks that should run and do not; the worst comes first.
fn shortfall(row: &Service) -> (Condition, u64) {
    let tally = row.tally();
    (row.seen.condition, tally.wanted.saturating_sub(tally.running))
}
