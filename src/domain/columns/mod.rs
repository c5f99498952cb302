//! Columns of lists: what the cockpit and the commands say about an object, said once.
//!
//! A table of columns per kind ([`nodes`], [`services`], [`tasks`], [`releases`]). Both faces
//! lay it out, each with its own colours and glyphs; a column that only one of them has room
//! or use for says so. Lists of one face keep their table where they are.

mod cell;
pub mod nodes;
pub mod releases;
pub mod services;
pub mod tasks;

pub use cell::{Cell, GivesWay, Sign, Tone};

use crate::domain::{
    deployment::rollback::LiveRelease,
    health::Attempts,
    swarm::{
        cluster::{Node, Service, Task},
        names::{NodeId, ServiceId, StackName},
    },
};
use jiff::{Timestamp, tz::TimeZone};
use std::cmp::Ordering;

/// One column.
pub struct Column<R: 'static> {
    pub title: &'static str,
    pub side: Side,
    /// The widest it gets in the cockpit, in cells; names have no bound.
    pub at_most: u16,
    /// Columns of a higher rank go first where the cockpit has no room; 0 stays.
    pub rank: u8,
    pub faces: Faces,
    pub cell: for<'a> fn(&'a R, Known<'a>) -> Cell<'a>,
    /// How rows are ordered by it; columns without cannot be sorted by.
    pub order: Option<Order<R>>,
}

/// Compares two rows.
pub type Order<R> = fn(&R, &R, Known<'_>) -> Ordering;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// Who shows a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faces {
    Both,
    Cockpit,
    Commands,
}

/// What a cell may ask besides its row.
pub trait ListFacts {
    fn now(&self) -> Timestamp;

    fn zone(&self) -> &TimeZone;

    fn node(&self, id: &NodeId) -> Option<&Node>;

    fn service(&self, id: &ServiceId) -> Option<&Service>;

    /// How long tasks ran, and how often their slots were left.
    fn attempts(&self) -> &Attempts;

    /// Returns how many tasks run on a node, where all tasks are known.
    fn tasks_on(&self, _node: &Node) -> Option<usize> {
        None
    }

    /// Returns the node that answers, where it is to be told.
    fn here(&self) -> Option<&NodeId> {
        None
    }

    /// Returns whether the list shows a newer task of the same slot.
    fn is_replaced(&self, _task: &Task) -> bool {
        false
    }

    /// Returns the release of a stack that is live.
    fn live(&self, _stack: &StackName) -> Option<LiveRelease> {
        None
    }

    /// Returns whether somebody changes a stack just now.
    fn is_occupied(&self, _stack: &StackName) -> bool {
        false
    }

    /// Returns the name of the docker context that is used, where it is to be told.
    fn context(&self) -> Option<&str> {
        None
    }
}

/// The facts, and the arrow of who asks: terminals without Unicode have another.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub facts: &'a dyn ListFacts,
    pub arrow: &'static str,
}

impl<R> Column<R> {
    /// A column of words, as wide as they are.
    pub const fn left(
        title: &'static str,
        rank: u8,
        cell: for<'a> fn(&'a R, Known<'a>) -> Cell<'a>,
    ) -> Self {
        let (side, faces) = (Side::Left, Faces::Both);
        Self { title, side, at_most: u16::MAX, rank, faces, cell, order: None }
    }

    /// A column of numbers.
    pub const fn right(
        title: &'static str,
        rank: u8,
        cell: for<'a> fn(&'a R, Known<'a>) -> Cell<'a>,
    ) -> Self {
        Self { side: Side::Right, ..Self::left(title, rank, cell) }
    }

    #[must_use]
    pub const fn at_most(self, cells: u16) -> Self {
        Self { at_most: cells, ..self }
    }

    #[must_use]
    pub const fn by(self, order: Order<R>) -> Self {
        Self { order: Some(order), ..self }
    }

    #[must_use]
    pub const fn only(self, faces: Faces) -> Self {
        Self { faces, ..self }
    }
}

impl Known<'_> {
    pub fn now(&self) -> Timestamp {
        self.facts.now()
    }
}

/// Returns the host name of a node, or its short id where it is not known.
pub fn host<'a>(facts: &'a (impl ListFacts + ?Sized), node: Option<&'a NodeId>) -> &'a str {
    let Some(id) = node else { return "–" };
    facts.node(id).map_or(id.short(), |it| it.hostname.as_ref())
}

/// Returns the name of a task as docker prints it: `api.1`, or `agent.node2` for global
/// services.
pub fn task_name(facts: &(impl ListFacts + ?Sized), task: &Task) -> String {
    let service = task.service.as_ref().and_then(|it| facts.service(it));
    let name = service.map_or("?", |it| &it.name);
    match &task.node {
        node @ Some(_) if task.slot == 0 => format!("{name}.{}", host(facts, node.as_ref())),
        _ => format!("{name}.{}", task.slot),
    }
}

/// Orders by a key of the rows.
pub fn by<T, K: Ord>(a: &T, b: &T, key: impl Fn(&T) -> K) -> Ordering {
    key(a).cmp(&key(b))
}

/// An id as docker shortens it.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
