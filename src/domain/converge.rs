//! How far a service is from what it should be, and whether it will get there.

use crate::domain::cluster::{Task, TaskState};
use jiff::Timestamp;
use serde_json::Value;

/// Where a service stands after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub running: u64,
    pub desired: u64,
    pub phase: Phase,
    /// The newest thing that went wrong, uncut.
    pub trouble: Option<String>,
    /// Tasks that failed since the change.
    pub failures: usize,
    /// Tasks that no node takes.
    pub pending: usize,
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

/// So many tasks may fail before a service counts as crash-looping.
const CRASH_LOOP: usize = 3;

/// Reads the progress of a service from its raw JSON and all its tasks;
/// failures before `changed` do not count.
pub fn progress(live: &Value, tasks: &[Task], changed: Timestamp) -> Progress {
    let wanted: Vec<&Task> = tasks.iter().filter(|it| !it.desired.is_over()).collect();
    let running = wanted.iter().filter(|it| it.state == TaskState::Running).count() as u64;
    let new = |it: &&Task| it.created >= changed || it.since >= changed;
    let failed: Vec<&Task> = tasks
        .iter()
        .filter(new)
        .filter(|it| matches!(it.state, TaskState::Failed | TaskState::Rejected))
        .collect();
    let waiting: Vec<&&Task> =
        wanted.iter().filter(|it| it.state <= TaskState::Pending && !it.error.is_empty()).collect();
    let newest =
        failed.iter().copied().chain(waiting.iter().copied().copied()).max_by_key(|it| it.since);
    Progress {
        running,
        desired: desired(live).unwrap_or(wanted.len() as u64),
        phase: phase(live),
        trouble: newest.map(|it| it.error.clone()).filter(|it| !it.is_empty()),
        failures: failed.len(),
        pending: waiting.len(),
    }
}

impl Progress {
    /// Returns whether as many tasks run as should, and no updater is at work.
    pub fn done(&self) -> bool {
        self.phase == Phase::Steady && self.running == self.desired
    }

    /// Returns why it will not get there by itself, where that is clear.
    pub fn hopeless(&self) -> Option<String> {
        let trouble = || self.trouble.clone().unwrap_or_else(|| "no reason given".to_owned());
        match &self.phase {
            Phase::Paused(message) => {
                Some(format!("the engine paused the update: {message}: {}", trouble()))
            }
            Phase::RolledBack(message) => Some(format!("the engine rolled back: {message}")),
            _ if self.failures >= CRASH_LOOP => {
                Some(format!("its tasks keep failing ({} so far): {}", self.failures, trouble()))
            }
            _ => None,
        }
    }
}

/// How many tasks the spec wants; `None` where the nodes decide.
fn desired(live: &Value) -> Option<u64> {
    let replicated = live["Spec"]["Mode"].get("Replicated")?;
    Some(replicated["Replicas"].as_u64().unwrap_or(1))
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
        }
    }

    fn check(update: &str, tasks: &[Task]) -> Progress {
        let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } },
            "UpdateStatus": { "State": update, "Message": "because" } });
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
        assert_eq!((seen.pending, seen.trouble.as_deref()), (1, Some("no suitable node")));
    }
}
