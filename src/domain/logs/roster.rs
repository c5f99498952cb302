//! Log sources: the tasks of a log, with their services and nodes.

use crate::domain::{
    logs::LogLine,
    swarm::{
        cluster::{Node, Service, Task},
        names::{NodeId, ServiceId, TaskId},
    },
    text::escape,
};
use std::sync::Arc;

/// The tasks of a log at one moment, with what is needed to name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub services: Arc<[Service]>,
    pub nodes: Arc<[Node]>,
    /// By id.
    pub tasks: Vec<Task>,
    /// Whether services go by their full name, `shop_web`, or by that within their stack.
    pub full_names: bool,
}

impl Roster {
    pub fn task(&self, id: &TaskId) -> Option<&Task> {
        let at = self.tasks.binary_search_by(|it| it.id.cmp(id)).ok()?;
        self.tasks.get(at)
    }

    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.iter().find(|it| it.id == *id)
    }

    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|it| it.id == *id)
    }

    /// Returns the host name of a node, or its short id where nobody knows it.
    pub fn host<'a>(&'a self, id: Option<&'a NodeId>) -> &'a str {
        let Some(id) = id else { return "–" };
        self.node(id).map_or(id.short(), |it| &it.hostname)
    }

    /// Returns the name of a service, or its short id where nobody knows it.
    pub fn service_name<'a>(&'a self, id: Option<&'a ServiceId>) -> &'a str {
        let Some(id) = id else { return "?" };
        let name = |it: &'a Service| if self.full_names { &*it.name } else { it.short_name() };
        self.service(id).map_or(id.short(), name)
    }

    /// Returns the name of a task without its node: `web.2`; of global services and of
    /// jobs, whose tasks have no number, `web`.
    pub fn task_name(&self, task: &Task) -> String {
        let service = self.service_name(task.service.as_ref());
        if task.slot == 0 { service.to_owned() } else { format!("{service}.{}", task.slot) }
    }

    /// Returns who wrote a line, as `web.2@node1`.
    pub fn origin(&self, line: &LogLine) -> String {
        self.name_of(line.task.as_ref(), line.service.as_ref(), line.node.as_ref())
    }

    /// Returns who writes under these ids, as far as anybody knows them.
    pub fn name_of(
        &self,
        task: Option<&TaskId>,
        service: Option<&ServiceId>,
        node: Option<&NodeId>,
    ) -> String {
        let task = task.and_then(|it| self.task(it));
        let node = node.or(task.and_then(|it| it.node.as_ref()));
        let name =
            task.map_or_else(|| self.service_name(service).to_owned(), |it| self.task_name(it));
        escape::shown(&format!("{name}@{}", self.host(node))).into_owned()
    }

    /// Returns a task with its node, as `web.2@node1`.
    pub fn full_task_name(&self, task: &Task) -> String {
        let name = format!("{}@{}", self.task_name(task), self.host(task.node.as_ref()));
        escape::shown(&name).into_owned()
    }

    /// Returns the task that had the place of this one before: its slot, or its node
    /// where a service is global.
    pub fn predecessor(&self, task: &Task) -> Option<&Task> {
        let same_place = |it: &&Task| {
            it.service == task.service
                && it.slot == task.slot
                && (task.slot > 0 || it.node == task.node)
                && it.created < task.created
        };
        self.tasks.iter().filter(same_place).max_by_key(|it| it.created)
    }
}
