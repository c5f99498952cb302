//! What the swarm keeps about an update that is under way.

use crate::{
    domain::swarm::names::TaskId,
    engine::fake::{moving::pace::UpdatePace, swarm::task::SlotKey},
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An update under way.
#[derive(Debug, Clone)]
pub struct Rollout {
    pub back: bool,
    pub pace: UpdatePace,
    /// Places that have not had their turn.
    pub queue: VecDeque<SlotKey>,
    pub total: usize,
    pub workers: Vec<Worker>,
    /// Tasks this update started, and when each was seen running.
    pub started: BTreeMap<TaskId, Option<Timestamp>>,
    pub failed: BTreeSet<TaskId>,
    /// When the last watch over the new tasks ends.
    pub ends: Option<Timestamp>,
}

/// Who replaces one task after the other.
#[derive(Debug, Clone)]
pub struct Worker {
    pub place: SlotKey,
    pub task: TaskId,
    /// Since its task runs or failed it rests until then.
    pub rests_until: Option<Timestamp>,
}
