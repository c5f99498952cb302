//! Convergence: how far a service is from its desired state, and whether it will reach it.

mod seen;
mod slots;
mod cause;
mod work;

pub use seen::{ServiceContext, ServiceTasks};
pub use slots::TaskSlot;

use crate::domain::{
    health::{
        converge::{
            cause::{NO_REASON, Weight, pull, weight, why},
            slots::slots,
            work::Work,
        },
        exit::{Around, silence},
    },
    swarm::{
        cluster::{Node, Task, TaskState},
        names::TaskId,
        objects::ServiceObject,
        states::{NodeState, UpdateState},
    },
};
use serde_json::Value;

/// Where a service stands after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tasks of the present spec that run, or ran to the end they should reach.
    pub running: u64,
    pub desired: u64,
    /// Its tasks are to complete, and not to run on.
    pub job: bool,
    /// Those of the running that ended well and are not started again.
    pub ended: u64,
    pub phase: Phase,
    /// The newest thing that went wrong, uncut and in words.
    pub trouble: Option<String>,
    /// Tasks of the present spec that failed since the change, and may do so again.
    pub failures: usize,
    /// Those of them that do not pass by themselves: rejected or unhealthy tasks.
    pub lasting: usize,
    /// Those of them that fail wherever and whenever they are started.
    pub doomed: usize,
    /// Those of them for which the updater will stop, and has not yet: they failed as they
    /// began.
    pub early: usize,
    /// Tasks that failed of what passes by itself, as a network that is not there yet.
    pub passing: usize,
    /// With so many failures there is no hope.
    pub tolerance: usize,
    /// Tasks that no node takes.
    pub pending: usize,
    /// What a node prepares for a task, mostly by a pull, in words.
    pub preparing: Option<String>,
    /// Tasks that are given up and never began to run: their node is gone. The
    /// updater waits for them without a limit (swarmkit, engine 20.10).
    pub stranded: usize,
    /// Tasks that should end and have not, on nodes that are there.
    pub leaving: usize,
    /// The task that failed last: what it wrote may say why.
    pub culprit: Option<TaskId>,
    pub slots: Vec<TaskSlot>,
}

/// What the engine's updater says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Phase {
    /// Tasks are being replaced.
    Updating,
    /// It stopped: the message says why.
    Paused(String),
    /// It goes back to the previous spec by itself.
    RollingBack(String),
    RolledBack(String),
    /// Nothing is being replaced.
    #[default]
    Steady,
}

/// An image that cannot be had twice, or a check that failed twice, does so again.
const LASTING: usize = 2;

/// Reads the progress of a service from its raw JSON and its tasks.
pub fn progress(live: &Value, tasks: ServiceTasks<'_>, known: &ServiceContext<'_>) -> Progress {
    let work = Work::of(live);
    let phase = phase(live, &work);
    let current: Vec<&Task> = tasks.current.iter().filter(|it| work.is_of_this_run(it)).collect();
    let wanted = || current.iter().copied().filter(|it| work.wants(it));
    let new = |it: &Task| it.created >= known.changed || it.since >= known.changed;
    let failed: Vec<&Task> =
        current.iter().copied().filter(|it| new(it) && work.failed(it)).collect();
    let weighs = |weight_of: Weight| {
        failed.iter().filter(|it| weight(it, &current, known) == weight_of).count()
    };
    let passing = weighs(Weight::Passing);
    let waiting: Vec<&Task> = wanted().filter(|it| it.state <= TaskState::Pending).collect();
    let reasons = Reasons { tasks, work: &work, failed: &failed, waiting: &waiting };
    let newest = reasons.newest(&phase, new);
    let desired = work.tasks.unwrap_or_else(|| work.slots(tasks.all));
    let ended = work.ended(&current);
    let running = wanted().filter(|it| work.is_done_by(it)).count() as u64;
    let around = Around::of_template(ServiceObject(live).spec().template(), known.nodes);
    let told = |it: &Task| {
        if it.error.is_empty() && !it.state.is_over() {
            silence(it.state).map_or_else(|| NO_REASON.to_owned(), |it| it.says)
        } else {
            why(it, &around)
        }
    };
    Progress {
        running: if ended > 0 { (running + ended).min(desired) } else { running },
        desired,
        job: work.is_job(),
        ended,
        trouble: newest.map(told),
        failures: failed.len() - passing,
        lasting: weighs(Weight::Lasting),
        doomed: weighs(Weight::Doomed),
        early: if phase == Phase::Updating { work.early(&failed, tasks.all) } else { 0 },
        passing,
        tolerance: work.tolerance,
        pending: waiting.len(),
        preparing: wanted().find_map(|it| pull(it, known.nodes)),
        stranded: current.iter().filter(|it| new(it) && is_stranded(it)).count(),
        leaving: tasks.all.iter().filter(|it| is_leaving(it, known.nodes)).count(),
        culprit: reasons.culprit(&phase, new).map(|it| it.id.clone()),
        slots: slots(tasks),
        phase,
    }
}

impl Progress {
    /// Returns whether as many tasks run as should, and no updater is at work.
    pub fn done(&self) -> bool {
        self.phase == Phase::Steady && self.running == self.desired
    }

    /// Returns why it will not get there by itself, where that is clear.
    pub fn hopeless(&self) -> Option<String> {
        let trouble = || self.trouble.as_deref().unwrap_or("no reason given");
        if let Some(what) = self.phase.gave_up() {
            return Some(match &self.trouble {
                Some(trouble) => format!("{what} after a task failed: {trouble}"),
                None => format!("{what}, and no task is left that says why"),
            });
        }
        match self.failures {
            1 if self.tolerance == 1 => Some(format!("a task failed: {}", trouble())),
            _ if self.early > 0 => Some(format!("a new task failed as it began: {}", trouble())),
            _ if self.doomed > 0 => Some(format!("its tasks cannot run: {}", trouble())),
            many if many >= self.tolerance || self.lasting >= LASTING => {
                Some(format!("its tasks keep failing ({many} so far): {}", trouble()))
            }
            _ => None,
        }
    }

    /// Says why it is not there yet, as far as anything is known.
    pub fn reason(&self) -> String {
        let told = self.trouble.as_ref().or(self.preparing.as_ref());
        told.cloned().unwrap_or_else(|| NO_REASON.to_owned())
    }
}

impl Phase {
    /// Says that the engine gave the update up, where it did.
    fn gave_up(&self) -> Option<&'static str> {
        match self {
            Self::Paused(_) => Some("the engine paused the update"),
            Self::RollingBack(_) => Some("the engine rolls back by itself"),
            Self::RolledBack(_) => Some("the engine rolled back by itself"),
            Self::Updating | Self::Steady => None,
        }
    }

    /// Returns whether an engine that gave up goes back, or has.
    pub fn is_back(&self) -> bool {
        matches!(self, Self::RollingBack(_) | Self::RolledBack(_))
    }

    /// Returns whether the engine gave the update up.
    pub fn is_given_up(&self) -> bool {
        self.gave_up().is_some()
    }

    /// Returns the id of the task that made it stop, as the engine names it:
    /// `update paused due to failure or early termination of task ID`.
    fn names(&self) -> Option<&str> {
        let (Self::Paused(message) | Self::RollingBack(message) | Self::RolledBack(message)) = self
        else {
            return None;
        };
        Some(message.rsplit_once(" of task ")?.1.trim())
    }
}

/// The tasks that may say why a service is not what it should be.
struct Reasons<'a> {
    tasks: ServiceTasks<'a>,
    work: &'a Work,
    failed: &'a [&'a Task],
    waiting: &'a [&'a Task],
}

impl<'a> Reasons<'a> {
    /// Returns the task that tells the most: the one for which the updater stopped; else
    /// the newest that failed; else one that waits, best with a reason.
    fn newest(&self, phase: &Phase, new: impl Fn(&Task) -> bool) -> Option<&'a Task> {
        let failures = || self.failures(phase, &new);
        let told = || self.waiting.iter().copied().filter(|it| !it.error.is_empty());
        self.named(phase, &new)
            .or_else(|| failures().chain(told()).max_by_key(|it| it.since))
            .or_else(|| self.waiting.first().copied())
    }

    /// Returns the task whose last lines may say why.
    fn culprit(&self, phase: &Phase, new: impl Fn(&Task) -> bool) -> Option<&'a Task> {
        let has_run = |it: &&Task| it.container.is_some();
        let named = self.named(phase, &new).filter(has_run);
        named.or_else(|| self.failures(phase, &new).filter(has_run).max_by_key(|it| it.since))
    }

    fn named(&self, phase: &Phase, new: impl Fn(&Task) -> bool) -> Option<&'a Task> {
        let id = phase.names()?;
        self.tasks.all.iter().find(|it| it.id.as_str() == id && it.state.is_over() && new(it))
    }

    /// An engine that went back by itself has the old spec: what failed is of none.
    fn failures(
        &self,
        phase: &Phase,
        new: impl Fn(&Task) -> bool,
    ) -> impl Iterator<Item = &'a Task> {
        let of_old = |it: &&Task| self.tasks.current.iter().all(|other| other.id != it.id);
        let back = phase.is_back();
        let gone = self.tasks.all.iter().filter(move |_| back).filter(of_old);
        let gone: Vec<&Task> = gone.filter(|it| new(it) && self.work.failed(it)).collect();
        self.failed.iter().copied().chain(gone)
    }
}

fn is_stranded(task: &Task) -> bool {
    task.desired.is_over() && task.state < TaskState::Running
}

/// Of what a lost node runs nobody hears, and what no node took has nothing to end: its
/// state stays as it is (20.10).
fn is_leaving(task: &Task, nodes: &[Node]) -> bool {
    let lost = |it: &Node| Some(&it.id) == task.node.as_ref() && it.state == NodeState::Down;
    let goes = task.desired > TaskState::Complete && !task.state.is_over();
    goes && task.node.is_some() && !nodes.iter().any(lost)
}

/// A job has no updater: what its status says is the end of an older story.
fn phase(live: &Value, work: &Work) -> Phase {
    let live = ServiceObject(live);
    let message = || live.update_message().to_owned();
    match live.update_state() {
        _ if work.is_job() => Phase::Steady,
        Some(UpdateState::Updating) => Phase::Updating,
        Some(UpdateState::Paused | UpdateState::RollbackPaused) => Phase::Paused(message()),
        Some(UpdateState::RollbackStarted) => Phase::RollingBack(message()),
        Some(UpdateState::RollbackCompleted) => Phase::RolledBack(message()),
        Some(UpdateState::Completed) | None => Phase::Steady,
    }
}

#[cfg(test)]
mod tests;
