//! What cells of lists may ask of the world.

use crate::{
    domain::{
        columns::ListFacts,
        deployment::rollback::LiveRelease,
        health::Attempts,
        swarm::{
            cluster::{Node, Service},
            names::{NodeId, ServiceId, StackName},
        },
    },
    tui::world::World,
};
use jiff::{Timestamp, tz::TimeZone};

impl ListFacts for World {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> &TimeZone {
        &self.setting.zone
    }

    fn node(&self, id: &NodeId) -> Option<&Node> {
        self.node(id)
    }

    fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.service(id)
    }

    fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    fn tasks_on(&self, node: &Node) -> Option<usize> {
        self.tasks_on(node)
    }

    fn live(&self, stack: &StackName) -> Option<LiveRelease> {
        self.history.of(stack).and_then(Result::ok).and_then(|it| it.live)
    }

    fn is_occupied(&self, stack: &StackName) -> bool {
        self.is_occupied(stack)
    }

    fn context(&self) -> Option<&str> {
        Some(&self.setting.context)
    }
}
