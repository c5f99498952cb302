//! How services are, and what is to be said of those that are not as they should be.

use crate::domain::{
    cluster::{Condition, Mode, Node, Object, Restarts, Service, Task, TaskState, Update},
    exit::crowd::Network,
    health::{
        Severity, Sight, Trouble,
        causes::Reason,
        crash::{RECENT, WINDOW},
    },
    names::ServiceId,
    text::{age::age, count::plural},
};
use jiff::{SignedDuration, Timestamp};
use std::{cmp::Reverse, collections::HashMap};

/// A task may wait so long without a reason before it is one.
pub const SILENCE: SignedDuration = SignedDuration::from_secs(30);
/// So many ends within the last hour are no accident.
const SEVERAL: usize = 3;

/// Returns what there is to say of services, the worst of each.
pub fn troubles(sight: &Sight<'_>) -> Vec<Trouble> {
    let mut tasks = by_service(sight.tasks);
    let cases = sight.services.iter().map(|service| {
        let tasks = tasks.remove(&service.id).unwrap_or_default();
        Case { networks: sight.networks, ..Case::new(service, tasks, sight.nodes, sight.now) }
    });
    cases.filter_map(|it| it.trouble()).collect()
}

/// Puts tasks under their services.
pub fn by_service(tasks: &[Task]) -> HashMap<&ServiceId, Vec<&Task>> {
    let mut found: HashMap<&ServiceId, Vec<&Task>> = HashMap::new();
    for task in tasks {
        if let Some(service) = &task.service {
            found.entry(service).or_default().push(task);
        }
    }
    found
}

/// Decides how a service is, from its counts, its restarts and its tasks as far as
/// they were read; its counts are without lost tasks already.
pub fn see(
    service: &mut Service,
    tasks: Vec<&Task>,
    restarts: Restarts,
    nodes: &[Node],
    now: Timestamp,
) {
    service.seen.restarts = restarts;
    service.seen.ended = ended_well(service, &tasks);
    service.seen.condition = Case::new(service, tasks, nodes, now).condition();
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

/// One service with its tasks, newest first.
pub struct Case<'a> {
    pub service: &'a Service,
    pub tasks: Vec<&'a Task>,
    pub nodes: &'a [Node],
    pub networks: &'a [Network],
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    fn new(
        service: &'a Service,
        mut tasks: Vec<&'a Task>,
        nodes: &'a [Node],
        now: Timestamp,
    ) -> Self {
        tasks.sort_by_key(|it| Reverse(it.created));
        Self { service, tasks, nodes, networks: &[], now }
    }

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
        if !service.converged() {
            let changing = !is_wrong() && self.is_coming();
            return if changing { Condition::Changing } else { Condition::Failing };
        }
        let stopped = self.update_state().is_some_and(|it| it.ends_with("paused"));
        match () {
            () if stopped || is_restless(&service.seen.restarts, self.now) => Condition::Unsteady,
            () if service.is_updating() => Condition::Changing,
            () => Condition::Fine,
        }
    }

    /// Whether what is missing is being made, or was asked for a moment ago.
    fn is_coming(&self) -> bool {
        if self.is_fresh() || (self.tasks.is_empty() && self.service.is_updating()) {
            return true;
        }
        let waits = |it: &&&Task| it.desired <= TaskState::Running && it.state < TaskState::Running;
        self.tasks.iter().filter(waits).count() > 0 || self.lost().is_some()
    }

    fn is_fresh(&self) -> bool {
        self.now.duration_since(self.service.changed) < SILENCE
    }

    fn trouble(&self) -> Option<Trouble> {
        let service = self.service;
        let stuck = service.update.as_ref().and_then(|it| self.stuck_update(it));
        match service.seen.condition {
            Condition::Failing => {
                let reason = self.reason().unwrap_or_else(|| self.no_reason());
                let trouble = self.said(self.severity(), self.count(), &reason);
                Some(match stuck {
                    Some(stuck) => trouble.worsened(&stuck),
                    None => trouble,
                })
            }
            Condition::Unsteady if is_restless(&service.seen.restarts, self.now) => {
                let trouble = self.restless();
                Some(match stuck {
                    Some(stuck) => trouble.worsened(&stuck),
                    None => trouble,
                })
            }
            Condition::Changing => self.in_motion(),
            Condition::Unsteady | Condition::Fine => {
                stuck.or_else(|| self.scaled_away()).or_else(|| self.ended_for_good())
            }
        }
    }

    fn restless(&self) -> Trouble {
        let Service { name, seen, .. } = self.service;
        let Restarts { count, more, last } = seen.restarts;
        let what = match (count, more) {
            (1, false) => format!("{name} runs again after a task ended"),
            (_, false) => {
                format!("{name} runs, but its tasks ended {count} times in the last hour")
            }
            (_, true) => {
                format!("{name} runs, but its tasks ended at least {count} times in the last hour")
            }
        };
        let told = self.last_end().unwrap_or_else(|| Reason {
            why: last.map(|it| format!("last {} ago", age(it, self.now))).unwrap_or_default(),
            what_now: "read its log".to_owned(),
            is_wrong: true,
        });
        self.said(Severity::Warning, what, &told)
    }

    fn stuck_update(&self, update: &Update) -> Option<Trouble> {
        let name = &self.service.name;
        let when = update.completed.or(update.started);
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
            // What was taken back is history after a while.
            "rollback_completed" if when.is_none_or(|it| self.now.duration_since(it) <= WINDOW) => {
                (
                    Severity::Notice,
                    format!("the update of {name} was rolled back"),
                    "find out why before deploying it again",
                )
            }
            _ => return None,
        };
        let when = when.map(|it| format!("{} ago", age(it, self.now)));
        let message = Some(update.message.clone()).filter(|it| !it.is_empty());
        let parts = [when, message, self.culprit(update)];
        let why = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        Some(self.worded(severity, what, &why, what_now))
    }

    /// Tells of the task that made an update stop: the one that the engine names; after
    /// a rollback it names none, and it is the last that failed meanwhile.
    fn culprit(&self, update: &Update) -> Option<String> {
        let bad = |it: &&&Task| matches!(it.state, TaskState::Failed | TaskState::Rejected);
        let meanwhile = |it: &&&Task| {
            let after = update.started.is_some_and(|from| it.since >= from);
            after && update.completed.is_none_or(|to| it.created <= to)
        };
        let named = self.tasks.iter().find(|it| update.message.contains(it.id.as_str()));
        let task = named.or_else(|| self.tasks.iter().filter(bad).find(meanwhile))?;
        Some(format!("{}: {}", self.name(task), self.cause(task).0))
    }

    /// Somebody, or something, scaled it to nothing; `skep stop` leaves its own word.
    fn scaled_away(&self) -> Option<Trouble> {
        let Service { name, mode, stopped, replicas_before, changed, .. } = self.service;
        let had = replicas_before.filter(|it| *it > 0)?;
        if !matches!(mode, Mode::Replicated { replicas: 0 }) || stopped.is_some() {
            return None;
        }
        let what = format!("{name} is scaled to 0");
        let why = format!("was {had}, {} ago", age(*changed, self.now));
        let what_now = format!("scale it to {had} if that was not meant");
        Some(self.worded(Severity::Notice, what, &why, &what_now))
    }

    fn ended_for_good(&self) -> Option<Trouble> {
        let Service { name, seen, .. } = self.service;
        if seen.ended == 0 || self.service.is_job() {
            return None;
        }
        let last = self.tasks.iter().find(|it| it.state == TaskState::Complete)?;
        let what = format!("{name} ended by itself");
        let why = format!(
            "{} ended {} ago without an error, and is not started again, as its restart condition says",
            self.name(last),
            age(last.since, self.now)
        );
        let what_now = "make it a job, or set its restart condition to any";
        Some(self.worded(Severity::Notice, what, &why, what_now))
    }

    /// Not as many tasks as should, and nothing wrong so far.
    fn in_motion(&self) -> Option<Trouble> {
        let Service { changed, update, .. } = self.service;
        if self.service.converged() || self.service.is_job() {
            return None;
        }
        let told = self.reason().filter(|it| !it.is_wrong).map(|it| it.why);
        let why = match (told, update) {
            (Some(why), _) => why,
            (None, Some(update)) if self.service.is_updating() => update.message.clone(),
            (None, _) if self.is_fresh() => format!("changed {} ago", age(*changed, self.now)),
            (None, _) => "its tasks are starting".to_owned(),
        };
        Some(self.worded(Severity::Notice, self.count(), &why, ""))
    }

    fn no_reason(&self) -> Reason {
        let (why, what_now) = if self.tasks.is_empty() {
            ("its tasks were not read", "")
        } else if self.tasks.iter().any(|it| it.desired <= TaskState::Running) {
            ("the engine gives no reason", "look at its tasks and at their nodes")
        } else {
            ("the engine makes no tasks for it", "force an update of the service")
        };
        Reason { why: why.to_owned(), what_now: what_now.to_owned(), is_wrong: true }
    }

    fn count(&self) -> String {
        let Service { name, desired, completed, mode, .. } = self.service;
        let tally = self.service.tally();
        match mode {
            Mode::ReplicatedJob { total, .. } => format!("{name} completed {completed} of {total}"),
            Mode::GlobalJob => format!("{name} has {} to go", plural(*desired, "task")),
            _ => format!("{name} runs {} of {}", tally.running, plural(tally.wanted, "task")),
        }
    }

    /// Less than half of it is as good as nothing.
    fn severity(&self) -> Severity {
        let tally = self.service.tally();
        if tally.running * 2 < tally.wanted && !self.service.is_job() {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }

    fn update_state(&self) -> Option<&str> {
        self.service.update.as_ref().map(|it| it.state.as_str())
    }

    pub fn name(&self, task: &Task) -> String {
        let service = &self.service.name;
        if task.slot > 0 {
            return format!("{service}.{}", task.slot);
        }
        let host = self.host(task);
        host.map_or_else(|| service.to_string(), |it| format!("{service} on {it}"))
    }

    pub fn host(&self, task: &Task) -> Option<&str> {
        let node = self.nodes.iter().find(|it| Some(&it.id) == task.node.as_ref());
        node.map(|it| &*it.hostname)
    }

    pub fn age(&self, task: &Task) -> String {
        age(task.since, self.now)
    }

    pub fn waited(&self, task: &Task) -> SignedDuration {
        self.now.duration_since(task.since)
    }

    fn said(&self, severity: Severity, what: String, reason: &Reason) -> Trouble {
        self.worded(severity, what, &reason.why, &reason.what_now)
    }

    fn worded(&self, severity: Severity, what: String, why: &str, what_now: &str) -> Trouble {
        let object = Object::Service(self.service.id.clone());
        Trouble::new(severity, object, what, why, what_now)
    }
}

/// Whether tasks ended by themselves so often, or so lately, that running at this
/// very moment says little.
fn is_restless(restarts: &Restarts, now: Timestamp) -> bool {
    let lately = restarts.last.is_some_and(|it| now.duration_since(it) <= RECENT);
    restarts.count >= SEVERAL || lately
}

/// Global services have one task a node, others one a slot.
pub fn same_slot(one: &Task, other: &Task) -> bool {
    one.slot == other.slot && (one.slot > 0 || one.node == other.node)
}
