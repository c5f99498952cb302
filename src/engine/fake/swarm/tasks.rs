//! All tasks of the swarm, and those of one service.

use crate::{
    domain::swarm::names::{ServiceId, TaskId},
    engine::fake::swarm::task::TaskRecord,
};
use std::collections::{BTreeMap, BTreeSet};

/// Invariant: every task is also found by its service, in the order in which
/// the tasks were put in.
#[derive(Debug, Default, Clone)]
pub struct TaskTable {
    all: BTreeMap<TaskId, (u64, TaskRecord)>,
    by_service: BTreeMap<ServiceId, BTreeSet<(u64, TaskId)>>,
    count: u64,
}

impl TaskTable {
    pub fn put(&mut self, task: TaskRecord) {
        self.count += 1;
        let of_service = self.by_service.entry(task.service.clone()).or_default();
        of_service.insert((self.count, task.id.clone()));
        self.all.insert(task.id.clone(), (self.count, task));
    }

    pub fn get(&self, id: &TaskId) -> Option<&TaskRecord> {
        self.all.get(id).map(|it| &it.1)
    }

    pub fn get_mut(&mut self, id: &TaskId) -> Option<&mut TaskRecord> {
        self.all.get_mut(id).map(|it| &mut it.1)
    }

    pub fn take(&mut self, id: &TaskId) {
        let Some((number, task)) = self.all.remove(id) else { return };
        if let Some(of_service) = self.by_service.get_mut(&task.service) {
            of_service.remove(&(number, task.id));
            if of_service.is_empty() {
                self.by_service.remove(&task.service);
            }
        }
    }

    /// Returns all tasks by id.
    pub fn all(&self) -> impl Iterator<Item = &TaskRecord> {
        self.all.values().map(|it| &it.1)
    }

    /// Returns the tasks of a service, oldest first.
    pub fn of<'a>(&'a self, service: &ServiceId) -> impl Iterator<Item = &'a TaskRecord> + Clone {
        let ids = self.by_service.get(service).into_iter().flatten();
        ids.filter_map(|(_, id)| self.get(id))
    }
}
