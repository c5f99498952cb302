//! Why tasks of a service do not run: what the engine says, and what it means.

use crate::domain::{
    cluster::{Task, TaskState},
    exit::{Around, Explained, is_lost_with_node, silence},
    health::{
        crash::{RECENT, brief, ends, loops_of, runs},
        services::{Case, SILENCE, same_slot},
    },
    text::{age::coarse, count::plural, elide::without_digest},
};
use jiff::SignedDuration;

/// Health checks may take so long before they pass.
const START: SignedDuration = SignedDuration::from_mins(2);
/// From here on it is worth telling that a pull goes on.
const PULL: SignedDuration = SignedDuration::from_secs(10);

/// Why, and what to do.
pub struct Reason {
    pub why: String,
    pub what_now: String,
    /// Something went wrong; otherwise it only takes its time.
    pub is_wrong: bool,
}

impl Case<'_> {
    /// Returns what keeps the service from what it should be.
    pub fn reason(&self) -> Option<Reason> {
        let known = self.crash().or_else(|| self.waiting()).or_else(|| self.failed());
        known.or_else(|| self.lost())
    }

    /// Tells of the newest task that ended by itself.
    pub fn last_end(&self) -> Option<Reason> {
        if let Some(reason) = self.crash() {
            return Some(reason);
        }
        let ends = self.ends();
        let last = ends.into_iter().max_by_key(|it| it.since)?;
        let (cause, what_now) = self.cause(last);
        let ran = self.ran_for(last);
        let why = format!("{} ended {} ago{ran}: {cause}", self.name(last), self.age(last));
        Some(Reason { why, what_now, is_wrong: true })
    }

    fn crash(&self) -> Option<Reason> {
        let ends = self.ends();
        let loops = loops_of(&ends, self.now);
        let worst = loops.first()?;
        let last = worst.last;
        let (cause, what_now) = self.cause(last);
        let others = match loops.len() {
            1 => String::new(),
            some => format!(" (and {} more)", some - 1),
        };
        let ran = self.ran_for(last);
        let why = format!(
            "{}{others} ended {} in {}, last {} ago{ran}: {cause}",
            self.name(last),
            plural(worst.ends as u64, "time"),
            coarse(worst.within),
            self.age(last),
        );
        Some(self.given_up(last, Reason { why, what_now, is_wrong: true }))
    }

    /// A task that should run, and has not got that far.
    fn waiting(&self) -> Option<Reason> {
        let waiting =
            |it: &&&Task| it.desired <= TaskState::Running && it.state < TaskState::Running;
        let live: Vec<&Task> = self.tasks.iter().filter(waiting).copied().collect();
        let told = live.iter().find(|it| !it.error.is_empty());
        if let Some(task) = told {
            let (cause, what_now) = self.cause(task);
            let why =
                format!("{} is {} for {}: {cause}", self.name(task), task.state, self.age(task));
            return Some(Reason { why, what_now, is_wrong: true });
        }
        live.iter().find_map(|it| self.silent(it))
    }

    /// The engine does not say why a task waits, but the state does.
    fn silent(&self, task: &Task) -> Option<Reason> {
        let waited = self.waited(task);
        if task.state == TaskState::Preparing {
            return self.pulling(task);
        }
        let known = self.around().cause(task).means.filter(|_| task.state == TaskState::New);
        let Explained { says, what_now } = known.or_else(|| silence(task.state))?;
        let limit = if task.state == TaskState::Starting { START } else { SILENCE };
        let why = format!("{} is {} for {}: {says}", self.name(task), task.state, coarse(waited));
        (waited > limit).then_some(Reason { why, what_now, is_wrong: true })
    }

    fn pulling(&self, task: &Task) -> Option<Reason> {
        let waited = self.waited(task);
        let host = self.host(task).unwrap_or("its node");
        let image = without_digest(&task.image);
        let why = format!(
            "{}: {host} has been pulling {image} for {} (or waits for a volume or a network)",
            self.name(task),
            coarse(waited)
        );
        let what_now = format!(
            "watch the pull on {host}: `docker pull {image}`; restart its engine if that hangs"
        );
        (waited >= PULL).then_some(Reason { why, what_now, is_wrong: waited > SILENCE })
    }

    /// A task ended badly, and nothing runs in its place.
    fn failed(&self) -> Option<Reason> {
        let runs = |it: &&Task| it.desired <= TaskState::Running && it.state == TaskState::Running;
        let filled = |task: &Task| {
            self.tasks.iter().copied().filter(|it| runs(it)).any(|it| same_slot(it, task))
        };
        let mut ends = self.ends();
        ends.sort_by_key(|it| std::cmp::Reverse(it.since));
        let is_last = |task: &Task| {
            !self.tasks.iter().any(|it| same_slot(it, task) && it.created > task.created)
        };
        let recent = |it: &Task| self.waited(it) <= RECENT;
        let task = ends.into_iter().find(|it| !filled(it) && (is_last(it) || recent(it)))?;
        let (cause, what_now) = self.cause(task);
        let end = match task.state {
            TaskState::Rejected => "was rejected",
            TaskState::Complete => "ended",
            _ => "failed",
        };
        let ran = self.ran_for(task);
        let why = format!("{} {end} {} ago{ran}: {cause}", self.name(task), self.age(task));
        Some(self.given_up(task, Reason { why, what_now, is_wrong: true }))
    }

    fn ran_for(&self, task: &Task) -> String {
        let of_slot = self.tasks.iter().filter(|it| same_slot(it, task));
        let of_slot: Vec<Task> = of_slot.map(|it| (*it).clone()).collect();
        let ran = runs(&of_slot, |_| self.service.restart.delay).remove(&task.id);
        ran.map(|it| format!(" after it ran for {}", brief(it))).unwrap_or_default()
    }

    /// Whether a task has no successor: the engine starts none once the attempts
    /// that the restart policy allows are used up.
    fn is_given_up(&self, task: &Task) -> bool {
        let succeeds = |it: &&Task| it.desired <= TaskState::Running && same_slot(it, task);
        self.waited(task) > SILENCE && !self.service.is_job() && !self.tasks.iter().any(succeeds)
    }

    fn given_up(&self, task: &Task, reason: Reason) -> Reason {
        if !self.is_given_up(task) {
            return reason;
        }
        Reason {
            why: reason.why + "; it is not started again",
            what_now: reason.what_now + "; then force an update of the service",
            is_wrong: true,
        }
    }

    /// What the engine says and what it means, and what to do.
    pub fn cause(&self, task: &Task) -> (String, String) {
        let cause = self.around().cause(task);
        if task.state == TaskState::Complete {
            let what_now =
                "give it something to do for ever, make it a job, or set its restart condition";
            let said = cause.said;
            return (format!("it ended by itself, without an error ({said})"), what_now.to_owned());
        }
        (cause.meaning_first(), cause.what_now().to_owned())
    }

    fn around(&self) -> Around<'_> {
        Around::of(self.service, self.nodes, self.networks)
    }

    fn ends(&self) -> Vec<&Task> {
        ends(self.service, &self.tasks, |it| is_lost_with_node(it, self.nodes))
    }

    /// Its node went down with it, and it is not back yet.
    pub fn lost(&self) -> Option<Reason> {
        let recent = |it: &&&Task| self.waited(it) <= RECENT;
        let lost = |it: &&&Task| is_lost_with_node(it, self.nodes);
        let task = self.tasks.iter().filter(recent).find(lost)?;
        let (cause, what_now) = self.cause(task);
        let why = format!("{} ended {} ago: {cause}", self.name(task), self.age(task));
        Some(Reason { why, what_now, is_wrong: false })
    }
}
