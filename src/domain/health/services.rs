//! Why a service does not run as it should.

use crate::domain::{
    cluster::{Mode, Object, Service, Task, TaskState, Update},
    exit::{self, Explained},
    health::{
        Severity, Sight, Trouble,
        crash::{RECENT, crash_loops},
    },
    names::ServiceId,
    text::{
        age::{age, coarse},
        count::plural,
    },
};
use jiff::SignedDuration;
use std::{cmp::Reverse, collections::HashMap};

/// A task may wait so long without a reason before it is one.
const SILENCE: SignedDuration = SignedDuration::from_secs(30);
/// Pulling an image should take no longer.
const PULL: SignedDuration = SignedDuration::from_mins(2);

/// Returns what is wrong with services, the worst of each.
pub fn troubles(sight: &Sight<'_>) -> Vec<Trouble> {
    let mut tasks: HashMap<&ServiceId, Vec<&Task>> = HashMap::new();
    for task in sight.tasks {
        if let Some(service) = &task.service {
            tasks.entry(service).or_default().push(task);
        }
    }
    let cases = sight.services.iter().map(|service| {
        let mut tasks = tasks.remove(&service.id).unwrap_or_default();
        tasks.sort_by_key(|it| Reverse(it.created));
        Case { service, sight, tasks }
    });
    cases.filter_map(|it| trouble(&it)).collect()
}

fn trouble(case: &Case<'_>) -> Option<Trouble> {
    let service = case.service;
    let reason = case.crash().or_else(|| case.waiting()).or_else(|| case.failed());
    let stuck = service.update.as_ref().and_then(|it| case.stuck_update(it));
    if service.converged() {
        return stuck.or_else(|| case.crash().map(|it| case.flapping(&it)));
    }
    match (stuck, reason) {
        (Some(stuck), None) => Some(stuck),
        (Some(stuck), Some(reason)) => Some(case.unconverged(&reason).worsened(&stuck)),
        (None, Some(reason)) => Some(case.unconverged(&reason)),
        (None, None) => case.in_motion(),
    }
}

/// States of an update that goes on.
const CHANGING: &[&str] = &["updating", "rollback_started"];

/// One service with its tasks, newest first.
struct Case<'a> {
    service: &'a Service,
    sight: &'a Sight<'a>,
    tasks: Vec<&'a Task>,
}

/// Why, and what to do.
struct Reason {
    why: String,
    what_now: String,
}

impl Case<'_> {
    fn crash(&self) -> Option<Reason> {
        let loops = crash_loops(&self.tasks, self.sight.now);
        let worst = loops.first()?;
        let last = worst.last;
        let (cause, what_now) = cause(last);
        let others = match loops.len() {
            1 => String::new(),
            some => format!(" (and {} more)", some - 1),
        };
        let why = format!(
            "{}{others} ended {} in {}, last {} ago: {cause}",
            self.name(last),
            plural(worst.ends as u64, "time"),
            coarse(worst.within),
            age(last.since, self.sight.now),
        );
        Some(self.given_up(last, Reason { why, what_now }))
    }

    /// A task that should run, and has not got that far.
    fn waiting(&self) -> Option<Reason> {
        let waiting =
            |it: &&&Task| it.desired <= TaskState::Running && it.state < TaskState::Running;
        let live: Vec<&Task> = self.tasks.iter().filter(waiting).copied().collect();
        let told = live.iter().find(|it| !it.error.is_empty());
        if let Some(task) = told {
            let (cause, what_now) = cause(task);
            let why =
                format!("{} is {} for {}: {cause}", self.name(task), task.state, self.age(task));
            return Some(Reason { why, what_now });
        }
        live.iter().find_map(|it| self.silent(it))
    }

    /// The engine does not say why a task waits, but the state does.
    fn silent(&self, task: &Task) -> Option<Reason> {
        let waited = self.sight.now.duration_since(task.since);
        let (limit, cause, what_now) = match task.state {
            TaskState::New => (
                SILENCE,
                "the engine gives no reason; often its networks have no address left",
                "look at the subnets of its networks; if there is room, force an update",
            ),
            TaskState::Allocated | TaskState::Pending => (
                SILENCE,
                "the engine gives no reason; the scheduler may have lost it",
                "force an update of the service",
            ),
            TaskState::Assigned | TaskState::Accepted => {
                (SILENCE, "its node does not take it up", "check the node and its engine")
            }
            TaskState::Preparing => (
                PULL,
                "it still prepares: a slow pull, a volume, or a stuck node",
                "pull the image by hand on that node; restart its engine if that hangs",
            ),
            TaskState::Ready | TaskState::Starting => (
                PULL,
                "it still starts: its health check does not pass, or the node is stuck",
                "read its log; run the health check by hand",
            ),
            _ => return None,
        };
        let why = format!("{} is {} for {}: {cause}", self.name(task), task.state, coarse(waited));
        (waited > limit).then(|| Reason { why, what_now: what_now.to_owned() })
    }

    /// A task ended badly, and did so lately or has no successor.
    fn failed(&self) -> Option<Reason> {
        let now = self.sight.now;
        let task = self.tasks.iter().enumerate().find_map(|(index, task)| {
            let is_bad =
                matches!(task.state, TaskState::Failed | TaskState::Rejected | TaskState::Orphaned);
            let follows = |it: &&Task| same_slot(it, task);
            let is_last = !self.tasks[..index].iter().any(follows);
            let is_recent = now.duration_since(task.since) <= RECENT;
            (is_bad && (is_last || is_recent)).then_some(*task)
        })?;
        let (cause, what_now) = cause(task);
        let end = match task.state {
            TaskState::Rejected => "was rejected",
            TaskState::Orphaned => "was lost with its node",
            _ => "failed",
        };
        let why = format!("{} {end} {} ago: {cause}", self.name(task), self.age(task));
        Some(self.given_up(task, Reason { why, what_now }))
    }

    fn stuck_update(&self, update: &Update) -> Option<Trouble> {
        let name = &self.service.name;
        let (severity, what, what_now) = match update.state.as_str() {
            "paused" => (
                Severity::Warning,
                format!("the update of {name} is paused"),
                "roll it back, or repair it and deploy again",
            ),
            "rollback_paused" => (
                Severity::Critical,
                format!("the rollback of {name} is paused"),
                "deploy a version that is known to work",
            ),
            "rollback_completed" => (
                Severity::Notice,
                format!("the update of {name} was rolled back"),
                "find out why before deploying it again",
            ),
            _ => return None,
        };
        let culprit = self.tasks.iter().find(|it| update.message.contains(it.id.as_str()));
        let cause = culprit.map(|it| format!("; {}: {}", self.name(it), cause(it).0));
        let why = format!("{}{}", update.message, cause.unwrap_or_default());
        Some(self.trouble(severity, what, &why, what_now))
    }

    /// Whether a task has no successor: the engine starts none once the attempts
    /// that the restart policy allows are used up.
    fn is_given_up(&self, task: &Task) -> bool {
        let waited = self.sight.now.duration_since(task.since);
        let succeeds = |it: &&Task| it.desired <= TaskState::Running && same_slot(it, task);
        waited > SILENCE && !self.is_job() && !self.tasks.iter().any(succeeds)
    }

    fn given_up(&self, task: &Task, reason: Reason) -> Reason {
        if !self.is_given_up(task) {
            return reason;
        }
        Reason {
            why: reason.why + "; it is not started again",
            what_now: reason.what_now + "; then force an update of the service",
        }
    }

    fn unconverged(&self, reason: &Reason) -> Trouble {
        self.trouble(self.severity(), self.count(), &reason.why, &reason.what_now)
    }

    fn flapping(&self, reason: &Reason) -> Trouble {
        let what = format!("{} runs, but not steadily", self.service.name);
        self.trouble(Severity::Warning, what, &reason.why, &reason.what_now)
    }

    /// Not as many tasks as should, and nothing known that is wrong.
    fn in_motion(&self) -> Option<Trouble> {
        let Service { running, desired, updated, update, .. } = self.service;
        let is_fresh = self.sight.now.duration_since(*updated) < SILENCE;
        let changing = update.as_ref().filter(|it| CHANGING.contains(&it.state.as_str()));
        if self.is_job() || (running > desired && (is_fresh || changing.is_some())) {
            return None;
        }
        let (severity, why) = match changing {
            Some(update) => (Severity::Notice, update.message.clone()),
            None if is_fresh => {
                (Severity::Notice, format!("changed {} ago", age(*updated, self.sight.now)))
            }
            None if running > desired => {
                (Severity::Notice, "some tasks have not stopped yet".to_owned())
            }
            None if self.tasks.is_empty() => {
                (self.severity(), "its tasks were not read".to_owned())
            }
            None => (self.severity(), "the engine gives no reason".to_owned()),
        };
        Some(self.trouble(severity, self.count(), &why, ""))
    }

    fn count(&self) -> String {
        let Service { name, running, desired, completed, mode, .. } = self.service;
        match mode {
            Mode::ReplicatedJob { total, .. } => format!("{name} completed {completed} of {total}"),
            Mode::GlobalJob => format!("{name} has {} to go", plural(*desired, "task")),
            _ => format!("{name} runs {running} of {}", plural(*desired, "task")),
        }
    }

    fn severity(&self) -> Severity {
        if self.service.running == 0 && !self.is_job() {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }

    fn is_job(&self) -> bool {
        matches!(self.service.mode, Mode::ReplicatedJob { .. } | Mode::GlobalJob)
    }

    fn name(&self, task: &Task) -> String {
        let service = &self.service.name;
        if task.slot > 0 {
            return format!("{service}.{}", task.slot);
        }
        let node = self.sight.nodes.iter().find(|it| Some(&it.id) == task.node.as_ref());
        node.map_or_else(|| service.to_string(), |it| format!("{service} on {}", it.hostname))
    }

    fn age(&self, task: &Task) -> String {
        age(task.since, self.sight.now)
    }

    fn trouble(&self, severity: Severity, what: String, why: &str, what_now: &str) -> Trouble {
        let object = Object::Service(self.service.id.clone());
        Trouble::new(severity, object, what, why, what_now)
    }
}

/// Global services have one task a node, others one a slot.
fn same_slot(one: &Task, other: &Task) -> bool {
    one.slot == other.slot && (one.slot > 0 || one.node == other.node)
}

/// What the engine says, and what it means.
fn cause(task: &Task) -> (String, String) {
    let said = match (task.error.as_str(), task.exit_code) {
        ("", Some(code)) => format!("exit code {code}"),
        ("", None) => task.message.clone(),
        (error, _) => error.to_owned(),
    };
    if task.state == TaskState::Complete {
        let what_now =
            "give it something to do for ever, make it a job, or set its restart condition";
        return (format!("it ended by itself, without an error ({said})"), what_now.to_owned());
    }
    match exit::explain(&task.error, task.exit_code) {
        Some(Explained { says, what_now }) => (format!("{says} ({said})"), what_now),
        None => (said, "read its log".to_owned()),
    }
}
