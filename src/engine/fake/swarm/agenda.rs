//! The event queue of the simulation, ordered by time.

use crate::domain::swarm::names::{NodeId, ServiceId, TaskId};
use jiff::Timestamp;
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

/// Something that is to be done at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// The task takes its next step, if `step` is still the one it plans.
    Task { id: TaskId, step: u64 },
    /// The service's tasks are compared with what its spec wants.
    Reconcile(ServiceId),
    /// Pending tasks look for nodes.
    Schedule,
    /// Nodes let go of a removed network, if no task of theirs is in it.
    Leave { network: String },
    /// A node is lost, or comes back.
    Node { id: NodeId, up: bool },
}

/// Invariant: what is due at the same moment comes out as it was put in.
#[derive(Debug, Default, Clone)]
pub struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    count: u64,
}

impl Agenda {
    pub fn put(&mut self, at: Timestamp, due: Due) {
        self.count += 1;
        self.entries.push(Reverse(Entry { at, number: self.count, due }));
    }

    /// Takes out the first entry if its time is `until` or before.
    pub fn take(&mut self, until: Timestamp) -> Option<(Timestamp, Due)> {
        if self.next()? > until {
            return None;
        }
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.due))
    }

    /// Returns when the first entry is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.entries.peek().map(|Reverse(entry)| entry.at)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    at: Timestamp,
    number: u64,
    due: Due,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
