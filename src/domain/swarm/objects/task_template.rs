//! What every task of a service is made from: its `TaskTemplate`.

use crate::domain::swarm::{
    cluster::Resources,
    constraint::Constraint,
    objects::{ContainerSpec, items, nanos, texts},
};
use serde_json::Value;
use std::time::Duration;

/// The template of a service, and the `Spec` of a task.
#[derive(Debug, Clone, Copy)]
pub struct TaskTemplate<'a>(pub &'a Value);

/// When ended tasks are started again.
#[derive(Debug, Clone, Copy)]
pub struct RestartPolicy<'a>(pub &'a Value);

/// How a service is attached to a network.
#[derive(Debug, Clone, Copy)]
pub struct Attachment<'a>(pub &'a Value);

/// A resource of another kind than processor time and memory.
#[derive(Debug, Clone, Copy)]
pub struct GenericResource<'a>(pub &'a Value);

impl<'a> TaskTemplate<'a> {
    pub fn is_there(self) -> bool {
        self.0.is_object()
    }

    pub fn container(self) -> ContainerSpec<'a> {
        ContainerSpec(&self.0["ContainerSpec"])
    }

    /// Returns the placement as the engine has it.
    pub fn placement(self) -> &'a Value {
        &self.0["Placement"]
    }

    /// Lists the constraints of its placement, as written.
    pub fn constraints(self) -> impl Iterator<Item = &'a str> + Clone {
        texts(&self.placement()["Constraints"])
    }

    /// Reads the constraints of its placement; one that makes no sense is the engine's to
    /// refuse.
    pub fn rules(self) -> Vec<Constraint> {
        self.constraints().filter_map(|it| Constraint::parse(it).ok()).collect()
    }

    /// Returns how many of its tasks a node takes, where that is limited.
    pub fn max_replicas_per_node(self) -> Option<u64> {
        self.placement()["MaxReplicas"].as_u64().filter(|it| *it > 0)
    }

    /// Lists what its image was made for: system and architecture.
    pub fn platforms(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let text = |it: &'a Value| it.as_str().unwrap_or_default();
        items(&self.placement()["Platforms"])
            .map(move |it| (text(&it["OS"]), text(&it["Architecture"])))
    }

    /// Returns what one task reserves.
    pub fn reserved(self) -> Resources {
        amounts(&self.0["Resources"]["Reservations"])
    }

    /// Returns what one task may use; 0 where there is no limit.
    pub fn limit(self) -> Resources {
        amounts(&self.0["Resources"]["Limits"])
    }

    /// Lists the other resources that one task reserves.
    pub fn reserved_generic(self) -> impl Iterator<Item = GenericResource<'a>> {
        items(&self.0["Resources"]["Reservations"]["GenericResources"]).map(GenericResource)
    }

    pub fn restart_policy(self) -> RestartPolicy<'a> {
        RestartPolicy(&self.0["RestartPolicy"])
    }

    /// Returns the driver of its logs, where it names one.
    pub fn log_driver(self) -> Option<&'a str> {
        self.0["LogDriver"]["Name"].as_str()
    }

    /// Returns how often somebody forced a restart.
    pub fn force_update(self) -> u64 {
        self.0["ForceUpdate"].as_u64().unwrap_or(0)
    }

    /// Lists its networks, by id or by name.
    pub fn networks(self) -> impl Iterator<Item = &'a str> + Clone {
        targets(&self.0["Networks"])
    }

    /// Returns how it is attached to its networks, as the engine has it.
    pub fn attachments(self) -> &'a Value {
        &self.0["Networks"]
    }
}

fn amounts(part: &Value) -> Resources {
    let amount = |key: &str| part[key].as_i64().unwrap_or(0);
    Resources { nano_cpus: amount("NanoCPUs"), memory: amount("MemoryBytes") }
}

/// Lists the networks of attachments, by id or by name.
pub fn targets(attachments: &Value) -> impl Iterator<Item = &str> + Clone {
    items(attachments).filter_map(|it| Attachment(it).target())
}

impl<'a> Attachment<'a> {
    /// Returns the network, by id or by name.
    pub fn target(self) -> Option<&'a str> {
        self.0["Target"].as_str()
    }
}

impl<'a> RestartPolicy<'a> {
    /// Returns which ends make it start again: `none`, `on-failure`, `any`.
    pub fn condition(self) -> Option<&'a str> {
        self.0["Condition"].as_str()
    }

    /// Returns how long it waits before it starts the next; nothing is the engine's default.
    pub fn delay(self) -> Option<Duration> {
        self.0["Delay"].as_u64().map(Duration::from_nanos)
    }

    /// Returns how long a task must run so that its end does not count as an attempt.
    pub fn window(self) -> Option<Duration> {
        nanos(&self.0["Window"])
    }

    pub fn max_attempts(self) -> Option<u64> {
        self.0["MaxAttempts"].as_u64()
    }
}

impl<'a> GenericResource<'a> {
    pub fn kind(self) -> Option<&'a str> {
        let specs = [&self.0["DiscreteResourceSpec"], &self.0["NamedResourceSpec"]];
        specs.into_iter().find_map(|it| it["Kind"].as_str())
    }

    /// Returns kind and number, where it is counted.
    pub fn counted(self) -> Option<(&'a str, i64)> {
        let spec = &self.0["DiscreteResourceSpec"];
        Some((spec["Kind"].as_str()?, spec["Value"].as_i64()?))
    }
}
