//! Task slots: the old and the new task of each slot of a service.

use crate::domain::{
    health::converge::seen::ServiceTasks,
    swarm::{
        cluster::{Task, TaskState},
        names::NodeId,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A slot of a replicated service, or the node of a global one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TaskSlot {
    /// From 1; 0 for global services and jobs, whose slots are nodes.
    pub slot: u64,
    /// Where the new task is; while there is none, where the old one is.
    pub node: Option<NodeId>,
    /// The task of an earlier spec, while it runs on.
    pub old: Option<TaskState>,
    /// The newest task of the present spec.
    pub new: Option<TaskState>,
}

/// Returns the slots of a service in their order.
pub fn slots(tasks: ServiceTasks<'_>) -> Vec<TaskSlot> {
    let mut slots: BTreeMap<(u64, Option<&NodeId>), TaskSlot> = BTreeMap::new();
    let mut newest: Vec<&Task> = tasks.current.iter().collect();
    newest.sort_by_key(|it| it.created);
    let outgoing = |it: &&Task| !it.state.is_over() && newest.iter().all(|new| new.id != it.id);
    for task in tasks.all.iter().filter(outgoing) {
        let at = slots.entry(key(task)).or_default();
        (at.old, at.node) = (Some(task.state), task.node.clone());
    }
    for task in newest.into_iter().filter(|it| is_telling(it)) {
        let at = slots.entry(key(task)).or_default();
        at.new = Some(task.state);
        at.node = task.node.clone().or(at.node.take());
    }
    let placed = slots.into_iter().map(|((slot, _), it)| TaskSlot { slot, ..it });
    placed.collect()
}

fn key(task: &Task) -> (u64, Option<&NodeId>) {
    (task.slot, task.node.as_ref().filter(|_| task.slot == 0))
}

/// What was stopped on purpose tells nothing of its slot.
fn is_telling(task: &Task) -> bool {
    !matches!(task.state, TaskState::Shutdown | TaskState::Remove | TaskState::Orphaned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::swarm::cluster::SpecDigest;
    use jiff::Timestamp;

    /// Tasks as `1@n2 old running` or `0@n1 new failed`; the newest last.
    fn check(tasks: &[&str], expected: &[&str]) {
        let task = |(number, line): (usize, &&str)| {
            let mut words = line.split(' ');
            let (slot, node) = words.next().unwrap().split_once('@').unwrap();
            let age = words.next().unwrap() == "new";
            let at = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
            let task = Task {
                id: format!("t{number}").as_str().into(),
                service: None,
                node: (!node.is_empty()).then(|| node.into()),
                slot: slot.parse().unwrap(),
                state: TaskState::from_word(words.next().unwrap()),
                desired: TaskState::Running,
                message: String::new(),
                error: String::new(),
                exit_code: None,
                container_spec: SpecDigest::default(),
                container: None,
                image: "web:1".into(),
                created: at,
                since: at,
                updated: at,
            };
            (age, task)
        };
        let tasks: Vec<(bool, Task)> = tasks.iter().enumerate().map(task).collect();
        let current: Vec<Task> = tasks.iter().filter(|it| it.0).map(|it| it.1.clone()).collect();
        let all: Vec<Task> = tasks.into_iter().map(|it| it.1).collect();
        let found = slots(ServiceTasks { all: &all, current: &current });
        let words = |it: &TaskSlot| {
            let word = |it: Option<TaskState>| it.map_or("-", TaskState::word);
            let node = it.node.as_ref().map_or("", NodeId::as_str);
            format!("{}@{node} {} {}", it.slot, word(it.old), word(it.new))
        };
        assert_eq!(found.iter().map(words).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_slot_has_its_old_task_and_the_newest_of_the_present_spec() {
        check(
            &["1@n1 old running", "2@n2 old shutdown", "2@n2 new failed", "2@n3 new starting"],
            &["1@n1 running -", "2@n3 - starting"],
        );
        check(&["1@n1 old running", "1@ new pending"], &["1@n1 running pending"]);
    }

    #[test]
    fn the_places_of_a_global_service_are_nodes() {
        check(
            &["0@n1 old running", "0@n2 old shutdown", "0@n2 new running"],
            &["0@n1 running -", "0@n2 - running"],
        );
    }

    #[test]
    fn what_was_stopped_on_purpose_leaves_no_place() {
        check(&["1@n1 new running", "2@n1 new shutdown"], &["1@n1 - running"]);
    }
}
