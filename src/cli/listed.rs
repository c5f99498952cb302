//! What cells of lists may ask in a command: what the command has read.

use crate::{
    cli::desk::Desk,
    domain::{
        columns::ListFacts,
        deployment::rollback::LiveRelease,
        health::Attempts,
        swarm::{
            cluster::{Node, Service, Task},
            names::{NodeId, ServiceId, StackName, TaskId},
        },
    },
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// What a command has read besides the objects that it lists.
#[derive(Debug)]
pub struct Listed<'a> {
    pub now: Timestamp,
    pub zone: TimeZone,
    pub nodes: &'a [Node],
    pub services: &'a [Service],
    pub attempts: Attempts,
    pub here: Option<&'a NodeId>,
    /// Tasks whose slots have newer ones.
    pub replaced: BTreeSet<TaskId>,
    /// The live release of the stack that is listed.
    pub live: Option<LiveRelease>,
}

impl Listed<'_> {
    /// Nothing was read.
    pub fn at(desk: &Desk) -> Self {
        Self {
            now: desk.now,
            zone: desk.zone.clone(),
            nodes: &[],
            services: &[],
            attempts: Attempts::default(),
            here: None,
            replaced: BTreeSet::new(),
            live: None,
        }
    }
}

impl ListFacts for Listed<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.iter().find(|it| it.id == *id)
    }

    fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|it| it.id == *id)
    }

    fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    fn here(&self) -> Option<&NodeId> {
        self.here
    }

    fn is_replaced(&self, task: &Task) -> bool {
        self.replaced.contains(&task.id)
    }

    fn live(&self, _stack: &StackName) -> Option<LiveRelease> {
        self.live
    }
}
