//! Service condition: the health of a service in one word.

use crate::domain::{
    health::{
        case::{Case, SILENCE, same_slot},
        crash::{CrashLoop, RECENT, loops_of},
        exit::never_started,
        trouble::Severity,
    },
    swarm::{
        cluster::{Condition, Mode, Node, Restarts, Service, Task, TaskState},
        names::NodeId,
        states::UpdateState,
    },
    text::count::plural,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// So many ends within the last hour are no accident.
const SEVERAL: usize = 3;
/// What ends more often than this on average does not stay up at all.
const FAST: SignedDuration = SignedDuration::from_mins(1);

/// Decides how a service is, from its counts, its restarts and its tasks as far as
/// they were read; its counts are without lost tasks already.
pub fn see(
    service: &mut Service,
    tasks: Vec<&Task>,
    restarts: Restarts,
    nodes: &[Node],
    before: Option<&Service>,
    now: Timestamp,
) {
    service.seen.restarts = restarts;
    service.seen.ended = ended_well(service, &tasks);
    if service.mode == Mode::GlobalJob {
        service.seen.places = places(&tasks);
    }
    let case = Case::new(service, tasks, nodes, now);
    let still_bad = is_still_bad(service, before);
    let condition = if still_bad { Condition::Failing } else { case.condition() };
    let since = case.since(condition);
    // What failed before and has not got its tasks since fails for longer than they tell.
    let before = before.filter(|_| still_bad).and_then(|it| it.seen.since);
    let since = [since, before].into_iter().flatten().min_by_key(|it| it.at);
    (service.seen.condition, service.seen.since) = (condition, since);
}

/// Whether what failed before has not got its tasks since, and nobody changed it: a new
/// attempt that has not failed yet makes nothing better.
fn is_still_bad(service: &Service, before: Option<&Service>) -> bool {
    let failed = |it: &&Service| it.seen.condition == Condition::Failing;
    let same = |it: &Service| it.changed == service.changed && it.desired == service.desired;
    before.filter(failed).is_some_and(same) && !service.is_job() && !service.converged()
}

/// Counts the tasks of a service that ended well and are not started again.
fn ended_well(service: &Service, tasks: &[&Task]) -> u64 {
    if !service.restart.may_end || service.is_job() {
        return 0;
    }
    let is_last =
        |task: &&&Task| !tasks.iter().any(|it| same_slot(it, task) && it.created > task.created);
    let missing = service.desired.saturating_sub(service.running);
    let well = tasks.iter().filter(|it| it.state == TaskState::Complete).filter(is_last);
    (well.count() as u64).min(missing)
}

/// Counts the nodes that a job runs on: its tasks that failed leave the counts of the
/// engine. Those of a run before are removed when the next begins.
fn places(tasks: &[&Task]) -> u64 {
    let counts = |it: &&&Task| it.desired < TaskState::Remove && it.state < TaskState::Remove;
    let nodes = tasks.iter().filter(counts).filter_map(|it| it.node.as_ref());
    nodes.collect::<BTreeSet<&NodeId>>().len() as u64
}

impl Case<'_> {
    fn condition(&self) -> Condition {
        let service = self.service;
        let is_wrong = || self.reason().is_some_and(|it| it.is_wrong);
        if service.is_job() {
            return match service.converged() {
                true => Condition::Fine,
                false if is_wrong() => Condition::Failing,
                false => Condition::Changing,
            };
        }
        if self.fast_loops() > 0 {
            return Condition::Failing;
        }
        if !service.converged() {
            return match () {
                () if self.is_between_two_of_many() => Condition::Unsteady,
                () if !is_wrong() && self.is_coming() && !self.is_rolling_back() => {
                    Condition::Changing
                }
                () => Condition::Failing,
            };
        }
        if service.stopped.is_some() {
            return Condition::Stopped;
        }
        let paused = service.update_state().is_some_and(UpdateState::is_paused);
        match () {
            () if paused || self.is_restless() => Condition::Unsteady,
            () if service.is_updating() => Condition::Changing,
            () if service.seen.ended > 0 => Condition::Ended,
            () => Condition::Fine,
        }
    }

    /// Whether tasks ended by themselves so often, or so lately, that running at this
    /// very moment says little.
    pub fn is_restless(&self) -> bool {
        let Restarts { count, last, .. } = self.service.seen.restarts;
        let lately = last.is_some_and(|it| self.now.duration_since(it) <= RECENT);
        count >= SEVERAL || lately
    }

    /// Whether the update is being rolled back. A task that is missing then is trouble, even
    /// if it may come soon.
    pub fn is_rolling_back(&self) -> bool {
        self.service.update_state() == Some(UpdateState::RollbackStarted)
    }

    /// Whether what is missing is being made, or was asked for a moment ago.
    fn is_coming(&self) -> bool {
        if self.is_fresh() || (self.tasks.is_empty() && self.service.is_updating()) {
            return true;
        }
        self.tasks.iter().any(|it| waits(it)) || self.lost().is_some()
    }

    /// Whether the next task of a slow loop is on its way.
    fn is_between_two_of_many(&self) -> bool {
        let loops = loops_of(&self.ends(), self.now);
        let just = |it: &CrashLoop<'_>| {
            !never_started(it.last) && self.now.duration_since(it.last.since) <= SILENCE
        };
        loops.iter().any(just) && self.tasks.iter().any(|it| waits(it))
    }

    /// Counts the places whose tasks end so often that it says nothing whether one runs at
    /// this moment: until it has run for twice as long as those before it.
    fn fast_loops(&self) -> usize {
        let ends = self.ends();
        let is_fast = |it: &CrashLoop<'_>| {
            let each = it.within / i32::try_from(it.ends).unwrap_or(i32::MAX);
            // What never starts is missing all the time, and counted so.
            !never_started(it.last)
                && each <= FAST
                && self.now.duration_since(it.last.since) <= (each * 2).max(SILENCE)
        };
        loops_of(&ends, self.now).into_iter().filter(is_fast).count()
    }

    /// Says so of a service whose tasks end again and again, by how many do and not by how
    /// many run at this moment.
    pub fn does_not_stay_up(&self) -> Option<(Severity, String)> {
        let loops = self.fast_loops() as u64;
        if loops == 0 || self.service.is_job() {
            return None;
        }
        let (name, wanted) = (&self.service.name, self.service.tally().wanted);
        if loops >= wanted {
            return Some((Severity::Critical, format!("{name} does not stay up")));
        }
        let severity = if loops * 2 > wanted { Severity::Critical } else { Severity::Warning };
        let verb = if loops == 1 { "does" } else { "do" };
        let what = format!("{loops} of {} of {name} {verb} not stay up", plural(wanted, "task"));
        Some((severity, what))
    }

    /// Whether the last task that ended had not run at all.
    pub fn last_never_ran(&self) -> bool {
        let ends = self.ends();
        ends.into_iter().max_by_key(|it| it.since).is_some_and(never_started)
    }
}

fn waits(task: &Task) -> bool {
    task.desired <= TaskState::Running && task.state < TaskState::Running
}
