//! What runs in a task: its `ContainerSpec`.

use crate::domain::swarm::objects::{Labels, filled, items, nanos, texts};
use serde_json::Value;
use std::time::Duration;

/// The container of a task template.
#[derive(Debug, Clone, Copy)]
pub struct ContainerSpec<'a>(pub &'a Value);

/// What looks after the container.
#[derive(Debug, Clone, Copy)]
pub struct Healthcheck<'a>(pub &'a Value);

/// A mount of a container.
#[derive(Debug, Clone, Copy)]
pub struct Mount<'a>(pub &'a Value);

/// A secret or config that a container gets.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a>(pub &'a Value);

impl<'a> ContainerSpec<'a> {
    pub fn labels(self) -> Labels<'a> {
        Labels(&self.0["Labels"])
    }

    pub fn image(self) -> Option<&'a str> {
        self.0["Image"].as_str()
    }

    pub fn healthcheck(self) -> Healthcheck<'a> {
        Healthcheck(&self.0["Healthcheck"])
    }

    pub fn mounts(self) -> impl Iterator<Item = Mount<'a>> + Clone {
        items(&self.0["Mounts"]).map(Mount)
    }

    pub fn secrets(self) -> impl Iterator<Item = Reference<'a>> {
        items(&self.0["Secrets"]).map(Reference)
    }

    pub fn configs(self) -> impl Iterator<Item = Reference<'a>> {
        items(&self.0["Configs"]).map(Reference)
    }

    /// Returns the id of the config with its credential spec.
    pub fn credential_config(self) -> Option<&'a str> {
        self.0["Privileges"]["CredentialSpec"]["Config"].as_str()
    }

    /// Lists the capabilities that it gets beyond the usual ones.
    pub fn capabilities(self) -> impl Iterator<Item = &'a str> {
        texts(&self.0["CapabilityAdd"])
    }

    /// Returns whether it spells `Healthcheck` as typed clients do.
    pub fn has_foreign_healthcheck(self) -> bool {
        self.0.get("HealthCheck").is_some()
    }
}

impl Healthcheck<'_> {
    /// Returns whether there is a check, and not one that is switched off.
    pub fn is_on(self) -> bool {
        self.0["Test"][0].as_str().is_some_and(|it| it != "NONE")
    }

    pub fn interval(self) -> Option<Duration> {
        nanos(&self.0["Interval"])
    }

    pub fn timeout(self) -> Option<Duration> {
        nanos(&self.0["Timeout"])
    }

    pub fn start_period(self) -> Option<Duration> {
        nanos(&self.0["StartPeriod"])
    }

    pub fn has_start_interval(self) -> bool {
        self.0["StartInterval"].is_number()
    }

    pub fn retries(self) -> Option<u64> {
        self.0["Retries"].as_u64().filter(|it| *it > 0)
    }
}

impl<'a> Mount<'a> {
    /// Returns its type: `bind`, `volume`, `tmpfs`, `cluster`, `npipe`.
    pub fn kind(self) -> Option<&'a str> {
        self.0["Type"].as_str()
    }

    pub fn is_volume(self) -> bool {
        self.kind() == Some("volume")
    }

    /// Returns the name of the volume, or the path on the node.
    pub fn source(self) -> Option<&'a str> {
        self.0["Source"].as_str()
    }

    /// Returns the path in the container.
    pub fn target(self) -> &'a str {
        self.0["Target"].as_str().unwrap_or_default()
    }

    /// Returns the labels that the engine gives a volume when it makes it.
    pub fn volume_labels(self) -> Labels<'a> {
        Labels(&self.0["VolumeOptions"]["Labels"])
    }

    /// Returns the driver of a volume, as it stands there.
    pub fn driver(self) -> Option<&'a str> {
        self.0["VolumeOptions"]["DriverConfig"]["Name"].as_str()
    }

    /// Returns an option for the driver of a volume.
    pub fn driver_option(self, name: &str) -> Option<&'a str> {
        self.0["VolumeOptions"]["DriverConfig"]["Options"][name].as_str()
    }

    pub fn has_subpath(self) -> bool {
        self.0["VolumeOptions"]["Subpath"].is_string()
    }
}

impl<'a> Reference<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.of_either("SecretID", "ConfigID")
    }

    pub fn name(self) -> Option<&'a str> {
        self.of_either("SecretName", "ConfigName")
    }

    /// Returns where it is in the container.
    pub fn file(self) -> Option<&'a str> {
        filled(&self.0["File"]["Name"])
    }

    fn of_either(self, secret: &str, config: &str) -> Option<&'a str> {
        self.0[secret].as_str().or(self.0[config].as_str())
    }
}
