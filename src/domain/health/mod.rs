//! What is wrong in a cluster right now, and why: decided from what is known,
//! never guessed beyond it.

mod attempts;
mod capacity;
mod condition;
mod crash;
mod nodes;
mod quorum;
mod services;
mod causes;

pub use attempts::Attempts;
pub use capacity::{Capacity, Load, NodeLoad};
pub use condition::see;
pub use crash::{CrashLoop, Ends, RECENT, WINDOW, at_most, crash_loops, less_than, runs};
pub use nodes::lost_lately;
pub use quorum::{Quorum, Standing};
pub use services::by_service;

use crate::domain::{
    cluster::{Condition, Membership, Node, Object, Service, System, Task},
    exit::crowd::Network,
    since::Since,
    text::natural::natural,
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

/// How a cluster is, in short.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub quorum: Quorum,
    pub nodes_ready: usize,
    pub services: Conditions,
    pub capacity: Capacity,
    /// Worst first.
    pub troubles: Vec<Trouble>,
}

/// How many services are how; every surface counts by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions {
    pub fine: usize,
    pub ended: usize,
    pub changing: usize,
    pub unsteady: usize,
    pub failing: usize,
}

/// Something that deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub severity: Severity,
    /// Where to look.
    pub object: Object,
    /// As `api runs 1 of 2 tasks`.
    pub what: String,
    /// As `api.2 waits: no node fits: …`.
    pub why: String,
    /// An instruction; empty where waiting is enough.
    pub what_now: String,
}

/// Worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something does not work, or is about to be lost.
    Critical,
    /// Something works less well than it should.
    Warning,
    /// Nothing is broken; somebody may want to know.
    Notice,
}

/// Judges a cluster.
pub fn judge(sight: &Sight<'_>) -> Health {
    let quorum = Quorum::of(sight.nodes);
    let capacity = Capacity::of(sight);
    let mut troubles: Vec<Trouble> = sight.system.and_then(membership).into_iter().collect();
    if sight.leaderless {
        // Nobody hears of nodes and tasks any more: what was read is from before.
        troubles.push(quorum::lost());
    } else {
        troubles.extend(quorum.trouble());
        troubles.extend(nodes::troubles(sight, quorum));
        troubles.extend(services::troubles(sight));
        troubles.extend(capacity.trouble());
    }
    troubles.sort_by(|a, b| a.rank().cmp(&b.rank()).then_with(|| natural(&a.what, &b.what)));
    Health {
        quorum,
        nodes_ready: sight.nodes.iter().filter(|it| it.state == "ready").count(),
        services: Conditions::of(sight.services),
        capacity,
        troubles,
    }
}

impl Health {
    /// Returns the severity of the worst trouble.
    pub fn worst(&self) -> Option<Severity> {
        self.troubles.first().map(|it| it.severity)
    }
}

impl Conditions {
    pub fn of<'a>(services: impl IntoIterator<Item = &'a Service>) -> Self {
        let mut all = Self::default();
        for service in services {
            match service.seen.condition {
                Condition::Fine => all.fine += 1,
                Condition::Ended => all.ended += 1,
                Condition::Changing => all.changing += 1,
                Condition::Unsteady => all.unsteady += 1,
                Condition::Failing => all.failing += 1,
            }
        }
        all
    }
}

impl Trouble {
    fn new(severity: Severity, object: Object, what: String, why: &str, what_now: &str) -> Self {
        Self { severity, object, what, why: why.to_owned(), what_now: what_now.to_owned() }
    }

    /// Says for how long it has been so, where that is known.
    fn lasting(mut self, since: Option<Since>, now: Timestamp) -> Self {
        let parts = [since.and_then(|it| it.lasting(now)).unwrap_or_default(), self.why];
        let parts = parts.into_iter().filter(|it| !it.is_empty());
        self.why = parts.collect::<Vec<_>>().join("; ");
        self
    }

    /// Adds a trouble of the same object; one that calls for an action has the
    /// last word on what to do.
    fn worsened(mut self, other: &Self) -> Self {
        if other.severity < Severity::Notice {
            let both = [self.what_now.as_str(), other.what_now.as_str()];
            self.what_now =
                both.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ");
        }
        self.severity = self.severity.min(other.severity);
        self.why = format!("{}; {}", self.why, other.what);
        self
    }

    /// Of two that are equally bad, the one of the whole cluster goes first.
    fn rank(&self) -> (Severity, bool) {
        (self.severity, self.object != Object::Swarm)
    }
}

/// An engine that cannot speak for a swarm.
fn membership(system: &System) -> Option<Trouble> {
    let name = &system.name;
    let (what, why, what_now) = match &system.swarm {
        Membership::Manager { .. } => return None,
        Membership::None => (
            format!("{name} is not part of a swarm"),
            "",
            "`docker swarm init`, or `docker swarm join`",
        ),
        Membership::Locked => (
            format!("the swarm is locked on {name}"),
            "its key is needed after a restart",
            "`docker swarm unlock`",
        ),
        Membership::Pending { state, error } => (
            format!("{name} takes no part in its swarm: {state}"),
            error.as_str(),
            "check clocks, certificates and port 2377 between the managers",
        ),
        Membership::Worker { .. } => (
            format!("{name} is a worker"),
            "only managers know the cluster",
            "connect to a manager",
        ),
    };
    Some(Trouble::new(Severity::Critical, Object::Swarm, what, why, what_now))
}

#[cfg(test)]
mod histories;
#[cfg(test)]
pub mod tests;
#[cfg(test)]
mod true_causes;
