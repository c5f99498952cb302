//! Why tasks of a service do not run: what the engine says, and what it means.

use crate::domain::{
    cluster::{Task, TaskState},
    exit::{self, Explained},
    health::{
        crash::{RECENT, brief, ends, loops_of, runs},
        services::{Case, SILENCE, same_slot},
    },
    text::{age::coarse, count::plural, elide::without_digest, size},
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
        self.crash().or_else(|| self.waiting()).or_else(|| self.failed())
    }

    /// Tells of the newest task that ended by itself.
    pub fn last_end(&self) -> Option<Reason> {
        if let Some(reason) = self.crash() {
            return Some(reason);
        }
        let ends = ends(self.service, &self.tasks);
        let last = ends.into_iter().max_by_key(|it| it.since)?;
        let (cause, what_now) = self.cause(last);
        let ran = self.ran_for(last);
        let why = format!("{} ended {} ago{ran}: {cause}", self.name(last), self.age(last));
        Some(Reason { why, what_now, is_wrong: true })
    }

    fn crash(&self) -> Option<Reason> {
        let ends = ends(self.service, &self.tasks);
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
        let (limit, cause, what_now) = match task.state {
            TaskState::New => (
                SILENCE,
                "the engine gives no reason; mostly its networks have no address left, or their subnets overlap with others",
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
            // What is ready may only wait for its turn, as before it starts again.
            TaskState::Starting => (
                START,
                "it still starts: its health check does not pass, or the node is stuck",
                "read its log; run the health check by hand",
            ),
            _ => return None,
        };
        let why = format!("{} is {} for {}: {cause}", self.name(task), task.state, coarse(waited));
        let reason = Reason { why, what_now: what_now.to_owned(), is_wrong: true };
        (waited > limit).then_some(reason)
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
        let mut ends = ends(self.service, &self.tasks);
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
        let (says, what_now) = match self.explained(task) {
            Some(Explained { says, what_now }) => (format!("{says} ({said})"), what_now),
            None => (said, "read its log".to_owned()),
        };
        match self.host(task) {
            Some(host) => {
                let says = says.replacen("the node ", &format!("{host} "), 1);
                let says = says.replacen("on that node", &format!("on {host}"), 1);
                (says, what_now.replace("on that node", &format!("on {host}")))
            }
            None => (says, what_now),
        }
    }

    fn explained(&self, task: &Task) -> Option<Explained> {
        let memory = self.out_of_memory(task);
        memory.or_else(|| self.generic(task)).or_else(|| exit::explain_task(task))
    }

    /// The scheduler calls all resources by one word; some no node has at all.
    fn generic(&self, task: &Task) -> Option<Explained> {
        let had = |kind: &String| self.nodes.iter().any(|it| it.generic.contains_key(kind));
        let lacking: Vec<&str> =
            self.service.generic.iter().filter(|it| !had(it)).map(String::as_str).collect();
        if lacking.is_empty() || !task.error.contains("insufficient resources") {
            return None;
        }
        let lacking = lacking.join(", ");
        Some(Explained {
            says: format!("no node has the generic resource {lacking}"),
            what_now: format!(
                "list {lacking} in node-generic-resources of an engine, or take it out of the reservations"
            ),
        })
    }

    /// Killed, where a limit of memory is the likely reason.
    fn out_of_memory(&self, task: &Task) -> Option<Explained> {
        let limit = self.service.memory_limit;
        let killed = task.exit_code.filter(|it| *it != 0).or_else(|| exit::code_in(&task.error));
        if limit <= 0 || killed != Some(137) || task.error.contains("unhealthy") {
            return None;
        }
        Some(Explained {
            says: format!(
                "killed (SIGKILL): most likely it wanted more memory than its limit of {}",
                size::memory(limit)
            ),
            what_now: "raise its memory limit, or find the leak; the kernel log of the node shows `oom`, else somebody killed it"
                .to_owned(),
        })
    }
}
