//! Restart history of a task: how long it ran, and how often the tasks of its slot ended before.

use crate::domain::{
    health::{
        WINDOW, by_service,
        crash::{by_slot, ends, forgotten_before, runs},
        exit::is_lost_with_node,
    },
    swarm::{
        cluster::{Node, Restarts, Service, Task},
        names::{ServiceId, TaskId},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How the tasks of a list went.
#[derive(Debug, Default)]
pub struct Attempts {
    ran: HashMap<TaskId, SignedDuration>,
    /// Of the newest task of each place.
    restarts: HashMap<TaskId, Restarts>,
}

impl Attempts {
    pub fn of(tasks: &[Task], services: &[Service], nodes: &[Node], now: Timestamp) -> Self {
        let by_id: HashMap<&ServiceId, &Service> = services.iter().map(|it| (&it.id, it)).collect();
        let service = |task: &Task| task.service.as_ref().and_then(|it| by_id.get(it));
        let delay = |task: &Task| service(task).map(|it| it.restart).unwrap_or_default().delay;
        let mut restarts = HashMap::new();
        for (id, its) in by_service(tasks) {
            let Some(service) = by_id.get(id).filter(|it| !it.is_job()) else { continue };
            restarts.extend(of_places(service, &its, nodes, now));
        }
        Self { ran: runs(tasks, delay), restarts }
    }

    /// Returns how long a task ran at most that ended.
    pub fn ran(&self, task: &Task) -> Option<SignedDuration> {
        self.ran.get(&task.id).copied()
    }

    /// Returns how often the tasks of its place ended by themselves within the last hour, as
    /// far as the engine keeps them; nothing where a newer task has the place, and of jobs.
    pub fn restarts(&self, task: &Task) -> Option<Restarts> {
        self.restarts.get(&task.id).copied()
    }
}

fn of_places(
    service: &Service,
    tasks: &[&Task],
    nodes: &[Node],
    now: Timestamp,
) -> Vec<(TaskId, Restarts)> {
    let recent = |it: &&Task| now.duration_since(it.since) <= WINDOW;
    let ends = ends(service, tasks, |it| is_lost_with_node(it, nodes));
    let ended = by_slot(&ends);
    let mut found = Vec::new();
    for (place, all) in by_slot(tasks) {
        let Some(newest) = all.iter().max_by_key(|it| it.created) else { continue };
        let counted = ended.get(&place).into_iter().flatten().filter(|it| recent(it));
        let counted: Vec<&&Task> = counted.collect();
        // The same rule as for those of a service.
        let forgot = forgotten_before(service, &all);
        let forgot = forgot.is_some_and(|it| now.duration_since(it.created) < WINDOW);
        let more = forgot && !counted.is_empty();
        let (count, times) = (counted.len(), counted.iter().map(|it| it.since));
        let (first, last) = (times.clone().min(), times.max());
        found.push((newest.id.clone(), Restarts { count, more, first, last }));
    }
    found
}
