//! Stacks, as a tree: those of projects in their environments, those deployed with skep,
//! those of others, and services of no stack.

use crate::{
    domain::{
        columns::{Cell, Column, Known, Sign, Tone},
        deployment::rollback::LiveRelease,
        text::{age, natural::natural},
    },
    tui::{
        event::{Destination, Group, Scope, Subject},
        screens::lists::FullScreen,
        widgets::list::{Listing, Moments},
        world::{Branch, Source, StackSummary, World},
    },
};
use std::{cmp::Ordering, collections::BTreeSet};

/// The tree of stacks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stacks {
    folded: BTreeSet<Group>,
    /// In a narrow pane one column says what several do on a screen.
    narrow: bool,
}

const COLUMNS: &[Column<Branch>] = &[
    Column::left("STACK", 0, name),
    Column::right("SERVICES", 1, services).at_most(16),
    Column::right("TASKS", 2, tasks).at_most(11),
    Column::right("RELEASE", 3, release).at_most(11),
    Column::left("PENDING", 2, pending).at_most(15),
    Column::right("CHANGED", 4, updated).at_most(8),
];

const NARROW: &[Column<Branch>] = &[
    Column::left("STACK", 0, short_name),
    Column::right("OK", 1, ok).at_most(9),
    Column::right("REL", 2, short_release).at_most(5),
];

impl Stacks {
    /// Returns the tree for a pane beside others.
    pub fn narrow() -> Self {
        Self { narrow: true, ..Self::default() }
    }

    /// Folds or unfolds a group.
    pub fn fold(&mut self, subject: &Subject) -> bool {
        let Subject::Group(group) = subject else { return false };
        if *group == Group::Single {
            return false;
        }
        if !self.folded.remove(group) {
            self.folded.insert(group.clone());
        }
        true
    }

    /// Returns the part of the cluster that a row stands for.
    pub fn scope(subject: Option<&Subject>) -> Scope {
        match subject {
            Some(Subject::Stack(stack)) => Scope::Stack(stack.clone()),
            Some(Subject::Group(Group::Single)) => Scope::Single,
            _ => Scope::All,
        }
    }
}

impl Listing for Stacks {
    type Row = Branch;

    fn title(&self, _world: &World) -> String {
        "Stacks".to_owned()
    }

    fn columns(&self) -> &'static [Column<Branch>] {
        if self.narrow { NARROW } else { COLUMNS }
    }

    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Branch> {
        let hidden = |it: &&Branch| {
            let own = it.stack.is_some() && self.folded.contains(&it.group);
            own || self.folded.iter().any(|folded| it.group.is_in(folded))
        };
        world.tree.iter().filter(|it| !hidden(it)).collect()
    }

    fn counts(&self, row: &Branch) -> bool {
        row.stack.as_ref().is_some_and(|it| it.name.is_some())
    }

    /// Beside others, the head of a group shows the services of all.
    fn start(&self, rows: &[&Branch]) -> usize {
        let first = rows.iter().position(|it| self.counts(it));
        first.filter(|_| !self.narrow).unwrap_or(0)
    }

    fn subject(&self, row: &Branch) -> Subject {
        match &row.stack {
            // What is elsewhere under that name is another stack.
            Some(StackSummary { name: Some(name), .. }) if row.here => Subject::Stack(name.clone()),
            _ => Subject::Group(row.group.clone()),
        }
    }

    fn fine(&self, row: &Branch) -> bool {
        row.stack.as_ref().is_none_or(StackSummary::fine)
    }

    fn unread(&self, world: &World) -> Option<String> {
        let cluster = world.not_read(Source::Cluster);
        cluster.or_else(|| world.not_read(Source::Projects)).map(|it| it.in_place())
    }

    fn empty(&self, _world: &World) -> String {
        "no stacks yet: `:edit FILE` opens a compose file, f5 deploys it".to_owned()
    }

    fn moments(&self, row: &Branch) -> Moments {
        [row.stack.as_ref().filter(|_| !self.narrow).and_then(|it| it.updated), None, None]
    }
}

impl FullScreen for Stacks {
    fn place(&self) -> Destination {
        Destination::Stacks
    }

    fn open(&self, subject: &Subject) -> Option<Destination> {
        Some(Destination::Services(Self::scope(Some(subject))))
    }
}

/// Orders stacks as people count: `web2` before `web10`.
pub fn order(a: &StackSummary, b: &StackSummary) -> Ordering {
    natural(a.label(), b.label())
}

fn name<'a>(row: &'a Branch, known: Known<'a>) -> Cell<'a> {
    label(row, known, "")
}

/// Says also whether something of a stack is not deployed yet: the column that does has no
/// room in a pane.
fn short_name<'a>(row: &'a Branch, known: Known<'a>) -> Cell<'a> {
    let pending = row.managed.as_ref().and_then(|it| it.1.words());
    label(row, known, if pending.is_some() { " +" } else { "" })
}

fn label<'a>(row: &'a Branch, known: Known<'a>, pending: &str) -> Cell<'a> {
    let indent = match row.group {
        Group::Single => 0,
        Group::Environment(_) if row.stack.is_some() => 4,
        Group::Environment(_) => 2,
        _ if row.stack.is_some() => 2,
        _ => 0,
    };
    let Some(stack) = &row.stack else {
        // What is counted is stacks, or environments: no services.
        let label = format!("{} ({}){pending}", row.group.label(), row.count);
        return Cell::new(label, Tone::Muted).before(Sign::Open).indented(indent);
    };
    let occupied = stack.name.as_ref().is_some_and(|it| known.facts.is_occupied(it));
    let (sign, tone) = match stack {
        // Who that is says the line at the top.
        _ if row.here && occupied => (Sign::Moving, Tone::Warn),
        it if it.failing > 0 => (Sign::Bad, Tone::Danger),
        it if !it.fine() => (Sign::Warn, Tone::Warn),
        it if it.updating > 0 => (Sign::Moving, Tone::Warn),
        it if it.services == 0 || it.ended + it.stopped > 0 => (Sign::Nothing, Tone::Muted),
        _ => (Sign::Good, Tone::Text),
    };
    let slug = row.managed.as_ref().map(|it| it.0.stack.as_str());
    let label = format!("{}{pending}", slug.unwrap_or(stack.label()));
    Cell::new(label, tone).before(sign).indented(indent)
}

fn services<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    of_services(row, |counts, stopped| format!("{counts} {stopped} stopped"))
}

/// The same where there is less room: of a stack that is stopped in part only what runs.
fn ok<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    of_services(row, |counts, _| counts)
}

/// Says how many services are as they should be; what is stopped does not run.
fn of_services<'a>(row: &Branch, in_part: fn(String, usize) -> String) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new("", Tone::Muted) };
    if stack.services == 0 {
        return Cell::new("-", Tone::Muted);
    }
    let tone = match stack {
        it if it.failing > 0 => Tone::Danger,
        it if !it.fine() => Tone::Warn,
        _ => Tone::Muted,
    };
    let (stopped, all) = (stack.stopped, stack.services);
    let counts = || format!("{}/{all}", stack.converged - stopped);
    Cell::new(
        match stopped {
            0 => counts(),
            _ if stopped == all => "stopped".to_owned(),
            _ => in_part(counts(), stopped),
        },
        tone,
    )
}

fn tasks<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new("", Tone::Muted) };
    Cell::new(format!("{}/{}", stack.running, stack.desired), Tone::Muted)
}

fn release<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    match row.release {
        Some(LiveRelease { revision, whole: true }) => {
            Cell::new(format!("r{revision}"), Tone::Muted)
        }
        Some(LiveRelease { revision, whole: false }) => {
            Cell::new(format!("r{revision} in part"), Tone::Warn)
        }
        None => Cell::new("", Tone::Muted),
    }
}

fn short_release<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    let text = row.release.map(|it| format!("r{}", it.revision)).unwrap_or_default();
    let whole = row.release.is_none_or(|it| it.whole);
    Cell::new(text, if whole { Tone::Muted } else { Tone::Warn })
}

fn pending<'a>(row: &'a Branch, _: Known<'a>) -> Cell<'a> {
    let words = row.managed.as_ref().and_then(|it| it.1.words());
    Cell::new(words.unwrap_or_default(), Tone::Warn)
}

fn updated<'a>(row: &'a Branch, known: Known<'a>) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new("", Tone::Muted) };
    let age = stack.updated.map(|it| age::age(it, known.now()));
    Cell::new(age.unwrap_or_default(), Tone::Muted)
}
