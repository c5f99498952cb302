//! Lines of logs, and where they come from.

use crate::domain::names::{NodeId, ServiceId, TaskId};
use jiff::Timestamp;

/// Whose lines to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LogSource {
    Service(ServiceId),
    Task(TaskId),
}

/// What to read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRequest {
    pub source: LogSource,
    /// Lines at or after this moment; all where `None`.
    pub since: Option<Timestamp>,
    /// The newest lines only, per container (the engine's rule).
    pub tail: Option<u32>,
    /// Keep reading as lines are written.
    pub follow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// One line as a container wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub at: Timestamp,
    pub stream: Stream,
    pub task: Option<TaskId>,
    pub node: Option<NodeId>,
    pub service: Option<ServiceId>,
    /// Without the line break; bytes that are no UTF-8 are replaced.
    pub text: String,
}
