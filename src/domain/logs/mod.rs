//! Lines of logs: where they come from, how they are kept, and what of them is
//! on screen.
//!
//! A [`LogBuffer`] keeps lines in the order of time, a [`LogView`] looks at it.
//! No byte of a line can drive the terminal: [`escape`](crate::domain::text::escape) sees to that on the way in.

pub mod look;
mod arena;
mod sources;
mod buffer;
mod layout;
mod scan;
mod page;
mod row;
mod view;
mod window;
mod progress;
mod merge;
mod moment;
mod roster;
mod chronicle;

pub use buffer::{BufferLimits, Line, LogBuffer, LogEntry, Mark, Seq};
pub use chronicle::{Chronicle, Note, NoteKind};
pub use layout::Piece;
pub use look::{Colour, Effects, TextStyle};
pub use merge::Merge;
pub use moment::moment;
pub use progress::{AlreadyRead, Reached, ReadProgress};
pub use roster::Roster;
pub use row::{Columns, LogRow, RowKind, SEPARATOR_WIDTH, Times};
pub use sources::{LineOrigin, LineSource, colour};
pub use view::{Direction, LogView, Search, Size, Status};
pub use window::Window;

use crate::domain::swarm::names::{NodeId, ServiceId, TaskId};
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

impl LogRequest {
    /// Asks for all there is.
    pub fn all(source: LogSource) -> Self {
        Self { source, since: None, tail: None, follow: false }
    }
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

#[cfg(test)]
mod tests;
