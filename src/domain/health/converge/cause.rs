//! Failure causes: why a task ended or does not start, and whether that is transient.

use crate::domain::{
    health::{
        converge::seen::ServiceContext,
        exit::{Around, is_lost_with_node},
    },
    swarm::cluster::{Node, Task, TaskState},
};

/// How much a failure says of those to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// What it failed of passes by itself in a moment.
    Passing,
    /// It may have been an accident.
    Accident,
    /// A check that failed takes minutes to fail again, and what a node turned down it
    /// turns down again.
    Lasting,
    /// Each task fails of it, on each node: it is in the spec or in the image.
    Doomed,
}

/// What a node does not have yet, or not any more: lower case, all of a row in the text.
const PASSING: &[&[&str]] = &[
    &["could not find network"],
    &["network", "not found"],
    &["network sandbox join failed"],
    &["subnet sandbox join failed"],
    &["missing network attachments"],
    &["no longer meets constraints"],
    &["has been deleted"],
    &["heartbeat failure"],
    &["context deadline exceeded"],
    &["i/o timeout"],
    &["handshake timeout"],
    &["connection reset"],
    &["connection refused"],
    &["temporary failure"],
    &["service unavailable"],
];

/// An engine takes a subnet again while nodes still have the old network (28.5).
const POOL: &str = "pool overlaps";

/// What no node can start.
const DOOMED: &[&[&str]] = &[
    &["executable file not found"],
    &["exec:", "no such file"],
    &["unable to find user"],
    &["unable to find group"],
    &["unknown capability"],
    &["invalid capadd"],
    &["invalid capdrop"],
    &["kernel namespace"],
    &["error setting rlimit"],
    &["invalid mount config for type \"tmpfs\""],
    &["invalid hostname"],
    &["unknown log opt"],
    &["manifest unknown"],
    &["pull access denied"],
];

pub const NO_REASON: &str = "the engine gives no reason";
const NO_IMAGE: &str = "no such image";

/// Weighs a failure among the tasks of the same spec.
///
/// Engines up to 28.5 say `No such image` whatever a pull failed of. Where a registry
/// gave its digest the image is there, and one node may fail to get it; so may one of
/// several where others have it.
pub fn weight(task: &Task, current: &[&Task], known: &ServiceContext<'_>) -> Weight {
    let own_subnet = known.own_subnet;
    let error = task.error.to_ascii_lowercase();
    let has =
        |rows: &[&[&str]]| rows.iter().any(|parts| parts.iter().all(|part| error.contains(part)));
    let got_it = |it: &&Task| (TaskState::Ready..=TaskState::Complete).contains(&it.state);
    match task.state {
        // That its node went down is not its fault.
        _ if is_lost_with_node(task, known.nodes) => Weight::Passing,
        _ if error.contains(POOL) && own_subnet => Weight::Lasting,
        _ if error.contains(POOL) || has(PASSING) => Weight::Passing,
        _ if error.contains(NO_IMAGE)
            && !error.contains("@sha256:")
            && !current.iter().any(got_it) =>
        {
            Weight::Doomed
        }
        _ if has(DOOMED) => Weight::Doomed,
        TaskState::Rejected => Weight::Lasting,
        _ if error.contains("unhealthy container") => Weight::Lasting,
        _ => Weight::Accident,
    }
}

/// Says why a task ended, the engine's words first.
pub fn why(task: &Task, around: &Around<'_>) -> String {
    let says = around.cause(task).means.map(|it| it.says);
    match (task.error.as_str(), says) {
        ("", None) => NO_REASON.to_owned(),
        ("", Some(says)) => says,
        (error, None) => error.to_owned(),
        (error, Some(says)) => format!("{error} ({says})"),
    }
}

/// Says where a node prepares a task, which takes long where it pulls an image.
pub fn pull(task: &Task, nodes: &[Node]) -> Option<String> {
    if task.state != TaskState::Preparing {
        return None;
    }
    let node = nodes.iter().find(|it| Some(&it.id) == task.node.as_ref());
    let node = node.map_or("its node", |it| &*it.hostname);
    Some(format!("{node} prepares it, mostly a slow pull of {}", short(&task.image)))
}

/// Takes the digest from an image.
fn short(image: &str) -> &str {
    image.split_once('@').map_or(image, |it| it.0)
}
