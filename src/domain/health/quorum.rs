//! Raft quorum of the managers.

use crate::domain::{
    health::trouble::{Severity, Trouble},
    swarm::{
        cluster::{Node, Object},
        states::Reachability,
    },
};

/// How many managers there are, and how many answer each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    pub managers: usize,
    pub reachable: usize,
}

/// How safe the cluster's ability to decide is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuorumState {
    /// No manager is known.
    Unknown,
    /// One manager: nothing may happen to it.
    Single,
    /// One more may be lost.
    Safe,
    /// Losing one more loses the quorum.
    AtRisk,
    /// Too few answer: nothing can be changed, what runs goes on running.
    Lost,
}

/// Says that the managers themselves found too few of them.
pub fn lost() -> Trouble {
    let why = "the managers have no leader: too few of them reach each other; running tasks keep running, but nothing can be changed, and the state of nodes and services is not known";
    Trouble::new(Severity::Critical, Object::Swarm, LOST.to_owned(), why, BRING_BACK)
}

const LOST: &str = "the quorum is lost";
const BRING_BACK: &str = "start the managers that are down; if they are lost for good, `docker swarm init --force-new-cluster` on the last one";

impl Quorum {
    pub fn of(nodes: &[Node]) -> Self {
        let managers = nodes.iter().filter_map(|it| it.manager.as_ref());
        let reachable =
            managers.clone().filter(|it| it.reachability == Reachability::Reachable).count();
        Self { managers: managers.count(), reachable }
    }

    /// Returns how many managers must answer each other: more than half.
    pub fn needed(self) -> usize {
        self.managers / 2 + 1
    }

    pub fn standing(self) -> QuorumState {
        match (self.managers, self.reachable) {
            (0, _) => QuorumState::Unknown,
            (_, reachable) if reachable < self.needed() => QuorumState::Lost,
            (1, _) => QuorumState::Single,
            (_, reachable) if reachable == self.needed() => QuorumState::AtRisk,
            _ => QuorumState::Safe,
        }
    }

    /// Returns what there is to say; a full set of three or five is fine.
    pub fn trouble(self) -> Option<Trouble> {
        let Self { managers, reachable } = self;
        let (severity, what, why, what_now) = match self.standing() {
            QuorumState::Lost => (
                Severity::Critical,
                LOST.to_owned(),
                format!("{reachable} of {managers} managers answer, {} are needed", self.needed()),
                BRING_BACK,
            ),
            QuorumState::AtRisk if managers == 2 => (
                Severity::Warning,
                "the quorum is at risk".to_owned(),
                "with two managers, the loss of either one loses the quorum: one alone would be safer"
                    .to_owned(),
                "promote a third one",
            ),
            QuorumState::AtRisk => (
                Severity::Critical,
                "the quorum is at risk".to_owned(),
                format!("{reachable} of {managers} managers answer: losing one more loses it"),
                "bring the others back, or demote them and promote healthy nodes",
            ),
            QuorumState::Single => (
                Severity::Notice,
                "there is only one manager".to_owned(),
                "if it is lost, so is the cluster".to_owned(),
                "promote two more nodes, or keep backups of /var/lib/docker/swarm",
            ),
            QuorumState::Safe if managers % 2 == 0 => (
                Severity::Notice,
                format!("{managers} managers are not safer than {}", managers - 1),
                format!("{} must answer, so the last one adds no safety", self.needed()),
                "promote one more, or demote one",
            ),
            QuorumState::Unknown | QuorumState::Safe => return None,
        };
        Some(Trouble::new(severity, Object::Swarm, what, &why, what_now))
    }
}
