//! The expected work of a spec: how many tasks, and how they must end.

use crate::domain::swarm::{
    cluster::{Mode, Task, TaskState},
    names::NodeId,
    objects::{ServiceObject, UpdateConfig},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeSet;

/// So many tasks may fail before a service counts as crash-looping.
const CRASH_LOOP: usize = 3;

/// What a spec asks of its tasks.
pub struct Work {
    /// How many; `None` where the nodes decide.
    pub tasks: Option<u64>,
    /// Tasks of a job should complete; older runs of it do not count.
    job: Option<Timestamp>,
    /// A task that ends well is not started again, so that is what it is for.
    may_end: bool,
    pub tolerance: usize,
    /// The updater stops at the first task that fails so soon after its start.
    monitor: Option<SignedDuration>,
}

/// What the engine takes where no monitor is set.
const MONITOR: SignedDuration = SignedDuration::from_secs(5);

impl Work {
    pub fn of(live: &Value) -> Self {
        let live = ServiceObject(live);
        let spec = live.spec();
        let policy = spec.template().restart_policy();
        let attempts = match (policy.condition(), policy.max_attempts()) {
            (Some("none"), _) => 1,
            (_, None | Some(0)) => CRASH_LOOP,
            (_, Some(some)) => usize::try_from(some).unwrap_or(CRASH_LOOP).saturating_add(1),
        };
        Self {
            tasks: match spec.mode() {
                Some(Mode::Replicated { replicas }) => Some(replicas),
                Some(Mode::ReplicatedJob { total, .. }) => Some(total),
                Some(Mode::Global | Mode::GlobalJob) | None => None,
            },
            job: spec.is_job().then(|| live.job_began().unwrap_or(Timestamp::MIN)),
            may_end: matches!(policy.condition(), Some("none" | "on-failure")),
            tolerance: attempts.min(CRASH_LOOP),
            monitor: monitor(spec.update_config()),
        }
    }

    /// Counts the tasks that failed soon after they could start: once the one that they
    /// replace had ended. The engine counts them from when they run; it may take seconds
    /// to notice (20.10).
    pub fn early(&self, failed: &[&Task], all: &[Task]) -> usize {
        let Some(monitor) = self.monitor else { return 0 };
        let is_early = |it: &&&Task| {
            let here = |old: &&Task| place(old) == place(it) && old.created < it.created;
            let before = all.iter().filter(here).map(|old| old.since).filter(|at| *at <= it.since);
            let began = before.max().map_or(it.created, |ended| ended.max(it.created));
            it.since.duration_since(began) <= monitor
        };
        failed.iter().filter(is_early).count()
    }

    pub fn is_of_this_run(&self, task: &Task) -> bool {
        self.job.is_none_or(|began| task.created >= began)
    }

    pub fn wants(&self, task: &Task) -> bool {
        let last = if self.job.is_some() { TaskState::Complete } else { TaskState::Running };
        task.desired <= last
    }

    pub fn is_done_by(&self, task: &Task) -> bool {
        match task.state {
            TaskState::Running => self.job.is_none(),
            TaskState::Complete => self.job.is_some() || self.may_end,
            _ => false,
        }
    }

    pub fn failed(&self, task: &Task) -> bool {
        match task.state {
            TaskState::Failed | TaskState::Rejected => true,
            // It ended well, was not asked to, and is started again.
            TaskState::Complete => {
                self.job.is_none() && !self.may_end && task.desired > TaskState::Complete
            }
            _ => false,
        }
    }

    pub fn is_job(&self) -> bool {
        self.job.is_some()
    }

    /// Counts the places whose task ended well and is not started again. The engine wants
    /// such a task no more, and replaces it by none.
    pub fn ended(&self, current: &[&Task]) -> u64 {
        current.iter().filter(|it| self.is_last_and_ended(it, current)).count() as u64
    }

    fn is_last_and_ended(&self, task: &Task, current: &[&Task]) -> bool {
        let ended = self.may_end
            && !self.is_job()
            && task.state == TaskState::Complete
            && task.desired > TaskState::Complete;
        let here = |it: &&&Task| place(it) == place(task) && it.id != task.id;
        let follows = |it: &&Task| self.wants(it) || it.created > task.created;
        ended && !current.iter().filter(here).any(follows)
    }

    /// Counts the places of a global service: each node has one, and for a moment
    /// two tasks in it.
    pub fn slots(&self, tasks: &[Task]) -> u64 {
        let all: Vec<&Task> = tasks.iter().collect();
        let counts = |it: &&&Task| {
            self.is_of_this_run(it) && (self.wants(it) || self.is_last_and_ended(it, &all))
        };
        let nodes = all.iter().filter(counts).map(|it| it.node.as_ref());
        nodes.collect::<BTreeSet<Option<&NodeId>>>().len() as u64
    }
}

/// Returns the time in which one failure is too many; nothing where some may fail.
fn monitor(config: UpdateConfig<'_>) -> Option<SignedDuration> {
    if config.failure_action() == Some("continue") || config.max_failure_ratio() > 0.0 {
        return None;
    }
    let given = config.monitor().and_then(|it| SignedDuration::try_from(it).ok());
    Some(given.unwrap_or(MONITOR))
}

fn place(task: &Task) -> (u64, Option<&NodeId>) {
    (task.slot, task.node.as_ref().filter(|_| task.slot == 0))
}
