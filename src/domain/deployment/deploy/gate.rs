//! Health gate: all tasks of a service must run, and keep running for a while.

use crate::domain::{
    deployment::deploy::limits::DeployLimits,
    health::converge::{Phase, Progress},
    text::count::plural,
};
use std::{mem::replace, time::Duration};

/// To prepare a task takes a moment; what takes longer is told.
const SLOW: Duration = Duration::from_secs(10);

/// One service, watched on its way to a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    pub standing: ServiceStage,
    /// What was seen last.
    pub seen: Option<Progress>,
    pub goal: Goal,
    pub limits: DeployLimits,
    pub since: Duration,
    /// Since when all its tasks run.
    pub arrived: Option<Duration>,
    /// Since when tasks wait for a node.
    waiting: Option<Duration>,
    /// Since when the updater waits for tasks that will never run.
    stuck: Option<Duration>,
    /// Since when all its tasks run, and the updater is said to be at work all the same.
    idle: Option<Duration>,
    /// Since when tasks fail of what should pass by itself.
    passing: Option<Duration>,
    /// A task has been prepared for longer than is usual.
    is_slow: bool,
    /// The last trouble that was seen: once the engine is back, the task may be gone.
    told: Option<String>,
}

/// What a service is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// All its tasks run for the whole window, or complete.
    Healthy,
    /// The same, but nothing was written: its tasks alone count, for what the
    /// updater says of it is the end of an older story.
    StillHealthy,
    /// The same on the rollback, where an engine that goes back by itself does what is
    /// wanted (`failure_action: rollback`).
    HealthyAgain,
    /// It is there; its tasks were not well before.
    There,
    /// It is gone, and so are its tasks.
    Gone,
}

/// Since how long something holds that may not hold for ever.
#[derive(Debug, Clone, Copy)]
struct Waits {
    /// Tasks wait for a node.
    waited: Option<Duration>,
    /// Tasks fail of what should pass.
    failing: Option<Duration>,
}

/// How far a service has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceStage {
    Moving,
    /// All its tasks run; services that wait for it need not wait longer.
    Arrived,
    /// It reached its goal.
    Settled,
    /// It will not get there, for this reason.
    Lost(String),
}

impl Track {
    /// Begins to watch at the moment `since`.
    pub fn towards(goal: Goal, limits: DeployLimits, since: Duration) -> Self {
        let standing = ServiceStage::Moving;
        Self {
            standing,
            seen: None,
            goal,
            limits,
            since,
            arrived: None,
            waiting: None,
            stuck: None,
            idle: None,
            passing: None,
            is_slow: false,
            told: None,
        }
    }

    /// Takes in what the service does at the moment `at`; nothing where it is
    /// gone.
    pub fn see(&mut self, seen: Option<Progress>, at: Duration) {
        let seen = seen.map(|it| self.recall(it));
        let last = replace(&mut self.seen, seen.clone());
        self.standing = match (self.goal, seen) {
            (Goal::Gone, None) | (Goal::There, Some(_)) => ServiceStage::Settled,
            (Goal::Gone, Some(seen)) => self.wait_for_the_end(&seen, at),
            (_, None) => ServiceStage::Lost("it was removed by somebody else".to_owned()),
            (Goal::Healthy, Some(seen)) => self.judge(&seen, last.as_ref(), at),
            (Goal::HealthyAgain, Some(seen)) => {
                let phase = match seen.phase {
                    Phase::RollingBack(_) => Phase::Updating,
                    Phase::RolledBack(_) => Phase::Steady,
                    phase => phase,
                };
                self.judge(&Progress { phase, ..seen }, last.as_ref(), at)
            }
            (Goal::StillHealthy, Some(seen)) => {
                self.judge(&Progress { phase: Phase::Steady, ..seen }, last.as_ref(), at)
            }
        };
    }

    pub fn has_arrived(&self) -> bool {
        matches!(self.standing, ServiceStage::Arrived | ServiceStage::Settled)
    }

    /// Returns whether there is nothing left to wait for.
    pub fn is_over(&self) -> bool {
        self.standing == ServiceStage::Settled || self.is_lost()
    }

    pub fn is_lost(&self) -> bool {
        matches!(self.standing, ServiceStage::Lost(_))
    }

    /// Says in a few words where it stands, as `1/2`.
    pub fn words(&self) -> String {
        match (&self.standing, &self.seen) {
            (ServiceStage::Lost(why), _) => why.clone(),
            (_, _) if self.goal == Goal::Gone => "stopping".to_owned(),
            (_, None) => "spec sent".to_owned(),
            (ServiceStage::Arrived, Some(seen)) if seen.job => {
                format!("completed {}/{}", seen.running, seen.desired)
            }
            (ServiceStage::Arrived, Some(_)) => "runs (watching)".to_owned(),
            (_, Some(seen)) => match (&seen.preparing, &seen.trouble) {
                (Some(preparing), None) if self.is_slow => {
                    format!("{}/{} ({preparing})", seen.running, seen.desired)
                }
                _ => format!("{}/{}", seen.running, seen.desired),
            },
        }
    }

    /// Fills in what was seen of a service whose engine went back by itself meanwhile.
    fn recall(&mut self, mut seen: Progress) -> Progress {
        if seen.trouble.is_none() && seen.phase.is_back() {
            seen.trouble.clone_from(&self.told);
        }
        if seen.trouble.is_some() {
            self.told.clone_from(&seen.trouble);
        }
        seen
    }

    fn judge(&mut self, seen: &Progress, last: Option<&Progress>, at: Duration) -> ServiceStage {
        let held = |moment: &mut Option<Duration>, holds: bool| {
            *moment = if holds { moment.or(Some(at)) } else { None };
            moment.map(|it| at.saturating_sub(it))
        };
        let ran = held(&mut self.arrived, seen.done());
        let waited = held(&mut self.waiting, seen.pending > 0);
        let stuck = held(&mut self.stuck, seen.phase == Phase::Updating && seen.stranded > 0);
        // An updater waits without a limit for a task that somebody took away meanwhile
        // (swarmkit); where nothing is left for it to do, that is no reason to wait too.
        let idle = held(&mut self.idle, is_all_there(seen));
        let is_idle = idle.is_some_and(|it| it > self.limits.window + self.limits.grace);
        let failing = held(&mut self.passing, seen.passing > 0 && !seen.done());
        self.is_slow = at.saturating_sub(self.since) > SLOW;
        let waits = Waits { waited, failing };
        let stands = stuck.is_some_and(|it| it > self.limits.grace) && !is_all_there(seen);
        let lost = match stands {
            true => Some(stranded(seen)),
            false if is_unexplained(seen, last) => None,
            false => self.hopeless(seen, waits, at),
        };
        match (ran, lost) {
            (_, Some(why)) => ServiceStage::Lost(why),
            (Some(ran), None) if ran >= self.limits.window => ServiceStage::Settled,
            (Some(_), None) => ServiceStage::Arrived,
            (None, None) if is_idle => ServiceStage::Settled,
            (None, None) => ServiceStage::Moving,
        }
    }

    /// Says why there is no point in waiting longer.
    fn hopeless(&self, seen: &Progress, waits: Waits, at: Duration) -> Option<String> {
        let Progress { pending, running, desired, passing, .. } = seen;
        let is_long = |it: Option<Duration>| it.is_some_and(|it| it > self.limits.grace);
        if let Some(why) = seen.hopeless() {
            return Some(why);
        }
        if is_long(waits.waited) {
            return Some(format!(
                "{pending} of {desired} tasks wait for a node: {}",
                seen.reason()
            ));
        }
        if is_long(waits.failing) {
            let grace = self.limits.grace.as_secs();
            let why = seen.reason();
            return Some(format!(
                "its tasks have been failing for {grace}s ({passing} so far): {why}"
            ));
        }
        (self.is_late(at) && !seen.done()).then(|| {
            let after = self.limits.deadline.as_secs();
            format!("{running} of {desired} tasks run after {after}s: {}", seen.reason())
        })
    }

    fn wait_for_the_end(&self, seen: &Progress, at: Duration) -> ServiceStage {
        if !self.is_late(at) {
            return ServiceStage::Moving;
        }
        let after = self.limits.deadline.as_secs();
        let left = seen.leaving.max(usize::try_from(seen.running).unwrap_or(usize::MAX));
        ServiceStage::Lost(format!("{} after {after}s", still(left)))
    }

    fn is_late(&self, at: Duration) -> bool {
        at.saturating_sub(self.since) > self.limits.deadline
    }
}

/// Returns whether as many tasks of the present spec run as should and none of an older
/// one is left, though the updater is said to be at work.
fn is_all_there(seen: &Progress) -> bool {
    let is_left = seen.slots.iter().any(|it| it.old.is_some());
    seen.phase == Phase::Updating && seen.running == seen.desired && !is_left
}

/// Tasks are read beside their service, so the one that made the updater stop may be
/// seen a look later than that it stopped.
fn is_unexplained(seen: &Progress, last: Option<&Progress>) -> bool {
    let stopped = |it: &Progress| it.phase.is_given_up();
    stopped(seen) && seen.trouble.is_none() && !last.is_some_and(stopped)
}

fn still(left: usize) -> String {
    match left {
        // What is left is on nodes that say nothing.
        0 => "it is not known whether its tasks have ended".to_owned(),
        1 => "1 of its tasks still runs".to_owned(),
        many => format!("{many} of its tasks still run"),
    }
}

fn stranded(seen: &Progress) -> String {
    format!(
        "the engine's update is stuck: it waits for {} that can never run, because the node is gone",
        plural(seen.stranded as u64, "task")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{health::converge::TaskSlot, swarm::cluster::TaskState};

    /// Sees so many of two tasks run each second, while the updater is said to be at work;
    /// returns when it ended, and how.
    fn ends(running: u64, old: Option<TaskState>, stranded: usize) -> (u64, ServiceStage) {
        let limits = DeployLimits { window: Duration::from_secs(2), ..DeployLimits::default() };
        let mut track = Track::towards(Goal::HealthyAgain, limits, Duration::ZERO);
        let slots = vec![TaskSlot { slot: 1, old, ..TaskSlot::default() }];
        let phase = Phase::Updating;
        let seen = Progress {
            running,
            desired: 2,
            stranded,
            phase,
            slots,
            tolerance: 3,
            ..Progress::default()
        };
        for second in 0.. {
            track.see(Some(seen.clone()), Duration::from_secs(second));
            if track.is_over() {
                return (second, track.standing);
            }
        }
        unreachable!()
    }

    #[test]
    fn an_updater_with_nothing_left_to_do_holds_nobody_up() {
        assert_eq!(ends(2, None, 0), (33, ServiceStage::Settled));
        // Also where it waits for a task that will never run.
        assert_eq!(ends(2, None, 1), (33, ServiceStage::Settled));
        // Something is left: then only the limits end it.
        let (after, standing) = ends(2, Some(TaskState::Running), 0);
        assert!(after == 601 && matches!(standing, ServiceStage::Lost(_)), "{after} {standing:?}");
        let (after, standing) = ends(1, None, 1);
        assert!(after == 31 && matches!(standing, ServiceStage::Lost(_)), "{after} {standing:?}");
    }
}
