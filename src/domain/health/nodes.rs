//! Health of nodes.

use crate::domain::{
    health::{
        crash::RECENT,
        exit::is_lost_with_node,
        quorum::{Quorum, QuorumState},
        sight::Sight,
        trouble::{Severity, Trouble},
    },
    swarm::{
        cluster::{Mode, Node, Object, Task, TaskState},
        names::ServiceId,
        since::Since,
        states::{Availability, NodeState, Reachability},
    },
    text::{age::age, count::plural, natural::natural},
};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Returns the troubles of all nodes.
pub fn troubles(sight: &Sight<'_>, quorum: Quorum) -> Vec<Trouble> {
    let each = sight.nodes.iter();
    let mut found: Vec<Trouble> = each
        .filter_map(|it| state(it, sight, quorum).or_else(|| availability(it, sight.now)))
        .collect();
    found.extend(sight.nodes.iter().filter_map(|it| came_back(it, sight)));
    found.extend(versions(sight.nodes));
    found
}

fn state(node: &Node, sight: &Sight<'_>, quorum: Quorum) -> Option<Trouble> {
    let name = &node.hostname;
    let role = if node.manager.is_some() { "manager" } else { "node" };
    let unreachable = node.manager.as_ref().filter(|it| it.reachability != Reachability::Reachable);
    let (what, why, what_now) = match node.state.known() {
        Some(NodeState::Ready) => match unreachable {
            None => return None,
            Some(manager) => (
                format!("manager {name} is {}", manager.reachability),
                "the other managers do not reach it; whether its node is down too is known in some seconds"
                    .to_owned(),
                "if its node stays ready, check port 2377 and the clock there and restart its engine",
            ),
        },
        Some(NodeState::Unknown) => (
            format!("{role} {name} is unknown"),
            "the leader has not heard from it yet".to_owned(),
            "wait a moment after a change of leader; then check it like a node that is down",
        ),
        _ => (
            format!("{role} {name} is {}", node.state),
            [node.message.clone(), left_behind(node, sight)]
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join("; "),
            "check the machine, its engine, and ports 2377 and 7946 to the managers",
        ),
    };
    let is_vital = node.manager.is_some()
        && matches!(quorum.standing(), QuorumState::AtRisk | QuorumState::Lost);
    let severity = if is_vital { Severity::Critical } else { Severity::Warning };
    // Who reaches a manager is no part of what is written of its node.
    let since = (node.state != NodeState::Ready).then(|| Since::at_least(node.heard));
    let trouble = Trouble::new(severity, Object::Node(node.id.clone()), what, &why, what_now);
    Some(trouble.lasting(since, sight.now))
}

/// Returns the tasks that ended because their node was down for a moment, a short while ago.
pub fn lost_lately<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    nodes: &[Node],
    now: Timestamp,
) -> impl Iterator<Item = &'a Task> {
    let lately = move |it: &&Task| now.duration_since(it.updated) <= RECENT;
    tasks.filter(move |it| lately(it) && is_lost_with_node(it, nodes))
}

/// A node that was down for so short a time that the managers did not miss it took its
/// tasks with it.
fn came_back(node: &Node, sight: &Sight<'_>) -> Option<Trouble> {
    let on_it = sight.tasks.iter().filter(|it| it.node.as_ref() == Some(&node.id));
    let lost: Vec<&Task> = lost_lately(on_it, sight.nodes, sight.now).collect();
    let back = lost.iter().map(|it| it.updated).min()?;
    let name = &node.hostname;
    let its: BTreeSet<&str> = sight
        .services
        .iter()
        .filter(|service| lost.iter().any(|it| it.service.as_ref() == Some(&service.id)))
        .map(|it| &*it.name)
        .collect();
    let its = its.into_iter().collect::<Vec<_>>().join(", ");
    let what =
        format!("{name}, or its engine, went down and came back {} ago", age(back, sight.now));
    let why = format!("{} ended with it: {its}", plural(lost.len() as u64, "task"));
    let now = format!("find out why: on {name}, `last -x reboot` and the journal of docker");
    Some(Trouble::new(Severity::Warning, Object::Node(node.id.clone()), what, &why, &now))
}

/// What became of the tasks of a lost node, as far as tasks are known.
fn left_behind(node: &Node, sight: &Sight<'_>) -> String {
    let on_it = |it: &&Task| it.node.as_ref() == Some(&node.id) && it.state == TaskState::Running;
    let mut left: HashMap<&ServiceId, u64> = HashMap::new();
    for task in sight.tasks.iter().filter(on_it) {
        if let Some(service) = &task.service {
            *left.entry(service).or_default() += 1;
        }
    }
    let (mut elsewhere, mut global, mut missing) = (0, 0, 0);
    for service in sight.services {
        let Some(tasks) = left.get(&service.id).copied() else { continue };
        if matches!(service.mode, Mode::Global | Mode::GlobalJob) {
            global += tasks;
            continue;
        }
        let tally = service.tally();
        let lacks = tasks.min(tally.wanted.saturating_sub(tally.running));
        missing += lacks;
        elsewhere += tasks - lacks;
    }
    if elsewhere + global + missing == 0 {
        return String::new();
    }
    let its = plural(elsewhere, "task");
    let verb = if elsewhere == 1 { "runs" } else { "run" };
    let global = match global {
        0 => String::new(),
        some => format!("; {} of global services come back with it", plural(some, "task")),
    };
    let are = if missing == 1 { "is" } else { "are" };
    format!("its {its} {verb} elsewhere; {missing} {are} missing{global}")
}

fn availability(node: &Node, now: Timestamp) -> Option<Trouble> {
    let name = &node.hostname;
    let (what, why) = match node.availability.known() {
        Some(Availability::Active) => return None,
        Some(Availability::Drain) => (format!("{name} is drained"), "it runs no tasks of services"),
        Some(Availability::Pause) => {
            (format!("{name} is paused"), "it keeps its tasks and takes no new ones")
        }
        None => (format!("{name} is set to {}", node.availability), ""),
    };
    let next = format!("`docker node update --availability active {name}` when it may work again");
    let object = Object::Node(node.id.clone());
    let trouble = Trouble::new(Severity::Notice, object, what, why, &next);
    Some(trouble.lasting(Some(Since::at_least(node.heard)), now))
}

fn versions(nodes: &[Node]) -> Option<Trouble> {
    let versions: BTreeSet<&str> = nodes.iter().map(|it| it.engine.as_str()).collect();
    if versions.len() < 2 {
        return None;
    }
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by(|a, b| natural(a, b));
    Some(Trouble::new(
        Severity::Notice,
        Object::Swarm,
        "the nodes run different engines".to_owned(),
        &versions.join(", "),
        "finish the upgrade, managers first",
    ))
}
