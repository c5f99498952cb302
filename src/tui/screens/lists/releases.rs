//! The releases of a stack: what was deployed, by whom, and how it ended.

use crate::{
    domain::{
        deployment::{
            release::{Release, ReleaseState},
            rollback::LiveRelease,
        },
        describe::length,
        swarm::names::StackName,
        text::age,
    },
    tui::{
        event::{Destination, Subject},
        past::Lookback,
        screens::{Wants, lists::FullScreen},
        widgets::{
            DrawContext,
            list::{Listing, Moments},
            table::{Cell, Column, Side},
        },
        world::World,
    },
};

/// All releases of one stack that this machine remembers, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Releases {
    pub stack: StackName,
}

const COLUMNS: &[Column<Release>] = &[
    Column {
        title: "RELEASE",
        side: Side::Right,
        at_most: 7,
        rank: 0,
        cell: revision,
        order: None,
    },
    Column {
        title: "STATE",
        side: Side::Left,
        at_most: 13,
        rank: 0,
        cell: state,
        order: Some(|a, b, _| a.state.words().cmp(b.state.words())),
    },
    Column { title: "LIVE", side: Side::Left, at_most: 7, rank: 0, cell: live, order: None },
    Column {
        title: "AGE",
        side: Side::Right,
        at_most: 5,
        rank: 1,
        cell: ago,
        order: Some(|a, b, _| b.order.queued.cmp(&a.order.queued)),
    },
    Column { title: "TOOK", side: Side::Right, at_most: 8, rank: 5, cell: took, order: None },
    Column { title: "HEALTHY", side: Side::Right, at_most: 7, rank: 4, cell: healthy, order: None },
    Column { title: "WHO", side: Side::Left, at_most: 28, rank: 3, cell: who, order: None },
    Column::text("MESSAGE", 2, message),
    Column::text("REASON", 0, reason),
];

impl Listing for Releases {
    type Row = Release;

    fn title(&self, _world: &World) -> String {
        format!("Releases · {}", self.stack)
    }

    fn columns(&self) -> &'static [Column<Release>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Release> {
        let read = world.history.of(&self.stack).and_then(Result::ok);
        read.into_iter().flat_map(|it| &it.releases).collect()
    }

    fn subject(&self, row: &Release) -> Subject {
        Subject::Release(self.stack.clone(), row.key.revision)
    }

    fn fine(&self, row: &Release) -> bool {
        !matches!(
            row.state,
            ReleaseState::Failed
                | ReleaseState::Unhealthy
                | ReleaseState::RolledBack
                | ReleaseState::Interrupted
        )
    }

    fn empty(&self, world: &World) -> String {
        match world.history.of(&self.stack) {
            None => "reading".to_owned(),
            Some(Err(why)) => why.to_owned(),
            Some(Ok(_)) if !is_known(&self.stack, world) => format!(
                "there is no stack {}, and none was deployed with skep from this machine; `:stacks` lists them",
                self.stack
            ),
            Some(Ok(_)) => format!(
                "{} was not deployed with skep from this machine; `:edit FILE` opens a compose file, f5 deploys it",
                self.stack
            ),
        }
    }

    fn moments(&self, row: &Release) -> Moments {
        [Some(row.order.queued), None, None]
    }
}

impl FullScreen for Releases {
    fn place(&self) -> Destination {
        Destination::Releases(self.stack.clone())
    }

    fn wants(&self, _world: &World) -> Wants {
        let history = Some(Lookback { stack: self.stack.clone(), revision: None });
        Wants { history, ..Wants::default() }
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Release(stack, revision) = subject else { return None };
        Some(Destination::Release(stack.clone(), *revision))
    }
}

fn revision<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(format!("r{}", row.key.revision), look.theme.text)
}

fn state<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    let (glyphs, words) = (look.theme.glyphs, row.state.words());
    match row.state {
        ReleaseState::Failed | ReleaseState::Unhealthy => {
            Cell::new(format!("{} {words}", glyphs.bad), look.theme.danger)
        }
        ReleaseState::RolledBack | ReleaseState::Interrupted => {
            Cell::new(format!("{} {words}", glyphs.bad), look.theme.warn)
        }
        ReleaseState::Queued | ReleaseState::Deploying => {
            Cell::new(format!("{} {words}", glyphs.moving), look.theme.warn)
        }
        ReleaseState::Healthy => Cell::new(format!("{} {words}", glyphs.good), look.theme.text),
        ReleaseState::Cancelled | ReleaseState::Removed | ReleaseState::Sent => {
            Cell::new(format!("  {words}"), look.theme.muted)
        }
    }
}

/// Marks the one that the cluster has: it need not be the newest.
fn live<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    let past = look.world.history.of(&row.key.stack).and_then(Result::ok);
    let word = LiveRelease::word(past.and_then(|it| it.live), row.key.revision);
    Cell::new(word, if word == "live" { look.theme.text } else { look.theme.warn })
}

fn ago<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.order.queued, look.world.now), look.theme.muted)
}

fn took<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.took().map(length).unwrap_or_default(), look.theme.muted)
}

fn healthy<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    let text = match row.healthy_services() {
        (_, 0) => String::new(),
        (healthy, all) => format!("{healthy}/{all}"),
    };
    Cell::new(text, look.theme.muted)
}

fn who<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(row.order.who.to_string(), look.theme.muted)
}

fn message<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::sentence(&*row.order.message, look.theme.text)
}

fn reason<'a>(row: &'a Release, look: &DrawContext<'a>) -> Cell<'a> {
    let style = if row.state == ReleaseState::Failed { look.theme.danger } else { look.theme.warn };
    // Whose services they are, the title says.
    let services = format!("service {}_", row.key.stack);
    Cell::sentence(row.reason.as_deref().unwrap_or_default().replace(&services, ""), style)
}

/// Returns whether a stack is in the swarm, or in a project.
fn is_known(stack: &StackName, world: &World) -> bool {
    let live = || world.services().iter().any(|it| it.stack.as_ref() == Some(stack));
    world.managed(stack).is_some() || live()
}
