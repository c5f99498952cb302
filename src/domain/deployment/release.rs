//! Releases: the record of one deployment of a stack.
//!
//! Three records share one key: the [`Release`] is small and changes while the
//! deployment runs, the [`Snapshot`] is large and never changes, and the journal
//! grows by one [`JournalEntry`] before each step. So a step costs a line and
//! not a copy of everything.

use crate::domain::{
    deployment::{audit::Operator, verdict::CANCELLED},
    project::{Inputs, vault::Sealed},
    swarm::{names::StackName, write::Write},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// How the reason begins of one that somebody cancelled, in words of now and of earlier versions.
const STOPPED: [&str; 2] = [CANCELLED, "stopped by the operator"];

/// Which release: the `revision`th of a stack in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReleaseKey {
    /// Id of the swarm; the same on all its managers.
    pub cluster: String,
    pub stack: StackName,
    /// Counts from 1.
    pub revision: u32,
}

/// A name for a release that no other machine gives to another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseId(String);

/// One deployment of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    #[serde(flatten)]
    pub key: ReleaseKey,
    pub id: ReleaseId,
    pub state: ReleaseState,
    /// Why the state is what it is, where that is no matter of course.
    pub reason: Option<String>,
    /// Where all had to become as it was before: whether it did.
    #[serde(default)]
    pub restored: Option<bool>,
    /// The release that took over what this one owes: it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<u32>,
    /// It was found in the cluster and not deployed from here.
    #[serde(default)]
    pub adopted: bool,
    /// Secret values went into its specs: they, and its journal, are kept sealed.
    #[serde(default)]
    pub private: bool,
    /// By the service's full name.
    pub services: BTreeMap<String, ServiceOutcome>,
    #[serde(flatten)]
    pub order: Order,
    /// Token of the process that deploys it, see [`crate::domain::deployment::driver`].
    #[serde(default)]
    pub driver: Option<String>,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
}

/// What somebody asked for, before it became a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub who: Operator,
    /// Name of the context, where the engine was reached by one.
    pub context: Option<String>,
    pub address: String,
    /// What the operator says about it; may be empty.
    pub message: String,
    pub queued: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseState {
    Queued,
    Cancelled,
    Deploying,
    /// Nobody deploys it any more: its process died on the way. The state file says
    /// deploying then, and who reads it finds out.
    Interrupted,
    /// Everything was sent, and nobody looked what became of it.
    Sent,
    Healthy,
    /// Was healthy and is not any more.
    Unhealthy,
    Failed,
    RolledBack,
    Removed,
}

/// How one service of a release fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceOutcome {
    pub state: ReleaseState,
    pub desired: u64,
    pub running: u64,
    pub updated: Timestamp,
    /// What its tasks said last, uncut.
    pub error: Option<String>,
    /// What is known of the task that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedTask>,
}

/// What a service was to run that failed, and what that wrote last; secret values are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTask {
    pub image: String,
    /// Oldest first.
    pub lines: Vec<String>,
}

/// All it takes to deploy a release once more.
///
/// Invariant: it holds no secret's value. Secrets appear by name and id, and
/// [`crate::domain::swarm::change::Confidential`] cannot be serialized. Values that a project
/// sets and calls secret are in the specs, which the state keeps sealed then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub sources: Vec<SourceFile>,
    pub specs: ResolvedSpecs,
    #[serde(flatten)]
    pub provenance: Provenance,
}

/// Where a deployment comes from, where a project has part in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    #[serde(default)]
    pub inputs: Option<Inputs>,
    /// Secret values that a project sets went into specs.
    #[serde(default)]
    pub private: bool,
    /// Those values, sealed: what is live has them until the next release, and they must
    /// not be shown.
    #[serde(default)]
    pub hidden: Option<Sealed>,
}

/// A compose file as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// The bodies the engine got, by full name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResolvedSpecs {
    pub services: BTreeMap<String, Value>,
    pub networks: BTreeMap<String, Value>,
    pub configs: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, SecretReference>,
    /// The services that each service waits for.
    #[serde(default)]
    pub depends_on: BTreeMap<String, Vec<String>>,
    /// The services that went.
    #[serde(default)]
    pub gone: BTreeSet<String>,
}

/// Points at a secret in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretReference {
    pub id: String,
    pub labels: BTreeMap<String, String>,
}

/// One step of a release, written before it is taken and again when it is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    pub at: Timestamp,
    pub step: JournalStep,
    pub stage: StepStage,
    /// What the step's owner needs to finish or undo it; never a secret's value.
    pub detail: Value,
}

/// What a step of a release does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, from = "KeptStep")]
pub enum JournalStep {
    Write(Write),
    /// Of an older version, in words that are those of no write.
    Words(String),
}

/// A step as it is kept: older versions kept the words that people read.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeptStep {
    Write(Write),
    Words(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStage {
    Intended,
    Done,
    Failed,
    Undone,
}

impl JournalStep {
    /// Returns what is written, where that is known.
    pub fn write(&self) -> Option<&Write> {
        match self {
            Self::Write(write) => Some(write),
            Self::Words(_) => None,
        }
    }

    /// Returns the words in it that people chose.
    pub fn text_mut(&mut self) -> &mut String {
        match self {
            Self::Write(write) => &mut write.object.name,
            Self::Words(words) => words,
        }
    }
}

impl From<KeptStep> for JournalStep {
    fn from(kept: KeptStep) -> Self {
        match kept {
            KeptStep::Write(write) => Self::Write(write),
            KeptStep::Words(words) => Write::parse(&words).map_or(Self::Words(words), Self::Write),
        }
    }
}

impl From<Write> for JournalStep {
    fn from(write: Write) -> Self {
        Self::Write(write)
    }
}

impl fmt::Display for JournalStep {
    /// As `update service shop_web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(write) => write.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl Release {
    /// Makes the release of an order, queued and not yet touched by anybody.
    pub fn queued(key: ReleaseKey, order: Order) -> Self {
        Self {
            id: ReleaseId::of(&key, &order),
            key,
            state: ReleaseState::Queued,
            reason: None,
            restored: None,
            replaced_by: None,
            adopted: false,
            private: false,
            services: BTreeMap::new(),
            order,
            driver: None,
            started: None,
            finished: None,
        }
    }

    /// Returns whether what it deployed is what there is, as far as nobody changed it
    /// since. What was adopted was not deployed.
    pub fn stayed(&self) -> bool {
        use ReleaseState::{Healthy, Sent, Unhealthy};
        matches!(self.state, Healthy | Sent | Unhealthy) && !self.adopted
    }

    /// Returns whether its services were all seen healthy, whatever became of them later:
    /// the stack may be removed by now.
    pub fn was_healthy(&self) -> bool {
        let good =
            |it: &ServiceOutcome| matches!(it.state, ReleaseState::Healthy | ReleaseState::Removed);
        match self.state {
            ReleaseState::Healthy => true,
            // One that nobody watched may never have been well.
            ReleaseState::Unhealthy => !self.adopted && self.services.values().all(good),
            ReleaseState::Removed => !self.services.is_empty() && self.services.values().all(good),
            _ => false,
        }
    }

    /// Returns whether somebody stopped it, and that went well: all is as it was before, or
    /// what was sent was to stay.
    pub fn was_cancelled(&self) -> bool {
        let stopped = || {
            self.reason.as_deref().is_some_and(|it| STOPPED.iter().any(|word| it.starts_with(word)))
        };
        match self.state {
            ReleaseState::Cancelled => true,
            ReleaseState::RolledBack => stopped(),
            _ => false,
        }
    }

    /// Returns how long it took until its end was known.
    pub fn took(&self) -> Option<SignedDuration> {
        let began = self.started.unwrap_or(self.order.queued);
        Some(self.finished?.duration_since(began))
    }

    /// Counts its services: those that were seen healthy, and all that were watched
    /// and should stay.
    pub fn healthy_services(&self) -> (usize, usize) {
        let count = |counts: fn(ReleaseState) -> bool| {
            self.services.values().filter(|it| counts(it.state)).count()
        };
        (count(|it| it == ReleaseState::Healthy), count(|it| it != ReleaseState::Removed))
    }
}

impl ReleaseId {
    /// Two machines may count the same revision at the same time, so the id is
    /// made of all that tells their orders apart.
    fn of(key: &ReleaseKey, order: &Order) -> Self {
        let ReleaseKey { cluster, stack, revision } = key;
        let Order { who, queued, .. } = order;
        let told_apart = format!("{cluster}/{stack}/{revision}/{who}/{}", queued.as_nanosecond());
        let digest = Sha256::digest(told_apart);
        let start = digest.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte));
        Self(format!("{start:012x}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ReleaseState {
    /// Returns its name, for programs; the same as in what is written of it.
    pub fn code(self) -> &'static str {
        match self {
            Self::RolledBack => "rolled-back",
            other => other.words(),
        }
    }

    /// Returns the words people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Cancelled => "cancelled",
            Self::Deploying => "deploying",
            Self::Interrupted => "interrupted",
            Self::Sent => "sent",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Failed => "failed",
            Self::RolledBack => "rolled back",
            Self::Removed => "removed",
        }
    }

    /// Returns whether work on the release goes on or is still to come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Deploying | Self::Interrupted)
    }
}

impl StepStage {
    pub fn word(self) -> &'static str {
        match self {
            Self::Intended => "begun",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }
}

impl fmt::Display for ReleaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(host: &str, nanosecond: i128) -> Order {
        Order {
            who: Operator { user: "ann".to_owned(), from: None, host: host.to_owned() },
            context: None,
            address: "demo".to_owned(),
            message: String::new(),
            queued: Timestamp::from_nanosecond(nanosecond).unwrap(),
        }
    }

    fn id(revision: u32, order: &Order) -> ReleaseId {
        let stack = "shop".parse().unwrap();
        ReleaseId::of(&ReleaseKey { cluster: "c1".to_owned(), stack, revision }, order)
    }

    #[test]
    fn an_id_tells_machines_moments_and_revisions_apart() {
        let first = id(1, &order("m1", 7));
        assert_eq!(first, id(1, &order("m1", 7)));
        assert_eq!(first.as_str().len(), 12);
        for other in [id(1, &order("m2", 7)), id(1, &order("m1", 8)), id(2, &order("m1", 7))] {
            assert_ne!(first, other);
        }
    }
}
