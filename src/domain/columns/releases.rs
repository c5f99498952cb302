//! Columns of releases: what was deployed, by whom, and how it ended.

use crate::domain::{
    columns::{Cell, Column, Faces, Known, Sign, Tone},
    deployment::{
        release::{Release, ReleaseState},
        rollback::LiveRelease,
    },
    describe::{length, when},
    text::age,
};

pub const COLUMNS: &[Column<Release>] = &[
    Column::right("RELEASE", 0, |it: &Release, _| {
        Cell::new(format!("r{}", it.key.revision), Tone::Text)
    })
    .at_most(7)
    .only(Faces::Cockpit),
    // As commands take it.
    Column::right("RELEASE", 0, |it: &Release, _| {
        Cell::new(it.key.revision.to_string(), Tone::Text)
    })
    .only(Faces::Commands),
    Column::left("STATE", 0, state).at_most(13).by(|a, b, _| a.state.words().cmp(b.state.words())),
    Column::left("LIVE", 0, live).at_most(7),
    Column::right("AGE", 1, |it: &Release, known| {
        Cell::new(age::age(it.order.queued, known.now()), Tone::Muted)
    })
    .at_most(5)
    .by(|a, b, _| b.order.queued.cmp(&a.order.queued))
    .only(Faces::Cockpit),
    Column::left("WHEN", 1, |it: &Release, known| {
        Cell::new(when(it.order.queued, known.facts.zone()), Tone::Text)
    })
    .only(Faces::Commands),
    Column::right("TOOK", 5, |it: &Release, _| {
        Cell::new(it.took().map(length).unwrap_or_default(), Tone::Muted)
    })
    .at_most(8),
    Column::right("HEALTHY", 4, healthy).at_most(7),
    Column::left("WHO", 3, |it: &Release, _| Cell::new(it.order.who.to_string(), Tone::Muted))
        .at_most(28),
    Column::left("MESSAGE", 2, |it: &Release, _| Cell::sentence(&*it.order.message, Tone::Text)),
    Column::left("REASON", 0, reason),
];

fn state<'a>(row: &'a Release, _: Known<'a>) -> Cell<'a> {
    let words = row.state.words();
    let (sign, tone) = match row.state {
        ReleaseState::Failed | ReleaseState::Unhealthy => (Sign::Bad, Tone::Danger),
        ReleaseState::RolledBack | ReleaseState::Interrupted => (Sign::Bad, Tone::Warn),
        ReleaseState::Queued | ReleaseState::Deploying => (Sign::Moving, Tone::Warn),
        ReleaseState::Healthy => (Sign::Good, Tone::Text),
        ReleaseState::Cancelled | ReleaseState::Removed | ReleaseState::Sent => {
            (Sign::Blank, Tone::Muted)
        }
    };
    Cell::new(words, tone).before(sign)
}

/// Marks the one that the cluster has: it need not be the newest.
fn live<'a>(row: &'a Release, known: Known<'a>) -> Cell<'a> {
    let word = LiveRelease::word(known.facts.live(&row.key.stack), row.key.revision);
    Cell::new(word, if word == "live" { Tone::Text } else { Tone::Warn })
}

fn healthy<'a>(row: &'a Release, _: Known<'a>) -> Cell<'a> {
    let text = match row.healthy_services() {
        (_, 0) => String::new(),
        (healthy, all) => format!("{healthy}/{all}"),
    };
    Cell::new(text, Tone::Muted)
}

/// Whose services they are, the list says.
fn reason<'a>(row: &'a Release, _: Known<'a>) -> Cell<'a> {
    let tone = if row.state == ReleaseState::Failed { Tone::Danger } else { Tone::Warn };
    let services = format!("service {}_", row.key.stack);
    Cell::sentence(row.reason.as_deref().unwrap_or_default().replace(&services, ""), tone)
}
