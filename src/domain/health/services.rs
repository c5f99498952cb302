//! Health of services.

use crate::domain::{
    health::{
        case::Case,
        causes::Reason,
        crash::{WINDOW, taken_back_for},
        sight::Sight,
        stopped::stopped_since,
        trouble::{Severity, Trouble},
    },
    swarm::{
        cluster::{Condition, Mode, Object, Restarts, Service, Task, TaskState, Update},
        names::ServiceId,
        since::Since,
        states::UpdateState,
    },
    text::{age::age, count::plural},
};
use std::collections::HashMap;

/// Returns what there is to say of services, the worst of each.
pub fn troubles(sight: &Sight<'_>) -> Vec<Trouble> {
    let mut tasks = by_service(sight.tasks);
    let cases = sight.services.iter().map(|service| {
        let tasks = tasks.remove(&service.id).unwrap_or_default();
        let Sight { services, networks, tasks: all, .. } = *sight;
        let case = Case::new(service, tasks, sight.nodes, sight.now);
        Case { networks, services, all, ..case }
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

impl Case<'_> {
    fn trouble(&self) -> Option<Trouble> {
        let service = self.service;
        let stuck = service.update.as_ref().and_then(|it| self.stuck_update(it));
        match service.seen.condition {
            Condition::Failing => {
                let known = self.reason();
                let reason = known.clone().unwrap_or_else(|| self.no_reason());
                let (severity, what) = self.does_not_stay_up().unwrap_or_else(|| {
                    let severity =
                        if self.is_mostly_gone() { Severity::Critical } else { Severity::Warning };
                    (severity, self.count())
                });
                let since = reason.since.filter(|_| known.is_none());
                let trouble = self.said(severity, what, &reason).lasting(since, self.now);
                Some(match stuck {
                    Some(stuck) => trouble.worsened(&stuck),
                    None => trouble,
                })
            }
            Condition::Unsteady if self.is_restless() => {
                let trouble = self.restless();
                Some(match stuck {
                    Some(stuck) => trouble.worsened(&stuck),
                    None => trouble,
                })
            }
            Condition::Changing => self.in_motion(),
            Condition::Unsteady | Condition::Fine | Condition::Ended | Condition::Stopped => {
                stuck.or_else(|| self.scaled_away()).or_else(|| self.ended_for_good())
            }
        }
    }

    fn restless(&self) -> Trouble {
        let Service { name, seen, .. } = self.service;
        let Restarts { count, more, last, .. } = seen.restarts;
        let what = match (count, more) {
            (1, false) if self.last_never_ran() => {
                format!("{name} runs again after a task could not start")
            }
            (1, false) => format!("{name} runs again after a task ended"),
            (_, false) => format!("tasks of {name} ended {count} times in the last hour"),
            (_, true) => format!("tasks of {name} ended at least {count} times in the last hour"),
        };
        let told = self.last_end().unwrap_or_else(|| Reason {
            why: last.map(|it| format!("last {} ago", age(it, self.now))).unwrap_or_default(),
            what_now: "read its log".to_owned(),
            is_wrong: true,
            since: None,
        });
        self.said(Severity::Warning, what, &told)
    }

    fn stuck_update(&self, update: &Update) -> Option<Trouble> {
        let name = &self.service.name;
        let over = update.completed.filter(|_| update.state == UpdateState::RollbackCompleted);
        let since = stopped_since(update, self.tasks.iter().copied(), self.service.updated);
        let (severity, what, what_now) = match update.state.known() {
            Some(UpdateState::Paused) => (
                Severity::Warning,
                format!("the update of {name} is paused"),
                "roll it back, or fix it and deploy again",
            ),
            Some(UpdateState::RollbackPaused) => (
                Severity::Critical,
                format!("the rollback of {name} is paused"),
                "deploy a version that is known to work",
            ),
            // What was taken back is history after a while.
            Some(UpdateState::RollbackCompleted)
                if over.is_none_or(|it| self.now.duration_since(it) <= WINDOW) =>
            {
                (
                    Severity::Notice,
                    format!("the update of {name} was rolled back"),
                    "find out why before deploying it again",
                )
            }
            _ => return None,
        };
        let over = over.map(|it| format!("{} ago", age(it, self.now)));
        let message = Some(update.message.clone()).filter(|it| !it.is_empty());
        let parts = [over, message, self.culprit(update)];
        let why = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let since =
            Some(since).filter(|_| update.state.known().is_some_and(UpdateState::is_paused));
        Some(self.worded(severity, what, &why, what_now).lasting(since, self.now))
    }

    /// Tells of the task that made an update stop: the one that the engine names; after
    /// a rollback it names none.
    fn culprit(&self, update: &Update) -> Option<String> {
        let named = self.tasks.iter().find(|it| update.message.contains(it.id.as_str()));
        let task = named.copied().or_else(|| taken_back_for(update, &self.tasks))?;
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
        let what = format!("{name} ended, and is not started again");
        let why = format!(
            "{} ended {} ago without an error, and its restart condition is not `any`",
            self.name(last),
            age(last.since, self.now)
        );
        let what_now = "make it a job if it is meant to end, or set its restart condition to any";
        Some(self.worded(Severity::Notice, what, &why, what_now))
    }

    /// Not as many tasks as should, and nothing wrong so far.
    fn in_motion(&self) -> Option<Trouble> {
        let Service { changed, update, .. } = self.service;
        if self.service.converged() || self.service.is_job() {
            return None;
        }
        let told = self.reason().filter(|it| !it.is_wrong).map(|it| it.why);
        let (why, since) = match (told, update) {
            (Some(why), _) => (why, None),
            (None, Some(update)) if self.service.is_updating() => {
                (update.message.clone(), self.coming_since())
            }
            (None, _) if self.is_fresh() => {
                (format!("changed {} ago", age(*changed, self.now)), None)
            }
            (None, _) => ("its tasks are starting".to_owned(), self.coming_since()),
        };
        Some(self.worded(Severity::Notice, self.count(), &why, "").lasting(since, self.now))
    }

    /// Returns since when what is missing is on its way.
    fn coming_since(&self) -> Option<Since> {
        let Service { changed, update, .. } = self.service;
        // An engine that goes back keeps the moment at which the update began.
        let started = update
            .as_ref()
            .filter(|it| it.state == UpdateState::Updating && !self.service.is_job());
        let comes = |it: &&&Task| it.desired <= TaskState::Running && it.state < TaskState::Running;
        let oldest = self.tasks.iter().filter(comes).map(|it| it.created).min();
        let fresh = Some(*changed).filter(|_| self.is_fresh());
        started.and_then(|it| it.started).or(oldest).or(fresh).map(Since::exactly)
    }

    /// Returns since when it is as it is, as far as its tasks tell.
    pub fn since(&self, condition: Condition) -> Option<Since> {
        let stopped = || {
            let is_paused = |it: &&Update| it.state.known().is_some_and(UpdateState::is_paused);
            let update = self.service.update.as_ref().filter(is_paused)?;
            Some(stopped_since(update, self.tasks.iter().copied(), self.service.updated))
        };
        let Restarts { first, more, .. } = self.service.seen.restarts;
        match condition {
            Condition::Fine | Condition::Stopped => None,
            Condition::Changing => self.coming_since(),
            Condition::Ended => {
                let ended = self.tasks.iter().filter(|it| it.state == TaskState::Complete);
                ended.map(|it| it.since).max().map(Since::exactly)
            }
            Condition::Unsteady => match first.filter(|_| self.is_restless()) {
                Some(at) => Some(Since { at, at_least: more }),
                None => stopped(),
            },
            Condition::Failing => {
                let reason = || self.reason().map_or_else(|| self.coming_since(), |it| it.since);
                self.failing_since().or_else(reason).or_else(stopped)
            }
        }
    }

    fn no_reason(&self) -> Reason {
        let comes = |it: &Task| it.desired <= TaskState::Running && !it.state.is_over();
        let (why, what_now) = match () {
            () if self.is_rolling_back() => ("its update is being rolled back", ""),
            () if self.tasks.iter().any(|it| comes(it) && it.state < TaskState::Running) => {
                ("its tasks are starting", "")
            }
            () if self.tasks.iter().any(|it| comes(it)) => {
                ("the engine gives no reason", "look at its tasks and at their nodes")
            }
            () if self.is_fresh() => ("its tasks are just being created", ""),
            () if self.tasks.is_empty() => ("its tasks were not read", ""),
            () => ("the engine creates no tasks for it", "force an update of the service"),
        };
        let since = self.coming_since().filter(|_| what_now.is_empty());
        let (why, what_now) = (why.to_owned(), what_now.to_owned());
        Reason { why, what_now, is_wrong: true, since }
    }

    fn count(&self) -> String {
        let Service { name, completed, mode, .. } = self.service;
        let tally = self.service.tally();
        match mode {
            Mode::ReplicatedJob { total, .. } => format!("{name} completed {completed} of {total}"),
            Mode::GlobalJob => {
                let total = self.service.total_of_job();
                format!("{name} completed on {completed} of {}", plural(total, "node"))
            }
            _ => format!("{name} runs {} of {}", tally.running, plural(tally.wanted, "task")),
        }
    }

    /// Less than half of it is as good as nothing.
    fn is_mostly_gone(&self) -> bool {
        let tally = self.service.tally();
        tally.running * 2 < tally.wanted && !self.service.is_job()
    }

    fn said(&self, severity: Severity, what: String, reason: &Reason) -> Trouble {
        self.worded(severity, what, &reason.why, &reason.what_now)
    }

    fn worded(&self, severity: Severity, what: String, why: &str, what_now: &str) -> Trouble {
        let object = Object::Service(self.service.id.clone());
        Trouble::new(severity, object, what, why, what_now)
    }
}
