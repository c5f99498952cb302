//! Task diagnosis: why a task is not healthy; used by findings, deployments and pages.

use crate::domain::{
    health::exit::{Explained, around::Around, code_in, crowd, explain_task, explained, places},
    swarm::cluster::{Node, Task, TaskState},
    text::size,
};
use jiff::SignedDuration;

/// Why a task is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What the engine says; may be empty.
    pub said: String,
    /// What that comes down to, where skep knows more than the engine says.
    pub means: Option<Explained>,
}

impl Around<'_> {
    /// Explains a task.
    pub fn cause(&self, task: &Task) -> Cause {
        let said = match (task.error.as_str(), task.exit_code) {
            ("", Some(code)) => format!("exit code {code}"),
            ("", None) => task.message.clone(),
            (error, _) => error.to_owned(),
        };
        let known = self.lost(task).or_else(|| self.out_of_memory(task));
        let known = known.or_else(|| self.generic(task)).or_else(|| self.crowded(task));
        let known = known.or_else(|| self.ended_well(task));
        let means = known.or_else(|| explain_task(task)).map(|it| self.placed(task, it));
        let means = means.map(|it| Explained { says: self.with_names(task, it.says), ..it });
        Cause { said, means }
    }

    /// Nothing tells a program that is done from one that was asked to stop, by somebody
    /// or because its health check failed, and did so. A job's is done.
    fn ended_well(&self, task: &Task) -> Option<Explained> {
        if task.state != TaskState::Complete || task.desired <= TaskState::Complete {
            return None;
        }
        let (who, what_now) = match self.checked {
            true => (
                "its health check may have failed, or somebody stopped it, or its program was done",
                "run its health check by hand in the container; check start_period, timeout and retries",
            ),
            false => (
                "its program was done, or somebody stopped it, or a health check of its image failed",
                "if its program ends by itself, make it a job or set its restart condition",
            ),
        };
        Some(explained(&format!("it ended without an error: {who}"), what_now))
    }

    /// Names the node where the words speak of it.
    fn placed(&self, task: &Task, it: Explained) -> Explained {
        let Some(host) = self.host(task) else { return it };
        let says = it.says.replacen("the node ", &format!("{host} "), 1);
        Explained {
            says: says.replacen("on that node", &format!("on {host}"), 1),
            what_now: it.what_now.replace("on that node", &format!("on {host}")),
        }
    }

    /// Adds what keeps it from its nodes, by name.
    fn with_names(&self, task: &Task, says: String) -> String {
        let names = places::named(self, &task.error);
        [says].into_iter().chain(names).collect::<Vec<_>>().join("; ")
    }

    fn host(&self, task: &Task) -> Option<&str> {
        self.node(task).map(|it| &*it.hostname)
    }

    fn node(&self, task: &Task) -> Option<&Node> {
        self.nodes.iter().find(|it| Some(&it.id) == task.node.as_ref())
    }

    fn lost(&self, task: &Task) -> Option<Explained> {
        let node = self.node(task).filter(|_| is_lost_with_node(task, self.nodes))?;
        let host = &node.hostname;
        let says = format!("{host} went down and came back, and the task ended with it");
        Some(explained(&says, &format!("find out why {host} or its engine started again")))
    }

    /// The scheduler calls all resources by one word; some no node has at all.
    fn generic(&self, task: &Task) -> Option<Explained> {
        let had = |kind: &str| self.nodes.iter().any(|it| it.generic.contains_key(kind));
        let lacking: Vec<&str> = self.generic.iter().copied().filter(|it| !had(it)).collect();
        if lacking.is_empty() || !task.error.contains("insufficient resources") {
            return None;
        }
        let lacking = lacking.join(", ");
        Some(explained(
            &format!("no node has the generic resource {lacking}"),
            &format!(
                "list {lacking} in node-generic-resources of an engine, or remove it from the reservations"
            ),
        ))
    }

    /// Killed, where a limit of memory is the likely reason.
    fn out_of_memory(&self, task: &Task) -> Option<Explained> {
        let limit = self.memory_limit;
        let killed = task.exit_code.filter(|it| *it != 0).or_else(|| code_in(&task.error));
        if limit <= 0 || killed != Some(137) || task.error.contains("unhealthy") {
            return None;
        }
        Some(explained(
            &format!(
                "killed (SIGKILL): most likely it wanted more memory than its limit of {}",
                size::memory(limit)
            ),
            "raise its memory limit, or find the leak; the kernel log of the node shows `oom`, else somebody killed it",
        ))
    }

    /// It has no address, or waits for one without a word.
    fn crowded(&self, task: &Task) -> Option<Explained> {
        let error = task.error.to_ascii_lowercase();
        let waits = task.state == TaskState::New && error.is_empty();
        let lacks = crowd::says_so(&error);
        (waits || lacks).then(|| crowd::fullest(&self.networks, lacks))?
    }
}

impl Cause {
    /// What it comes down to, and then the words of the engine.
    pub fn meaning_first(&self) -> String {
        match &self.means {
            Some(Explained { says, .. }) => format!("{says} ({})", self.said),
            None => self.said.clone(),
        }
    }

    /// What to do about it.
    pub fn what_now(&self) -> &str {
        self.means.as_ref().map_or("read its log", |it| it.what_now.as_str())
    }
}

/// What an engine says of a task whose container it does not know any more; programs end
/// with 0 to 255, so that -1 is its own word too.
const UNKNOWN: [i64; 2] = [255, -1];
/// An engine that is back tells what became of its tasks as soon as it is heard of, which
/// takes a busy machine a while.
const TELLS_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// Returns whether a task ended because its node, or the engine there, went down and was
/// back before the managers missed it. The engine then says that it ended with 255, or
/// that its container is not there, right after its node is written anew (20.10).
pub fn is_lost_with_node(task: &Task, nodes: &[Node]) -> bool {
    if !may_be_lost(task) {
        return false;
    }
    let Some(node) = nodes.iter().find(|it| Some(&it.id) == task.node.as_ref()) else {
        return false;
    };
    let told = task.updated.duration_since(node.heard);
    task.created < node.heard && (SignedDuration::ZERO..=TELLS_WITHIN).contains(&told)
}

/// Returns whether a task looks as those do whose node was down for a moment: nodes that
/// were read before know nothing of it.
pub fn may_be_lost(task: &Task) -> bool {
    let code = task.exit_code.filter(|it| *it != 0).or_else(|| code_in(&task.error));
    let gone = task.error.to_ascii_lowercase().contains("no such container");
    task.state == TaskState::Failed && (gone || code.is_some_and(|it| UNKNOWN.contains(&it)))
}

/// Says what a task may wait for of which the engine says nothing; nothing where waiting
/// is what it does for a while.
pub fn silence(state: TaskState) -> Option<Explained> {
    let (says, what_now) = match state {
        TaskState::New => (
            "the engine gives no reason; mostly its networks have no address left, or their subnets overlap with others",
            "look at the subnets of its networks; if there is room, force an update",
        ),
        TaskState::Allocated | TaskState::Pending => (
            "the engine gives no reason; the scheduler may have lost it",
            "force an update of the service",
        ),
        TaskState::Assigned | TaskState::Accepted => {
            ("its node does not start it", "check the node and its engine")
        }
        TaskState::Starting => (
            "it is still starting: its health check does not pass, or the node is stuck",
            "read its log; run the health check by hand",
        ),
        // What is ready may only wait for its turn, as before it starts again.
        _ => return None,
    };
    Some(explained(says, what_now))
}

#[cfg(test)]
mod tests;
