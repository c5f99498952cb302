//! Cluster health: what is wrong right now, and why; only from known facts.

pub mod exit;
pub mod converge;
mod sight;
mod trouble;
mod attempts;
mod capacity;
mod condition;
mod crash;
mod nodes;
mod quorum;
mod stopped;
mod case;
mod causes;
mod services;

pub use attempts::Attempts;
pub use capacity::{Capacity, Load, NodeLoad};
pub use condition::see;
pub use crash::{CrashLoop, Ends, RECENT, WINDOW, at_most, crash_loops, less_than, runs};
pub use nodes::lost_lately;
pub use quorum::{Quorum, QuorumState};
pub use services::by_service;
pub use sight::Sight;
pub use stopped::stopped_since;
pub use trouble::{Severity, Trouble};

use crate::domain::{
    swarm::{
        cluster::{Condition, Membership, Object, Service, System},
        states::NodeState,
    },
    text::natural::natural,
};

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
    /// On purpose.
    pub stopped: usize,
    pub changing: usize,
    pub unsteady: usize,
    pub failing: usize,
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
        nodes_ready: sight.nodes.iter().filter(|it| it.state == NodeState::Ready).count(),
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
    /// Returns those that are not fine with the word that every surface has for them, the
    /// worst first.
    pub fn words(&self) -> impl Iterator<Item = (Condition, usize, &'static str)> {
        let all = [
            (Condition::Failing, self.failing, "in trouble"),
            (Condition::Unsteady, self.unsteady, "not steady"),
            (Condition::Changing, self.changing, "changing"),
            (Condition::Stopped, self.stopped, "stopped"),
            (Condition::Ended, self.ended, "ended"),
        ];
        all.into_iter().filter(|it| it.1 > 0)
    }

    pub fn of<'a>(services: impl IntoIterator<Item = &'a Service>) -> Self {
        let mut all = Self::default();
        for service in services {
            match service.seen.condition {
                Condition::Fine => all.fine += 1,
                Condition::Ended => all.ended += 1,
                Condition::Stopped => all.stopped += 1,
                Condition::Changing => all.changing += 1,
                Condition::Unsteady => all.unsteady += 1,
                Condition::Failing => all.failing += 1,
            }
        }
        all
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
            "the unlock key is needed after a restart",
            "`docker swarm unlock`",
        ),
        Membership::Pending { state, error } => (
            format!("{name} is not connected to its swarm: {state}"),
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
mod continuity;
#[cfg(test)]
mod histories;
#[cfg(test)]
pub mod tests;
#[cfg(test)]
mod true_causes;
