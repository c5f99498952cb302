//! Causes of failing tasks: the engine's message and its meaning.

use crate::domain::{
    health::{
        case::{Case, SILENCE, same_slot},
        crash::{CrashLoop, RECENT, at_most, ends, forgotten_before, loops_of, runs},
        exit::{Around, Explained, is_lost_with_node, silence},
    },
    swarm::{
        cluster::{Mode, Node, Restarts, Task, TaskState},
        since::Since,
        states::NodeState,
    },
    text::{age::coarse, count::plural, elide::without_digest},
};
use jiff::SignedDuration;
use std::cmp::Reverse;

/// Health checks may take so long before they pass.
const START: SignedDuration = SignedDuration::from_mins(2);
/// From here on it is worth telling that a pull goes on.
const PULL: SignedDuration = SignedDuration::from_secs(10);

/// Why, and what to do.
#[derive(Debug, Clone)]
pub struct Reason {
    pub why: String,
    pub what_now: String,
    /// Something went wrong; otherwise it only takes its time.
    pub is_wrong: bool,
    /// Since when it is so; the words say it where they can.
    pub since: Option<Since>,
}

impl Case<'_> {
    /// Returns what keeps the service from what it should be.
    pub fn reason(&self) -> Option<Reason> {
        // A new attempt that only takes its time does not undo what went wrong.
        let (wrong, slow) = match self.waiting() {
            Some(it) if it.is_wrong => (Some(it), None),
            other => (None, other),
        };
        let known = self.crash().or(wrong).or_else(|| self.failed());
        known.or_else(|| self.not_replaced()).or_else(|| self.lost()).or(slow)
    }

    /// Its node is gone, and its restart condition makes no task elsewhere.
    fn not_replaced(&self) -> Option<Reason> {
        let rule = self.service.restart;
        let is_down = |it: &&Node| it.state == NodeState::Down;
        let node = |it: &Task| {
            self.nodes.iter().filter(is_down).find(|node| Some(&node.id) == it.node.as_ref())
        };
        let is_last = |task: &&&Task| {
            !self.tasks.iter().any(|it| same_slot(it, task) && it.created > task.created)
        };
        let ran = |it: &&&Task| it.state == TaskState::Running && it.desired > TaskState::Running;
        let mut left = self.tasks.iter().filter(ran).filter(is_last);
        let (task, node) = left.find_map(|it| Some((it, node(it)?))).filter(|_| rule.never)?;
        let since = Since::at_least(node.heard);
        let so = since.lasting(self.now).map(|it| format!(" {it}")).unwrap_or_default();
        let why = format!(
            "{} was on {}, which is down{so}, and its restart condition `none` starts no other",
            self.name(task),
            node.hostname
        );
        let what_now = "force an update of the service, or set its restart condition to any";
        let what_now = what_now.to_owned();
        Some(Reason { why, what_now, is_wrong: true, since: Some(since) })
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
        Some(Reason { why, what_now, is_wrong: true, since: Some(Since::exactly(last.since)) })
    }

    /// Returns since when one attempt after the other ended: an attempt that runs for a while
    /// and ends again makes nothing better, and each new one would begin the time anew.
    pub fn failing_since(&self) -> Option<Since> {
        let mut ends = self.ends();
        ends.sort_by_key(|it| Reverse(it.since));
        let mut first = *ends.first().filter(|it| self.waited(it) <= RECENT)?;
        for end in ends {
            if first.since.duration_since(end.since) > RECENT {
                break;
            }
            first = end;
        }
        let kept = self.tasks.iter().filter(|it| same_slot(it, first));
        let kept: Vec<&Task> = kept.copied().collect();
        // The engine keeps so many, and may have forgotten earlier ones.
        let forgot = forgotten_before(self.service, &kept).is_some_and(|it| it.id == first.id);
        let at_least = forgot || self.service.seen.restarts.more;
        Some(Since { at: first.since, at_least })
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
        let (times, within) = self.remembered(worst, loops.len());
        let at = last.since.saturating_sub(within).unwrap_or(last.since);
        let since = Some(Since { at, at_least: self.service.seen.restarts.more });
        let why = format!(
            "{}{others} ended {times} in {}, last {} ago{ran}: {cause}",
            self.name(last),
            coarse(within),
            self.age(last),
        );
        Some(self.given_up(last, Reason { why, what_now, is_wrong: true, since }))
    }

    /// How often the tasks of a loop ended, and in what time: the engine keeps few of
    /// them, but those of a service with one place may have been counted before.
    fn remembered(&self, one: &CrashLoop<'_>, loops: usize) -> (String, SignedDuration) {
        let Restarts { count, more, first, last } = self.service.seen.restarts;
        let kept = (plural(one.ends as u64, "time"), one.within);
        let (Some(first), Some(last)) = (first, last) else { return kept };
        if loops > 1 || self.service.tally().wanted > 1 || count <= one.ends {
            return kept;
        }
        let least = if more { "at least " } else { "" };
        (format!("{least}{}", plural(count as u64, "time")), last.duration_since(first))
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
            let since = Some(Since::exactly(task.since));
            return Some(Reason { why, what_now, is_wrong: true, since });
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
        let since = Some(Since::exactly(task.since));
        (waited > limit).then_some(Reason { why, what_now, is_wrong: true, since })
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
        let (is_wrong, since) = (waited > SILENCE, Some(Since::exactly(task.since)));
        (waited >= PULL).then_some(Reason { why, what_now, is_wrong, since })
    }

    /// A task ended badly, and nothing runs in its place.
    fn failed(&self) -> Option<Reason> {
        let runs = |it: &&Task| it.desired <= TaskState::Running && it.state == TaskState::Running;
        let filled = |task: &Task| {
            self.tasks.iter().copied().filter(|it| runs(it)).any(|it| same_slot(it, task))
        };
        let mut ends = self.ends();
        ends.sort_by_key(|it| Reverse(it.since));
        let is_last = |task: &Task| {
            !self.tasks.iter().any(|it| same_slot(it, task) && it.created > task.created)
        };
        let recent = |it: &Task| self.waited(it) <= RECENT;
        // A job is judged by what its tasks came to, and not by the next attempt.
        let is_job = self.service.is_job();
        let undone = |task: &Task| {
            let done = |it: &Task| it.state == TaskState::Complete && it.since > task.since;
            // Slots of such jobs begin with 0.
            let is_global = self.service.mode == Mode::GlobalJob;
            let here =
                |it: &Task| if is_global { same_slot(it, task) } else { it.slot == task.slot };
            !self.tasks.iter().any(|it| here(it) && done(it))
        };
        let counts = |it: &Task| if is_job { undone(it) } else { !filled(it) };
        let task = ends.into_iter().find(|it| counts(it) && (is_last(it) || recent(it)))?;
        let (cause, what_now) = self.cause(task);
        let end = match task.state {
            TaskState::Rejected => "was rejected",
            TaskState::Complete => "ended",
            _ => "failed",
        };
        let ran = self.ran_for(task);
        let why = format!("{} {end} {} ago{ran}: {cause}", self.name(task), self.age(task));
        let since = Some(Since::exactly(task.since));
        Some(self.given_up(task, Reason { why, what_now, is_wrong: true, since }))
    }

    fn ran_for(&self, task: &Task) -> String {
        let of_slot = self.tasks.iter().filter(|it| same_slot(it, task));
        let of_slot: Vec<Task> = of_slot.map(|it| (*it).clone()).collect();
        let ran = runs(&of_slot, |_| self.service.restart.delay).remove(&task.id);
        ran.map(|it| format!(" after it ran for {}", at_most(it))).unwrap_or_default()
    }

    /// Whether a task has no successor: the engine starts none once the attempts
    /// that the restart policy allows are used up.
    fn is_given_up(&self, task: &Task) -> bool {
        let succeeds = |it: &&Task| {
            it.desired <= TaskState::Complete && !it.state.is_over() && same_slot(it, task)
        };
        self.waited(task) > SILENCE && !self.tasks.iter().any(succeeds)
    }

    fn given_up(&self, task: &Task, reason: Reason) -> Reason {
        if !self.is_given_up(task) {
            return reason;
        }
        Reason {
            why: reason.why + "; it is not started again",
            what_now: reason.what_now + "; then force an update of the service",
            ..reason
        }
    }

    /// What the engine says and what it means, and what to do.
    pub fn cause(&self, task: &Task) -> (String, String) {
        let cause = self.around().cause(task);
        (cause.meaning_first(), cause.what_now().to_owned())
    }

    fn around(&self) -> Around<'_> {
        let around = Around::of(self.service, self.nodes, self.networks);
        Around { services: self.services, tasks: self.all, ..around }
    }

    pub fn ends(&self) -> Vec<&Task> {
        ends(self.service, &self.tasks, |it| is_lost_with_node(it, self.nodes))
    }

    /// Its node went down with it, and it is not back yet.
    pub fn lost(&self) -> Option<Reason> {
        let recent = |it: &&&Task| self.waited(it) <= RECENT;
        let lost = |it: &&&Task| is_lost_with_node(it, self.nodes);
        let task = self.tasks.iter().filter(recent).find(lost)?;
        let (cause, what_now) = self.cause(task);
        let why = format!("{} ended {} ago: {cause}", self.name(task), self.age(task));
        Some(Reason { why, what_now, is_wrong: false, since: Some(Since::exactly(task.since)) })
    }
}
