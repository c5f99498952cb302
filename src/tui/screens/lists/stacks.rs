//! Stacks, as a tree: those of projects in their environments, those deployed with skep,
//! those of others, and services of no stack.

use crate::{
    domain::{
        deployment::rollback::LiveRelease,
        text::{age, natural::natural},
    },
    tui::{
        event::{Destination, Group, Scope, Subject},
        screens::lists::FullScreen,
        widgets::{
            DrawContext,
            list::{Listing, Moments},
            table::{Cell, Column, Side},
        },
        world::{Branch, StackSummary, World},
    },
};
use ratatui::style::Style;
use std::{cmp::Ordering, collections::BTreeSet};

/// The tree of stacks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stacks {
    folded: BTreeSet<Group>,
    /// In a narrow pane one column says what several do on a screen.
    narrow: bool,
}

const COLUMNS: &[Column<Branch>] = &[
    Column::text("STACK", 0, name),
    Column {
        title: "SERVICES",
        side: Side::Right,
        at_most: 9,
        rank: 1,
        cell: services,
        order: None,
    },
    Column { title: "TASKS", side: Side::Right, at_most: 11, rank: 2, cell: tasks, order: None },
    Column {
        title: "RELEASE",
        side: Side::Right,
        at_most: 11,
        rank: 3,
        cell: release,
        order: None,
    },
    Column { title: "PENDING", side: Side::Left, at_most: 15, rank: 2, cell: pending, order: None },
    Column { title: "CHANGED", side: Side::Right, at_most: 8, rank: 4, cell: updated, order: None },
];

const NARROW: &[Column<Branch>] = &[
    Column::text("STACK", 0, short_name),
    Column { title: "OK", side: Side::Right, at_most: 7, rank: 1, cell: services, order: None },
    Column {
        title: "REL",
        side: Side::Right,
        at_most: 5,
        rank: 2,
        cell: short_release,
        order: None,
    },
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

    fn empty(&self, world: &World) -> String {
        match world.view.read_at {
            None => "waiting for the engine".to_owned(),
            Some(_) => "no stacks yet: `:edit FILE` opens a compose file, f5 deploys it".to_owned(),
        }
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

fn name<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let (label, style) = label(row, look);
    Cell::new(label, style)
}

/// Says also whether something of a stack is not deployed yet: the column that does has no
/// room in a pane.
fn short_name<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let (label, style) = label(row, look);
    match row.managed.as_ref().and_then(|it| it.1.words()) {
        Some(_) => Cell::new(format!("{label} +"), style),
        None => Cell::new(label, style),
    }
}

fn label(row: &Branch, look: &DrawContext<'_>) -> (String, Style) {
    let glyphs = look.theme.glyphs;
    let indent = match row.group {
        Group::Single => "",
        Group::Environment(_) if row.stack.is_some() => "    ",
        Group::Environment(_) => "  ",
        _ if row.stack.is_some() => "  ",
        _ => "",
    };
    match &row.stack {
        None => {
            let label = format!("{indent}{} {}", glyphs.open, row.group.label());
            (label, look.theme.muted)
        }
        Some(stack) => {
            let occupied = stack.name.as_ref().is_some_and(|it| look.world.is_occupied(it));
            let (mark, style) = match stack {
                // Who that is says the line at the top.
                _ if row.here && occupied => (glyphs.moving, look.theme.warn),
                it if it.failing > 0 => (glyphs.bad, look.theme.danger),
                it if !it.fine() => (glyphs.warn, look.theme.warn),
                it if it.updating > 0 => (glyphs.moving, look.theme.warn),
                it if it.services == 0 || it.ended > 0 => (glyphs.none, look.theme.muted),
                _ => (glyphs.good, look.theme.text),
            };
            let slug = row.managed.as_ref().map(|it| it.0.stack.as_str());
            (format!("{indent}{mark} {}", slug.unwrap_or(stack.label())), style)
        }
    }
}

fn services<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new(row.count.to_string(), look.theme.muted) };
    if stack.services == 0 {
        return Cell::new("-", look.theme.muted);
    }
    let style = match stack {
        it if it.failing > 0 => look.theme.danger,
        it if !it.fine() => look.theme.warn,
        _ => look.theme.muted,
    };
    Cell::new(format!("{}/{}", stack.converged, stack.services), style)
}

fn tasks<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new("", look.theme.muted) };
    Cell::new(format!("{}/{}", stack.running, stack.desired), look.theme.muted)
}

fn release<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    match row.release {
        Some(LiveRelease { revision, whole: true }) => {
            Cell::new(format!("r{revision}"), look.theme.muted)
        }
        Some(LiveRelease { revision, whole: false }) => {
            Cell::new(format!("r{revision} in part"), look.theme.warn)
        }
        None => Cell::new("", look.theme.muted),
    }
}

fn short_release<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let text = row.release.map(|it| format!("r{}", it.revision)).unwrap_or_default();
    let whole = row.release.is_none_or(|it| it.whole);
    Cell::new(text, if whole { look.theme.muted } else { look.theme.warn })
}

fn pending<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let words = row.managed.as_ref().and_then(|it| it.1.words());
    Cell::new(words.unwrap_or_default(), look.theme.warn)
}

fn updated<'a>(row: &'a Branch, look: &DrawContext<'a>) -> Cell<'a> {
    let Some(stack) = &row.stack else { return Cell::new("", look.theme.muted) };
    let age = stack.updated.map(|it| age::age(it, look.world.now));
    Cell::new(age.unwrap_or_default(), look.theme.muted)
}
