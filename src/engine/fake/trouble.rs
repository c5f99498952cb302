//! Fault injection between the engine and its clients.

use crate::{
    domain::swarm::{cluster::Membership, names::NodeId},
    engine::error::EngineError,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// The way to the engine, and what the engine is.
#[derive(Debug, Default)]
pub struct Outage {
    pub cut: bool,
    /// Calls until the way is cut, where a script says so.
    pub calls_left: Option<u64>,
    pub delay: Duration,
    pub garbage: bool,
    pub leaderless: bool,
    pub role: Role,
    /// Host names of nodes that give no lines, and do not say that they are away.
    pub hung: BTreeSet<String>,
    pub calls: BTreeMap<&'static str, u64>,
    /// How many log streams may be open, where a script says so.
    pub streams: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Manager,
    Worker,
    Outside,
}

impl Outage {
    /// Counts a call and says whether it gets through.
    pub fn meet(&mut self, call: &'static str) -> Result<(), EngineError> {
        *self.calls.entry(call).or_default() += 1;
        match &mut self.calls_left {
            Some(0) => self.cut = true,
            Some(left) => *left -= 1,
            None => {}
        }
        self.check(call)
    }

    /// Says whether calls get through now.
    pub fn check(&self, call: &'static str) -> Result<(), EngineError> {
        if self.cut {
            let why = "connection refused".to_owned();
            return Err(EngineError::Unreachable { address: address(), why });
        }
        if self.garbage {
            let why = "expected value at line 1 column 1".to_owned();
            return Err(EngineError::Failed { what: call.to_owned(), why });
        }
        if call == "system" {
            return Ok(());
        }
        match self.role {
            Role::Outside => Err(EngineError::NotASwarm { address: address() }),
            Role::Worker => {
                Err(EngineError::NotAManager { address: address(), managers: managers() })
            }
            Role::Manager if self.leaderless => Err(EngineError::NoLeader),
            Role::Manager => Ok(()),
        }
    }

    pub fn membership(&self, node: NodeId, cluster: &str) -> Membership {
        match self.role {
            Role::Manager => Membership::Manager { node, cluster: cluster.to_owned() },
            Role::Worker => Membership::Worker { node, managers: managers() },
            Role::Outside => Membership::None,
        }
    }
}

/// Where this engine is, for people.
pub fn address() -> String {
    "demo".to_owned()
}

fn managers() -> Vec<String> {
    vec!["10.20.0.11:2377".to_owned()]
}
