//! Jobs: what skep does or did, how far it is, and how it ended.

use crate::{
    domain::text::{age, brief::beside},
    jobs::Verdict,
    tui::{
        event::{Destination, Subject},
        screens::lists::FullScreen,
        widgets::{
            DrawContext,
            list::{Listing, Moments},
            table::{Cell, Column, Side},
        },
        world::{Job, World},
    },
};

/// All jobs of this session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs;

const COLUMNS: &[Column<Job>] = &[
    Column {
        title: "JOB",
        side: Side::Left,
        at_most: u16::MAX,
        rank: 0,
        cell: title,
        order: Some(|a, b, _| a.title.cmp(&b.title)),
    },
    Column {
        title: "STATE",
        side: Side::Left,
        at_most: 16,
        rank: 0,
        cell: state,
        order: Some(|a, b, _| a.verdict.is_some().cmp(&b.verdict.is_some())),
    },
    Column {
        title: "STARTED",
        side: Side::Right,
        at_most: 7,
        rank: 2,
        cell: started,
        order: Some(|a, b, _| b.started.cmp(&a.started)),
    },
    Column { title: "TOOK", side: Side::Right, at_most: 6, rank: 3, cell: took, order: None },
    Column::text("WHAT", 0, what),
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

fn title<'a>(row: &'a Job, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(&*row.title, look.theme.text)
}

fn state<'a>(row: &'a Job, look: &DrawContext<'a>) -> Cell<'a> {
    let glyphs = look.theme.glyphs;
    let Some(verdict) = &row.verdict else {
        let word = if row.is_paused() { "paused" } else { "running" };
        return Cell::new(format!("{} {word}", glyphs.moving), look.theme.warn);
    };
    let word = verdict.word();
    match verdict {
        Verdict::Succeeded(_) => Cell::new(word, look.theme.ok),
        Verdict::Stopped(_) => Cell::new(word, look.theme.muted),
        Verdict::RolledBack(_) => Cell::new(word, look.theme.warn),
        Verdict::Failed { .. } | Verdict::NeedsPerson { .. } => {
            Cell::new(format!("{} {word}", glyphs.bad), look.theme.danger)
        }
    }
}

fn started<'a>(row: &'a Job, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.started, look.world.now), look.theme.muted)
}

fn took<'a>(row: &'a Job, look: &DrawContext<'a>) -> Cell<'a> {
    Cell::new(age::age(row.started, row.ended.unwrap_or(look.world.now)), look.theme.muted)
}

fn what<'a>(row: &'a Job, look: &DrawContext<'a>) -> Cell<'a> {
    match &row.verdict {
        None => Cell::sentence(&*row.doing, look.theme.text),
        Some(Verdict::Succeeded(note) | Verdict::Stopped(note)) => {
            Cell::sentence(beside(note, &row.title), look.theme.muted)
        }
        Some(Verdict::RolledBack(why)) => Cell::sentence(beside(why, &row.title), look.theme.warn),
        Some(Verdict::Failed { why, .. } | Verdict::NeedsPerson { why, .. }) => {
            Cell::sentence(beside(why, &row.title), look.theme.danger)
        }
    }
}
