//! What is known around a task that is not well.

use crate::domain::{
    health::exit::crowd,
    swarm::{
        cluster::{Node, Service, Task},
        objects::{GenericResource, TaskTemplate},
    },
};

/// What is known around a task.
#[derive(Debug, Clone, Default)]
pub struct Around<'a> {
    pub nodes: &'a [Node],
    /// What it may use of memory, in bytes; 0 where there is no limit.
    pub memory_limit: i64,
    /// It has a health check that the spec knows of: who fails that is told to end.
    pub checked: bool,
    /// Kinds of generic resources that it reserves.
    pub generic: Vec<&'a str>,
    /// Which nodes may run it.
    pub constraints: Vec<&'a str>,
    /// Its service, all others and their tasks, as far as they are known.
    pub service: Option<&'a Service>,
    pub services: &'a [Service],
    pub tasks: &'a [Task],
    /// The networks of its service, where they were read.
    pub networks: Vec<&'a crowd::Network>,
}

impl<'a> Around<'a> {
    pub fn of(service: &'a Service, nodes: &'a [Node], networks: &'a [crowd::Network]) -> Self {
        Self {
            nodes,
            memory_limit: service.memory_limit,
            checked: service.restart.checked,
            generic: service.generic.iter().map(String::as_str).collect(),
            constraints: service.constraints.iter().map(String::as_str).collect(),
            service: Some(service),
            services: &[],
            tasks: &[],
            networks: networks.iter().filter(|it| it.is_of(&service.networks)).collect(),
        }
    }

    /// Reads it from the template that the task is made from.
    pub fn of_template(template: TaskTemplate<'a>, nodes: &'a [Node]) -> Self {
        Self {
            nodes,
            memory_limit: template.limit().memory,
            checked: template.container().healthcheck().is_on(),
            generic: template.reserved_generic().filter_map(GenericResource::kind).collect(),
            constraints: template.constraints().collect(),
            ..Self::default()
        }
    }
}
