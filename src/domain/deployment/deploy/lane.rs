//! The progress of one service on the board.

use crate::domain::{
    deployment::deploy::Act,
    health::converge::TaskSlot,
    swarm::{cluster::TaskState, names::TaskId},
    text::age::exact,
};
use jiff::Timestamp;
use serde::Serialize;

/// One service in the present direction: there, or back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// Its full name.
    pub service: String,
    /// What is written; nothing where it is left alone.
    pub act: Option<Act>,
    pub state: LaneState,
    pub running: u64,
    pub desired: u64,
    pub tasks: Vec<TaskSlot>,
    /// The newest thing that went wrong, uncut.
    pub trouble: Option<String>,
    /// Why it was lost on the way there.
    pub lost: Option<String>,
    #[serde(skip)]
    pub culprit: Option<TaskId>,
    /// When it was written.
    pub since: Option<Timestamp>,
    /// All its tasks have to run until then.
    pub steady_at: Option<Timestamp>,
    /// All its tasks must run by then.
    pub deadline: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaneState {
    /// It is not written yet.
    Waiting,
    /// Nothing is to be written, and nobody looks at it yet.
    Untouched,
    Moving,
    /// All its tasks run, but not for long enough yet.
    Arrived,
    Settled,
    Lost,
}

impl Lane {
    /// Says in a word or two how far it is.
    pub fn words(&self) -> &'static str {
        match (self.state, self.act) {
            (LaneState::Moving, Some(Act::Create)) => "starting",
            (LaneState::Moving, Some(Act::Remove)) => "stopping",
            (LaneState::Settled, Some(Act::Remove)) => "gone",
            (LaneState::Settled, _) => "healthy",
            (state, _) => state.words(),
        }
    }

    /// Returns how many of its tasks run, as `1/4`; nothing while nobody looks.
    pub fn count(&self) -> String {
        match self.state {
            LaneState::Waiting | LaneState::Untouched => String::new(),
            _ => format!("{}/{}", self.running, self.desired),
        }
    }

    /// Says how long it took so far, and how long it may take.
    pub fn timing(&self, now: Timestamp) -> String {
        match (self.state, self.since, self.steady_at, self.deadline) {
            (LaneState::Moving, Some(since), _, Some(deadline)) => {
                format!("{} of {}", exact(since, now), exact(since, deadline))
            }
            (LaneState::Arrived, _, Some(until), _) => {
                format!("{} more", exact(now, until))
            }
            _ => String::new(),
        }
    }

    /// Returns how many cells of a bar stand for tasks of the new spec, for old ones,
    /// and for those that are missing: one each, where that is not too long.
    pub fn cells(&self, most: usize) -> [usize; 3] {
        let stays = |it: &&TaskSlot| it.old.is_some() && it.new != Some(TaskState::Running);
        let old = self.tasks.iter().filter(stays).count();
        let new = usize::try_from(self.running).unwrap_or(usize::MAX);
        let desired = usize::try_from(self.desired).unwrap_or(usize::MAX);
        let all = desired.max(new.saturating_add(old));
        if all <= most {
            return [new, old, all - new - old];
        }
        let share = |part: usize| part.saturating_mul(most) / all;
        [share(new), share(old), most - share(new) - share(old)]
    }
}

impl LaneState {
    /// Returns a word or two for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waits",
            Self::Untouched => "unchanged",
            Self::Moving => "updating",
            Self::Arrived => "runs (watching)",
            Self::Settled => "done",
            Self::Lost => "lost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(running: u64, desired: u64, old: usize, expected: [usize; 3]) {
        let place = TaskSlot { old: Some(TaskState::Running), ..TaskSlot::default() };
        let lane = Lane {
            service: "shop_web".to_owned(),
            act: Some(Act::Update),
            state: LaneState::Moving,
            running,
            desired,
            tasks: vec![place; old],
            trouble: None,
            lost: None,
            culprit: None,
            since: None,
            steady_at: None,
            deadline: None,
        };
        assert_eq!(lane.cells(10), expected);
    }

    #[test]
    fn a_cell_is_a_task_until_there_are_too_many() {
        check(1, 4, 2, [1, 2, 1]);
        check(0, 0, 3, [0, 3, 0]);
        check(50, 100, 20, [5, 2, 3]);
    }
}
