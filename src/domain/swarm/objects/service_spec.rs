//! What a service should be: its spec.

use crate::domain::swarm::{
    cluster::Mode,
    objects::{Labels, TaskTemplate, UpdateConfig, items, task_template::targets},
};
use serde_json::Value;

/// The spec of a service, as the engine has it or as it is sent.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSpec<'a>(pub &'a Value);

/// A port that a service publishes.
#[derive(Debug, Clone, Copy)]
pub struct PortConfig<'a>(pub &'a Value);

impl<'a> ServiceSpec<'a> {
    /// Returns whether there is one.
    pub fn is_there(self) -> bool {
        self.0.is_object()
    }

    pub fn name(self) -> Option<&'a str> {
        self.0["Name"].as_str()
    }

    pub fn labels(self) -> Labels<'a> {
        Labels(&self.0["Labels"])
    }

    pub fn template(self) -> TaskTemplate<'a> {
        TaskTemplate(&self.0["TaskTemplate"])
    }

    /// Returns the image as the spec has it, digest included.
    pub fn image(self) -> Option<&'a str> {
        self.template().container().image()
    }

    /// Returns its mode; nothing where it is of a kind that this version does not know.
    pub fn mode(self) -> Option<Mode> {
        let mode = |word: &str| Some(&self.0["Mode"][word]).filter(|it| !it.is_null());
        if let Some(replicated) = mode("Replicated") {
            return Some(Mode::Replicated {
                replicas: replicated["Replicas"].as_u64().unwrap_or(1),
            });
        }
        if let Some(job) = mode("ReplicatedJob") {
            let at_once = job["MaxConcurrent"].as_u64().unwrap_or(1);
            let total = job["TotalCompletions"].as_u64().unwrap_or(at_once);
            return Some(Mode::ReplicatedJob { at_once, total });
        }
        if mode("GlobalJob").is_some() {
            return Some(Mode::GlobalJob);
        }
        mode("Global").map(|_| Mode::Global)
    }

    /// Returns the engine's word for its mode, also where this version does not know it.
    pub fn mode_word(self) -> Option<&'a str> {
        self.mode_words().next()
    }

    /// Lists the engine's words for its modes; specs that make sense have one.
    pub fn mode_words(self) -> impl Iterator<Item = &'a str> {
        let modes = self.0["Mode"].as_object().into_iter().flatten();
        modes.filter(|it| !it.1.is_null()).map(|it| it.0.as_str())
    }

    /// Returns how many replicas it asks for; 1 where it does not say, as the engine takes it.
    pub fn replicas(self) -> u64 {
        match self.mode() {
            Some(Mode::Replicated { replicas }) => replicas,
            _ => 1,
        }
    }

    pub fn is_job(self) -> bool {
        matches!(self.mode(), Some(Mode::ReplicatedJob { .. } | Mode::GlobalJob))
    }

    pub fn update_config(self) -> UpdateConfig<'a> {
        UpdateConfig(&self.0["UpdateConfig"])
    }

    /// Returns how the engine goes back where an update fails.
    pub fn rollback_config(self) -> UpdateConfig<'a> {
        UpdateConfig(&self.0["RollbackConfig"])
    }

    /// Returns how others reach it, as the engine has it.
    pub fn endpoint(self) -> &'a Value {
        &self.0["EndpointSpec"]
    }

    /// Returns whether it has an address of its own, and not those of its tasks only.
    pub fn has_virtual_ip(self) -> bool {
        self.endpoint()["Mode"] != "dnsrr"
    }

    pub fn ports(self) -> impl Iterator<Item = PortConfig<'a>> {
        items(&self.endpoint()["Ports"]).map(PortConfig)
    }

    /// Lists its networks, by id or by name. Clients of API 1.28 and older attach them beside
    /// the template.
    pub fn networks(self) -> impl Iterator<Item = &'a str> {
        self.template().networks().chain(targets(&self.0["Networks"]))
    }
}

impl<'a> PortConfig<'a> {
    /// Returns the port that is published; nothing where the engine chooses one.
    pub fn published(self) -> Option<u64> {
        self.0["PublishedPort"].as_u64().filter(|it| *it > 0)
    }

    /// Returns the port of the container.
    pub fn target(self) -> u64 {
        self.0["TargetPort"].as_u64().unwrap_or(0)
    }

    pub fn protocol(self) -> &'a str {
        self.0["Protocol"].as_str().unwrap_or("tcp")
    }

    /// Returns where it is published: `ingress`, or `host`.
    pub fn publish_mode(self) -> &'a str {
        self.0["PublishMode"].as_str().unwrap_or("ingress")
    }

    /// Returns whether it is published on the nodes of its tasks only.
    pub fn is_host(self) -> bool {
        self.publish_mode() == "host"
    }
}
