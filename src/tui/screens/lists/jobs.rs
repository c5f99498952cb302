//! Jobs: what skep does or did, how far it is, and how it ended.

use crate::{
    domain::{
        columns::{Cell, Column, Known, Sign, Tone},
        text::{age, brief::beside},
    },
    jobs::Verdict,
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::list::{Listing, Moments},
        world::{Job, World},
    },
};

/// All jobs of this session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs;

const COLUMNS: &[Column<Job>] = &[
    Column::left("JOB", 0, title).by(|a, b, _| a.title.cmp(&b.title)),
    Column::left("STATE", 0, state)
        .at_most(16)
        .by(|a, b, _| a.verdict.is_some().cmp(&b.verdict.is_some())),
    Column::right("STARTED", 2, started).at_most(7).by(|a, b, _| b.started.cmp(&a.started)),
    Column::right("TOOK", 3, took).at_most(6),
    Column::left("WHAT", 0, what),
];

impl Listing for Jobs {
    type Row = Job;

    fn title(&self, _world: &World) -> String {
        "Jobs".to_owned()
    }

    fn columns(&self) -> &'static [Column<Job>] {
        COLUMNS
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Job> {
        world.jobs().collect()
    }

    fn subject(&self, row: &Job) -> Subject {
        Subject::Job(row.id)
    }

    fn fine(&self, row: &Job) -> bool {
        row.verdict.as_ref().is_none_or(Verdict::succeeded)
    }

    fn unread(&self, _world: &World) -> Option<String> {
        None
    }

    fn empty(&self, _world: &World) -> String {
        "no jobs in this session: scaling, restarting, deploying … each becomes one".to_owned()
    }

    fn moments(&self, row: &Job) -> Moments {
        [Some(row.started), None, None]
    }
}

impl FullScreen for Jobs {
    fn place(&self) -> Destination {
        Destination::Jobs
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        let Subject::Job(id) = subject else { return None };
        Some(Destination::Job(*id))
    }
}

fn title<'a>(row: &'a Job, _: Known<'a>) -> Cell<'a> {
    Cell::new(&*row.title, Tone::Text)
}

fn state<'a>(row: &'a Job, _: Known<'a>) -> Cell<'a> {
    let Some(verdict) = &row.verdict else {
        let word = if row.is_paused() { "paused" } else { "running" };
        return Cell::new(word, Tone::Warn).before(Sign::Moving);
    };
    let word = verdict.word();
    match verdict {
        Verdict::Succeeded(_) => Cell::new(word, Tone::Ok),
        Verdict::Stopped(_) => Cell::new(word, Tone::Muted),
        Verdict::RolledBack(_) => Cell::new(word, Tone::Warn),
        Verdict::Failed { .. } | Verdict::NeedsPerson { .. } => {
            Cell::new(word, Tone::Danger).before(Sign::Bad)
        }
    }
}

fn started<'a>(row: &'a Job, known: Known<'a>) -> Cell<'a> {
    Cell::new(age::age(row.started, known.now()), Tone::Muted)
}

fn took<'a>(row: &'a Job, known: Known<'a>) -> Cell<'a> {
    Cell::new(age::age(row.started, row.ended.unwrap_or(known.now())), Tone::Muted)
}

fn what<'a>(row: &'a Job, _: Known<'a>) -> Cell<'a> {
    match &row.verdict {
        None => Cell::sentence(&*row.doing, Tone::Text),
        Some(Verdict::Succeeded(note) | Verdict::Stopped(note)) => {
            Cell::sentence(beside(note, &row.title), Tone::Muted)
        }
        Some(Verdict::RolledBack(why)) => Cell::sentence(beside(why, &row.title), Tone::Warn),
        Some(Verdict::Failed { why, .. } | Verdict::NeedsPerson { why, .. }) => {
            Cell::sentence(beside(why, &row.title), Tone::Danger)
        }
    }
}
