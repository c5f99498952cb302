//! How far a service is from what it should be, and whether it will get there.

use crate::domain::{
    cluster::{Task, TaskState},
    exit::explain,
    names::{NodeId, TaskId},
    places::{Place, places},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where a service stands after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Tasks of the present spec that run, or ran to the end they should reach.
    pub running: u64,
    pub desired: u64,
    pub phase: Phase,
    /// The newest thing that went wrong, uncut and in words.
    pub trouble: Option<String>,
    /// Tasks of the present spec that failed since the change.
    pub failures: usize,
    /// Those of them that do not pass by themselves: rejected or unhealthy tasks.
    pub lasting: usize,
    /// With so many failures there is no hope.
    pub tolerance: usize,
    /// Tasks that no node takes.
    pub pending: usize,
    /// Tasks that are given up and never began to run: their node is gone. The
    /// updater waits for them without a limit (swarmkit, engine 20.10).
    pub stranded: usize,
    /// The task that failed last: what it wrote may say why.
    pub culprit: Option<TaskId>,
    pub places: Vec<Place>,
}

/// What the engine's updater says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Tasks are being replaced.
    Updating,
    /// It stopped: the message says why.
    Paused(String),
    /// It goes back to the previous spec by itself.
    RollingBack(String),
    RolledBack(String),
    /// Nothing is being replaced.
    Steady,
}

/// The tasks of one service, as the engine answers two questions.
#[derive(Debug, Clone, Copy)]
pub struct Tasks<'a> {
    pub all: &'a [Task],
    /// Those that the present spec made. Outgoing tasks run on for a while, and
    /// their failures are no news.
    pub current: &'a [Task],
}

/// So many tasks may fail before a service counts as crash-looping.
const CRASH_LOOP: usize = 3;
/// An image that cannot be had twice, or a check that failed twice, does so again.
const LASTING: usize = 2;

/// Reads the progress of a service from its raw JSON and its tasks; failures
/// before `changed` do not count.
pub fn progress(live: &Value, tasks: Tasks<'_>, changed: Timestamp) -> Progress {
    let work = Work::of(live);
    let current: Vec<&Task> = tasks.current.iter().filter(|it| work.is_of_this_run(it)).collect();
    let wanted = || current.iter().copied().filter(|it| work.wants(it));
    let new = |it: &&Task| it.created >= changed || it.since >= changed;
    let failed: Vec<&Task> =
        current.iter().copied().filter(new).filter(|it| work.failed(it)).collect();
    let waiting: Vec<&Task> = wanted().filter(|it| it.state <= TaskState::Pending).collect();
    let told = waiting.iter().filter(|it| !it.error.is_empty());
    let newest = failed.iter().chain(told).max_by_key(|it| it.since);
    let culprit = failed.iter().filter(|it| it.container.is_some()).max_by_key(|it| it.since);
    Progress {
        running: wanted().filter(|it| work.is_done_by(it)).count() as u64,
        desired: work.tasks.unwrap_or_else(|| work.places(tasks.all)),
        phase: phase(live),
        trouble: newest.map(|it| in_words(it, has_check(live))),
        failures: failed.len(),
        lasting: failed.iter().filter(|it| is_lasting(it)).count(),
        tolerance: work.tolerance,
        pending: waiting.len(),
        stranded: current.iter().copied().filter(new).filter(|it| is_stranded(it)).count(),
        culprit: culprit.map(|it| it.id.clone()),
        places: places(tasks),
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
        match &self.phase {
            Phase::Paused(message) => {
                return Some(format!("the engine paused the update: {message}: {}", trouble()));
            }
            Phase::RolledBack(message) => {
                return Some(format!("the engine rolled back: {message}"));
            }
            _ => {}
        }
        match self.failures {
            1 if self.tolerance == 1 => Some(format!("a task failed: {}", trouble())),
            many if many >= self.tolerance || self.lasting >= LASTING => {
                Some(format!("its tasks keep failing ({many} so far): {}", trouble()))
            }
            _ => None,
        }
    }
}

/// What a spec asks of its tasks.
struct Work {
    /// How many; `None` where the nodes decide.
    tasks: Option<u64>,
    /// Tasks of a job should complete; older runs of it do not count.
    job: Option<Timestamp>,
    /// A task that ends well is not started again, so that is what it is for.
    may_end: bool,
    tolerance: usize,
}

impl Work {
    fn of(live: &Value) -> Self {
        let mode = &live["Spec"]["Mode"];
        let job = mode.get("ReplicatedJob").or_else(|| mode.get("GlobalJob"));
        let began = || live["JobStatus"]["LastExecution"].as_str().and_then(|it| it.parse().ok());
        let tasks = mode.get("Replicated").map(|it| it["Replicas"].as_u64().unwrap_or(1));
        let completions = |it: &Value| {
            it["TotalCompletions"].as_u64().or(it["MaxConcurrent"].as_u64()).unwrap_or(1)
        };
        let policy = &live["Spec"]["TaskTemplate"]["RestartPolicy"];
        let attempts = match (policy["Condition"].as_str(), policy["MaxAttempts"].as_u64()) {
            (Some("none"), _) => 1,
            (_, None | Some(0)) => CRASH_LOOP,
            (_, Some(some)) => usize::try_from(some).unwrap_or(CRASH_LOOP).saturating_add(1),
        };
        Self {
            tasks: tasks.or_else(|| mode.get("ReplicatedJob").map(completions)),
            job: job.map(|_| began().unwrap_or(Timestamp::MIN)),
            may_end: matches!(policy["Condition"].as_str(), Some("none" | "on-failure")),
            tolerance: attempts.min(CRASH_LOOP),
        }
    }

    fn is_of_this_run(&self, task: &Task) -> bool {
        self.job.is_none_or(|began| task.created >= began)
    }

    fn wants(&self, task: &Task) -> bool {
        let last = if self.job.is_some() { TaskState::Complete } else { TaskState::Running };
        task.desired <= last
    }

    fn is_done_by(&self, task: &Task) -> bool {
        match task.state {
            TaskState::Running => self.job.is_none(),
            TaskState::Complete => self.job.is_some() || self.may_end,
            _ => false,
        }
    }

    fn failed(&self, task: &Task) -> bool {
        match task.state {
            TaskState::Failed | TaskState::Rejected => true,
            // It ended well, was not asked to, and is started again.
            TaskState::Complete => {
                self.job.is_none() && !self.may_end && task.desired > TaskState::Complete
            }
            _ => false,
        }
    }

    /// Counts the places of a global service: each node has one, and for a moment
    /// two tasks in it.
    fn places(&self, tasks: &[Task]) -> u64 {
        let wanted = tasks.iter().filter(|it| self.wants(it) && self.is_of_this_run(it));
        wanted.map(|it| it.node.as_ref()).collect::<BTreeSet<Option<&NodeId>>>().len() as u64
    }
}

/// A check that failed takes minutes to fail again, and an image that is not there
/// is not there a moment later.
fn is_lasting(task: &Task) -> bool {
    task.state == TaskState::Rejected || task.error.contains("unhealthy container")
}

fn is_stranded(task: &Task) -> bool {
    task.desired.is_over() && task.state < TaskState::Running
}

/// Returns whether its tasks have a healthcheck that the spec knows of.
fn has_check(live: &Value) -> bool {
    let test = &live["Spec"]["TaskTemplate"]["ContainerSpec"]["Healthcheck"]["Test"];
    test[0].as_str().is_some_and(|it| it != "NONE")
}

/// A task that is stopped as unhealthy and obeys looks like one that is done.
fn in_words(task: &Task, checked: bool) -> String {
    let says = explain(&task.error, task.exit_code).map(|it| it.says);
    match (task.error.as_str(), says) {
        ("", None) if task.state == TaskState::Complete && checked => {
            "it ended without an error: by itself, or stopped as unhealthy; the engine does not say which".to_owned()
        }
        ("", None) if task.state == TaskState::Complete => "it ended by itself".to_owned(),
        ("", None) => "the engine gives no reason".to_owned(),
        ("", Some(says)) => says,
        (error, None) => error.to_owned(),
        (error, Some(says)) => format!("{error} ({says})"),
    }
}

fn phase(live: &Value) -> Phase {
    let status = &live["UpdateStatus"];
    let message = || status["Message"].as_str().unwrap_or_default().to_owned();
    match status["State"].as_str() {
        Some("updating") => Phase::Updating,
        Some("paused" | "rollback_paused") => Phase::Paused(message()),
        Some("rollback_started") => Phase::RollingBack(message()),
        Some("rollback_completed") => Phase::RolledBack(message()),
        _ => Phase::Steady,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(state: TaskState, error: &str, at: i64) -> Task {
        let at = Timestamp::from_second(at).unwrap();
        let desired = if state.is_over() { TaskState::Shutdown } else { TaskState::Running };
        Task {
            id: "t".into(),
            service: None,
            node: None,
            slot: 1,
            state,
            desired,
            message: String::new(),
            error: error.to_owned(),
            exit_code: None,
            container: None,
            image: "web:1".into(),
            created: at,
            since: at,
            updated: at,
        }
    }

    fn check(update: &str, tasks: &[Task]) -> Progress {
        let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } },
            "UpdateStatus": { "State": update, "Message": "because" } });
        let tasks = Tasks { all: tasks, current: tasks };
        progress(&live, tasks, Timestamp::from_second(100).unwrap())
    }

    #[test]
    fn a_service_is_done_when_all_run_and_no_updater_works() {
        let both = [task(TaskState::Running, "", 1), task(TaskState::Running, "", 1)];
        assert!(check("completed", &both).done());
        assert!(!check("updating", &both).done());
        assert!(!check("completed", &both[..1]).done());
    }

    #[test]
    fn old_failures_are_no_crash_loop() {
        let failures = |at| {
            (0..3)
                .map(|_| task(TaskState::Failed, "task: non-zero exit (1)", at))
                .collect::<Vec<_>>()
        };
        assert_eq!(check("completed", &failures(50)).hopeless(), None);
        assert!(
            check("completed", &failures(150)).hopeless().unwrap().contains("non-zero exit (1)")
        );
    }

    #[test]
    fn a_paused_update_is_hopeless() {
        assert!(check("paused", &[]).hopeless().unwrap().contains("because"));
    }

    #[test]
    fn tasks_without_a_node_wait_with_their_reason() {
        let seen = check("completed", &[task(TaskState::Pending, "no suitable node", 150)]);
        let words = "no suitable node (no node takes tasks)";
        assert_eq!((seen.pending, seen.trouble.unwrap()), (1, words.to_owned()));
    }

    #[test]
    fn a_task_that_was_given_up_before_it_ran_is_stranded() {
        let lost = Task { desired: TaskState::Shutdown, ..task(TaskState::Assigned, "", 150) };
        let coming = task(TaskState::Assigned, "", 150);
        assert_eq!(check("updating", &[lost, coming]).stranded, 1);
    }

    #[test]
    fn a_task_that_ended_well_under_a_healthcheck_may_have_been_stopped() {
        let words = |spec| {
            let ended = [task(TaskState::Complete, "", 150)];
            let tasks = Tasks { all: &ended, current: &ended };
            progress(&json!({ "Spec": spec }), tasks, Timestamp::MIN).trouble.unwrap()
        };
        let check = json!({ "Test": ["CMD", "true"] });
        let checked = json!({ "TaskTemplate": { "ContainerSpec": { "Healthcheck": check } } });
        assert_eq!(words(json!({})), "it ended by itself");
        assert!(words(checked).contains("or stopped as unhealthy"));
    }

    /// Tasks as `state desired`, all of the present spec; running, desired, done.
    #[track_caller]
    fn counts(spec: &Value, tasks: &[&str], expected: (u64, u64, bool)) {
        let live = json!({ "Spec": spec,
            "JobStatus": { "LastExecution": Timestamp::from_second(100).unwrap() } });
        let tasks: Vec<Task> = tasks
            .iter()
            .enumerate()
            .map(|(number, words)| {
                let (state, desired) = words.split_once(' ').unwrap();
                Task {
                    desired: TaskState::from_word(desired),
                    node: Some(format!("n{number}").as_str().into()),
                    ..task(TaskState::from_word(state), "", 150)
                }
            })
            .collect();
        let tasks = Tasks { all: &tasks, current: &tasks };
        let seen = progress(&live, tasks, Timestamp::from_second(100).unwrap());
        assert_eq!((seen.running, seen.desired, seen.done()), expected, "{spec}");
    }

    #[test]
    fn each_mode_has_its_own_way_of_being_done() {
        let job = json!({ "Mode": { "ReplicatedJob": { "TotalCompletions": 2 } } });
        counts(&job, &["running complete", "complete complete"], (1, 2, false));
        counts(&job, &["complete complete", "complete complete"], (2, 2, true));
        let global_job = json!({ "Mode": { "GlobalJob": {} } });
        counts(&global_job, &["complete complete", "pending complete"], (1, 2, false));
        let global = json!({ "Mode": { "Global": {} } });
        counts(
            &global,
            &["running running", "starting running", "running shutdown"],
            (1, 2, false),
        );
        counts(&global, &["running running", "running shutdown"], (1, 1, true));
    }

    #[test]
    fn a_task_that_ends_well_has_done_its_work_unless_it_is_started_again() {
        let once = json!({ "TaskTemplate": { "RestartPolicy": { "Condition": "on-failure" } },
            "Mode": { "Replicated": { "Replicas": 1 } } });
        counts(&once, &["complete running"], (1, 1, true));
        let always = json!({ "Mode": { "Replicated": { "Replicas": 1 } } });
        counts(&always, &["complete running"], (0, 1, false));
    }

    #[test]
    fn outgoing_tasks_do_not_count() {
        let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 1 } } } });
        let old = [task(TaskState::Running, "", 1), task(TaskState::Failed, "bad", 150)];
        let seen = progress(&live, Tasks { all: &old, current: &[] }, Timestamp::MIN);
        assert_eq!((seen.running, seen.failures, seen.done()), (0, 0, false));
    }

    #[test]
    fn what_is_not_started_again_has_one_try() {
        let failed = [task(TaskState::Failed, "task: non-zero exit (1)", 150)];
        let tasks = Tasks { all: &failed, current: &failed };
        for (policy, hopeless) in [
            (json!({ "Condition": "none" }), true),
            (json!({ "Condition": "any", "MaxAttempts": 1 }), false),
            (json!({}), false),
        ] {
            let live = json!({ "Spec": { "TaskTemplate": { "RestartPolicy": policy },
                "Mode": { "Replicated": { "Replicas": 1 } } } });
            let seen = progress(&live, tasks, Timestamp::MIN);
            assert_eq!(seen.hopeless().is_some(), hopeless, "{live}");
        }
    }
}
