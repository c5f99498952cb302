//! Exit codes and the engine's messages about tasks, in words, with what to do.

mod words;
pub mod crowd;
mod around;
mod places;
mod cause;

pub use around::Around;
pub use cause::{Cause, is_lost_with_node, may_be_lost, silence};

use crate::domain::{
    health::exit::words::{CODES, FILTERS, MESSAGES},
    swarm::cluster::{Task, TaskState},
    text::count::plural,
};

/// What a message comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// A clause without a period, as `the image has no such program`.
    pub says: String,
    /// What an operator can do, as an instruction; empty where nothing is needed.
    pub what_now: String,
}

/// Explains why a task is not well, by the engine's error and the exit code of
/// its container; `None` if skep knows no more than the message says.
pub fn explain(error: &str, code: Option<i64>) -> Option<Explained> {
    if let Some(reasons) = error.find("no suitable node").map(|at| &error[at..]) {
        return Some(unplaced(reasons));
    }
    let known = MESSAGES.iter().find(|it| it.0.iter().all(|part| contains(error, part)));
    if let Some((_, says, what_now)) = known {
        return Some(explained(says, what_now));
    }
    // `0` also stands for "none yet" in the engine's answers.
    let code = code.filter(|it| *it != 0).or_else(|| code_in(error));
    code.and_then(explain_code)
}

/// Explains why a task is not well. One that never started has no log to read.
pub fn explain_task(task: &Task) -> Option<Explained> {
    explain_end(task.state, &task.error, task.exit_code)
}

/// The same, by the parts of a task.
pub fn explain_end(state: TaskState, error: &str, code: Option<i64>) -> Option<Explained> {
    let known = explain(error, code);
    if !is_stillborn(state, error, code) {
        return known;
    }
    match known {
        Some(it) if !it.what_now.contains("read its log") => Some(it),
        Some(Explained { says, .. }) => Some(explained(&says, NO_LOG)),
        None => Some(explained("it never started", NO_LOG)),
    }
}

/// Says of tasks that they ended well, and that others will not take their place.
pub fn stays_ended(tasks: u64, of: Option<&str>) -> String {
    let of = of.map(|it| format!(" of {it}")).unwrap_or_default();
    let verb = if tasks == 1 { "is" } else { "are" };
    format!("{}{of} ended without an error and {verb} not started again", plural(tasks, "task"))
}

const NO_LOG: &str = "fix what the engine says; there is no log, as it never started";

/// Returns whether a task is over without having run at all: it was refused, or its
/// container could not be started (engines then give 128 as its exit code).
pub fn never_started(task: &Task) -> bool {
    is_stillborn(task.state, &task.error, task.exit_code)
}

/// Returns whether words on a failure say that nothing of it ran.
pub fn says_never_started(words: &str) -> bool {
    STILLBORN.iter().any(|it| contains(words, it))
}

fn is_stillborn(state: TaskState, error: &str, code: Option<i64>) -> bool {
    let refused = says_never_started(error);
    // A program can end with 128 too, but then the engine says `non-zero exit`.
    let unstarted = code == Some(128) && code_in(error).is_none();
    state == TaskState::Rejected || state == TaskState::Failed && (refused || unstarted)
}

/// Words of engines where a container did not come to life.
const STILLBORN: &[&str] = &[
    "starting container failed",
    "missing network attachments",
    "no such image",
    "invalid mount config",
    "resolving controller failed",
    "pool overlaps",
];

/// Explains an exit code.
pub fn explain_code(code: i64) -> Option<Explained> {
    let known = CODES.iter().find(|it| it.0 == code);
    if let Some((_, says, what_now)) = known {
        return Some(explained(says, what_now));
    }
    let signal = code.checked_sub(128).filter(|it| (1..=64).contains(it))?;
    let says = format!("ended by signal {signal}");
    Some(explained(&says, "its log may say why"))
}

/// Returns the exit code that the engine wrote into an error, as
/// `task: non-zero exit (137): …`.
pub fn code_in(error: &str) -> Option<i64> {
    let (_, rest) = error.split_once("non-zero exit (")?;
    rest.split_once(')')?.0.parse().ok()
}

/// `no suitable node (insufficient resources on 1 node; …)`. The scheduler counts
/// a node under the first reason only, and names none.
fn unplaced(message: &str) -> Explained {
    let inner = message.split_once('(').map_or("", |it| it.1.trim_end().trim_end_matches(')'));
    let (mut says, mut what_now) = (Vec::new(), Vec::new());
    for reason in inner.split(';').map(str::trim).filter(|it| !it.is_empty()) {
        let Some((_, [one, many], now)) = FILTERS.iter().find(|it| contains(reason, it.0)) else {
            says.push(reason.to_owned());
            continue;
        };
        says.push(match reason.split(' ').find_map(|it| it.parse().ok()) {
            Some(1) => format!("1 node {one}"),
            Some(nodes) => format!("{} {many}", plural(nodes, "node")),
            None => format!("every node that is left {one}"),
        });
        what_now.push(*now);
    }
    if says.is_empty() {
        return explained("no node takes tasks", "bring nodes back or set them active");
    }
    explained(&format!("no node fits: {}", says.join("; ")), &what_now.join("; "))
}

fn explained(says: &str, what_now: &str) -> Explained {
    Explained { says: says.to_owned(), what_now: what_now.to_owned() }
}

/// Whether a message has these words, which are lower case; only whole words
/// count for short ones.
fn contains(message: &str, words: &str) -> bool {
    let message = message.to_ascii_lowercase();
    if words.len() > 4 {
        return message.contains(words);
    }
    message.split(|c: char| !c.is_ascii_alphanumeric()).any(|it| it == words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &str, code: Option<i64>, says: &str) {
        let explained = explain(error, code).unwrap_or_else(|| explained("", ""));
        assert_eq!(explained.says, says, "{error} {code:?}");
    }

    #[test]
    fn exit_codes_have_words() {
        let killed = "killed (SIGKILL): out of memory, or `docker kill`, or too slow to stop";
        for (error, code, says) in [
            ("task: non-zero exit (137)", None, killed),
            ("task: non-zero exit (137)", Some(137), killed),
            ("", Some(139), "it crashed (SIGSEGV)"),
            ("", Some(143), "it was asked to stop and did (SIGTERM)"),
            ("", Some(126), "the command cannot be executed: no permission, or no program"),
            ("", Some(127), "the command was not found"),
            ("", Some(152), "ended by signal 24"),
            ("", Some(42), ""),
            ("", Some(0), ""),
            ("", None, ""),
            ("task: non-zero exit (x)", None, ""),
        ] {
            check(error, code, says);
        }
        assert_eq!(explain_code(0).unwrap().what_now, "");
    }

    #[test]
    fn messages_go_before_codes() {
        for (error, says) in [
            (
                "task: non-zero exit (137): dockerexec: unhealthy container",
                "its health check failed, so it was stopped",
            ),
            ("No such image: web:9@sha256:00", "the node has no such image and could not pull it"),
            (
                "starting container failed: OCI runtime create failed: exec: \"x\": executable file not found in $PATH",
                "the image has no such program",
            ),
            (
                "starting container failed: OCI runtime create failed: exec: \"/x\": stat /x: no such file or directory: unknown",
                "the image has no such program",
            ),
            (
                "starting container failed: unable to find user nobody: no matching entries in passwd file",
                "the image has no such user",
            ),
            (
                "invalid mount config for type \"bind\": bind source path does not exist: /data",
                "the directory to mount does not exist on that node",
            ),
            (
                "manifest for web:9 not found: manifest unknown",
                "the registry has no such tag or digest",
            ),
            ("secret db-password not found", "a secret it uses does not exist"),
            ("OOMKilled", "it used more memory than it may"),
            ("zoom failed", ""),
            ("started", ""),
        ] {
            check(error, None, says);
        }
    }

    #[test]
    fn a_task_without_a_node_says_what_is_wrong_with_each() {
        for (error, says) in [
            (
                "no suitable node (scheduling constraints not satisfied on 3 nodes; insufficient resources on 1 node)",
                "no node fits: 3 nodes do not meet its placement constraints; 1 node lacks the cpu, memory or generic resource it reserves",
            ),
            (
                "no suitable node (1 node not available for new tasks)",
                "no node fits: 1 node is down, paused or drained",
            ),
            (
                "no suitable node (max replicas per node limit exceed)",
                "no node fits: every node that is left has as many of its tasks as allowed",
            ),
            ("no suitable node (moon in the wrong phase)", "no node fits: moon in the wrong phase"),
            ("no suitable node", "no node takes tasks"),
            ("no suitable node (", "no node takes tasks"),
        ] {
            check(error, None, says);
        }
        let both = explain(
            "no suitable node (insufficient resources on 1 node; missing plugin on 2 nodes)",
            None,
        );
        assert_eq!(
            both.unwrap().what_now,
            "lower its reservations, free some, or add a node; install the volume, network or log plugin there"
        );
    }
}
