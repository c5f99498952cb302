//! What is known around a task that is not well.

use crate::domain::{
    cluster::{Node, Service, Task},
    exit::crowd,
};
use serde_json::Value;

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
    pub fn of_template(template: &'a Value, nodes: &'a [Node]) -> Self {
        let resources = &template["Resources"];
        let test = &template["ContainerSpec"]["Healthcheck"]["Test"];
        let reserved = resources["Reservations"]["GenericResources"].as_array();
        let rules = template["Placement"]["Constraints"].as_array();
        let kind = |it: &'a Value| {
            let specs = [&it["DiscreteResourceSpec"], &it["NamedResourceSpec"]];
            specs.into_iter().find_map(|it| it["Kind"].as_str())
        };
        Self {
            nodes,
            memory_limit: resources["Limits"]["MemoryBytes"].as_i64().unwrap_or_default(),
            checked: test[0].as_str().is_some_and(|it| it != "NONE"),
            generic: reserved.into_iter().flatten().filter_map(kind).collect(),
            constraints: rules.into_iter().flatten().filter_map(Value::as_str).collect(),
            ..Self::default()
        }
    }
}
