//! Deployment logic as a pure state machine: it decides what is done next, and never does it.
//!
//! The caller makes each [`Move`], says what it saw ([`Observation`]) and asks
//! again; times come in with observations. The way there goes by stages:
//! networks, secrets and configs; services in waves; what is removed. Whatever
//! goes wrong on it, a safe deployment takes back all it may have written and
//! looks until that stands too.
//!
//! ```text
//!          Apply ─► Look ─► Apply ─► … ─► Look ─► Finish(Deployed)
//!                     │ lost, refused, cancelled
//!                     └─► Restore ─► Look ─► Finish(RolledBack | NeedsPerson)
//! ```
//!
//! One that was interrupted left a journal, and debts: the next one takes them over
//! and answers for them, or does nothing but take them back.

mod limits;
mod aim;
mod gate;
mod clock;
mod machine;
mod recovery;
mod lane;
mod board;

pub use crate::domain::swarm::write::{Act, ObjectName, Write};
pub use aim::{Aim, Before, Past, Stage, aims};
pub use board::{Back, Board, DeployStep, Phase, StepState};
pub use gate::{Goal, ServiceStage, Track};
pub use lane::{Lane, LaneState};
pub use limits::{DeployLimits, Given, SETTLES, horizon};
pub use machine::Deployment;
pub use recovery::{Debt, Detail, debts, inherit, stood};

use crate::domain::health::converge::Progress;
use std::{collections::BTreeMap, time::Duration};

/// How much care is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Waits for each wave, watches the whole window, goes back on failure.
    #[default]
    Safe,
    /// Sends everything at once, watches for a moment, leaves what failed.
    Fast,
    /// Sends everything at once and does not look.
    Detached,
}

/// What the caller must do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Write these, side by side; then observe [`Observation::Written`].
    Apply(Vec<Write>),
    /// The same, to take back what was written: an update brings the old spec.
    Restore(Vec<Write>),
    /// Look at the services; then observe [`Observation::Seen`].
    Look,
    Finish(Outcome),
}

/// What the caller saw after a move; `at` counts from the beginning.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// What became of each write, in their order.
    Written { at: Duration, results: Vec<Result<(), Fault>> },
    /// What services do, by full name. One that is not there is gone, and so are
    /// its tasks.
    Seen { at: Duration, services: BTreeMap<String, Progress> },
    /// Nothing of the last move was sent, because it could not be written down before.
    NotSent { why: String },
    /// The engine gave no answer to a look.
    Blind { at: Duration, why: String },
    /// The operator does not want it any more.
    Cancelled,
}

/// Why a write failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The engine did not take it.
    Refused(String),
    /// It may have taken it: the answer is lost.
    Unknown(String),
}

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is as it should be; a detached one knows only that it was sent.
    Deployed,
    /// It failed, and what was written (where it `changed` anything) stays.
    Failed { because: String, changed: bool },
    /// It was stopped, and what was written stays.
    Stopped { changed: bool },
    /// Everything is as it was before.
    RolledBack { because: String },
    /// The stack is neither here nor there: `differs` says what is not as it was.
    NeedsPerson { because: String, differs: Vec<String> },
}

#[cfg(test)]
mod tests;
