//! What is known of a cluster when it is judged.

use crate::domain::{
    health::exit::crowd::Network,
    swarm::cluster::{Node, Service, System, Task},
};
use jiff::Timestamp;

/// What is known of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    pub system: Option<&'a System>,
    pub services: &'a [Service],
    pub nodes: &'a [Node],
    /// The tasks known: all, or those of some services, or none. Reasons need
    /// those of services that are not fine; loads of nodes need all.
    pub tasks: &'a [Task],
    /// The managers said that they have no leader; what nodes say is older.
    pub leaderless: bool,
    /// Networks, where a task may lack an address of one.
    pub networks: &'a [Network],
    pub now: Timestamp,
}
