//! What a page is written with.

use crate::domain::{swarm::cluster::Node, text::mask::Secrecy};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a page is written with.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    pub now: Timestamp,
    pub secrecy: Secrecy,
    /// The nodes, as far as known: why a task ended may be that its node did.
    pub nodes: &'a [Node],
    /// Names of nodes, networks and services by their ids, as far as known.
    pub names: &'a BTreeMap<String, String>,
}

impl Lens<'_> {
    /// Returns the name of what an id stands for, or the id as docker prints it.
    pub fn name(&self, id: &str) -> String {
        self.names.get(id).map_or_else(|| id.chars().take(12).collect(), Clone::clone)
    }
}
