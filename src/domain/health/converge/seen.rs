//! What is looked at of a service that changes.

use crate::domain::swarm::cluster::{Node, Task};
use jiff::Timestamp;

/// The tasks of one service, as the engine answers two questions.
#[derive(Debug, Clone, Copy)]
pub struct ServiceTasks<'a> {
    pub all: &'a [Task],
    /// Those that the present spec made. Outgoing tasks run on for a while, and
    /// their failures are no news.
    pub current: &'a [Task],
}

/// What else is known when a service is looked at.
#[derive(Debug, Clone, Copy)]
pub struct ServiceContext<'a> {
    /// What failed before is no news.
    pub changed: Timestamp,
    /// The subnet of one of its networks is written in a file: where it is taken, it
    /// stays so.
    pub own_subnet: bool,
    pub nodes: &'a [Node],
}
