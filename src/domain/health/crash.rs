//! Tasks that end again and again.

use crate::domain::{
    cluster::{Task, TaskState},
    names::NodeId,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// So many ends …
const ENDS: usize = 3;
/// … of which the last is no older than this make a loop. The engine keeps four
/// old tasks of each slot, and waits 5 s between attempts by default.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// A slot (or a node, for global services) whose tasks keep ending.
#[derive(Debug, Clone, PartialEq)]
pub struct CrashLoop<'a> {
    /// The newest task that ended.
    pub last: &'a Task,
    /// How many ended.
    pub ends: usize,
    /// From the birth of the first to the end of the last.
    pub within: SignedDuration,
}

/// Finds the loops among the tasks of one service, the newest first. Tasks that
/// were stopped on purpose do not count.
pub fn crash_loops<'a>(tasks: &[&'a Task], now: Timestamp) -> Vec<CrashLoop<'a>> {
    let mut slots: BTreeMap<(u64, Option<&NodeId>), Vec<&'a Task>> = BTreeMap::new();
    for task in tasks.iter().copied().filter(|it| ended(it)) {
        let node = if task.slot == 0 { task.node.as_ref() } else { None };
        slots.entry((task.slot, node)).or_default().push(task);
    }
    let mut loops: Vec<_> = slots.into_values().filter_map(|it| crash_loop(it, now)).collect();
    loops.sort_by_key(|it| std::cmp::Reverse(it.last.since));
    loops
}

fn crash_loop(mut ended: Vec<&Task>, now: Timestamp) -> Option<CrashLoop<'_>> {
    ended.retain(|it| now.duration_since(it.since) <= RECENT);
    ended.sort_by_key(|it| it.since);
    let (first, last) = (ended.first()?, ended.last()?);
    let within = last.since.duration_since(first.created);
    (ended.len() >= ENDS).then_some(CrashLoop { last, ends: ended.len(), within })
}

/// Whether a task ended by itself and was, or would be, replaced.
fn ended(task: &Task) -> bool {
    match task.state {
        TaskState::Failed | TaskState::Rejected => true,
        TaskState::Complete => task.desired > TaskState::Complete,
        _ => false,
    }
}
