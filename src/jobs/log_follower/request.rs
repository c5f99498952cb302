//! Log requests and their results: data only.

use crate::domain::{
    logs::{LogLine, Note, Roster, Window},
    swarm::names::{NodeId, ServiceId, StackName, TaskId},
};
use jiff::Timestamp;
use std::sync::Arc;

/// Lines that are read at a time from the beginning of a log, at least.
pub const SOME: u32 = 1_000;

/// What to follow in the cockpit, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub of: LogScope,
    pub window: Window,
    /// Lines that the window `tail` reads of each task; how many others read at a time.
    pub tail: u32,
}

/// Whose lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogScope {
    Service(ServiceId),
    Task(TaskId),
    /// All tasks that had or have this number in a service.
    Slot(ServiceId, u64),
    Stack(StackName),
}

/// Which lines to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    pub of: LogScope,
    /// Only lines of tasks on this node.
    pub node: Option<NodeId>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// The newest lines of each task only.
    pub tail: Option<u32>,
    /// So many lines in all, then wait until somebody wants more.
    pub first: Option<usize>,
    /// Keep printing new lines.
    pub follow: bool,
    /// Name services in full, as `shop_web`.
    pub full_names: bool,
}

/// What a feed brings.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedNews {
    /// Who writes; comes before the first line of a task, and whenever it changed.
    Roster(Arc<Roster>),
    Lines(Vec<LogLine>),
    /// Something that no container wrote, for its place among the lines.
    Note(Note),
    /// What was asked for of the past has come; more of it can be had where so told.
    Read {
        more: bool,
    },
}

/// How a log ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// Whose lines are missing, as `web.1@node3`.
    pub missing: Vec<String>,
}

impl Subscription {
    /// Returns which lines it means at this moment.
    pub fn ask(&self, now: Timestamp) -> LogQuery {
        LogQuery {
            of: self.of.clone(),
            node: None,
            since: self.window.since(now),
            until: None,
            tail: (self.window == Window::Tail).then_some(self.tail),
            first: self.window.reads_on().then_some(self.tail.max(SOME) as usize),
            follow: true,
            full_names: false,
        }
    }
}
