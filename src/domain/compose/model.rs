//! The stack model: a stack as its files describe it, without defaults.
//!
//! Empty texts and lists mean the same as absent ones to an engine, so they
//! are not told apart. `Option` marks what an engine does tell apart, or what
//! merging of files does.

use crate::domain::compose::{
    place::{At, Place},
    schema::FileVersion,
    yaml::YamlNode,
};
use std::collections::BTreeMap;

pub type Text = At<String>;
pub type Labels = BTreeMap<String, Text>;

/// What all files together ask for. Keys are the names in the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub version: FileVersion,
    pub services: BTreeMap<String, ComposeService>,
    pub networks: BTreeMap<String, Network>,
    pub volumes: BTreeMap<String, Volume>,
    pub secrets: BTreeMap<String, FileObject>,
    pub configs: BTreeMap<String, FileObject>,
    /// `x-…` at the top of the first file.
    pub extensions: BTreeMap<String, YamlNode>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComposeService {
    /// Where its name stands.
    pub place: Place,
    pub image: Text,
    pub command: Vec<Text>,
    pub entrypoint: Vec<Text>,
    /// What of `environment` comes from files, already read.
    pub env_files: Vec<Text>,
    /// Sorted by name; `None` is a bare name.
    pub environment: BTreeMap<String, At<Option<String>>>,
    pub labels: Labels,
    pub hostname: Text,
    pub user: Text,
    pub working_dir: Text,
    pub stop_signal: Text,
    pub isolation: Text,
    pub tty: bool,
    pub stdin_open: bool,
    pub read_only: bool,
    pub init: Option<At<bool>>,
    /// Nanoseconds.
    pub stop_grace_period: Option<At<i64>>,
    pub cap_add: Vec<Text>,
    pub cap_drop: Vec<Text>,
    pub sysctls: Labels,
    pub ulimits: BTreeMap<String, At<Ulimit>>,
    /// As `host:address`.
    pub extra_hosts: Vec<Text>,
    pub dns: Option<Vec<Text>>,
    pub dns_search: Option<Vec<Text>>,
    pub healthcheck: Option<At<Healthcheck>>,
    pub logging: Option<At<Logging>>,
    pub credential_spec: CredentialSpec,
    pub networks: BTreeMap<String, At<Option<Attachment>>>,
    pub ports: Option<Vec<At<Port>>>,
    pub volumes: Option<Vec<At<Mount>>>,
    pub secrets: Option<Vec<At<FileReference>>>,
    pub configs: Option<Vec<At<FileReference>>>,
    /// Without effect in a swarm; orders the steps of a deployment.
    pub depends_on: Vec<Text>,
    pub restart: Text,
    pub deploy: Deploy,
    /// `x-…`.
    pub extensions: BTreeMap<String, YamlNode>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deploy {
    pub mode: Text,
    pub endpoint_mode: Text,
    pub replicas: Option<At<u64>>,
    pub labels: Labels,
    pub update_config: Option<At<UpdateConfig>>,
    pub rollback_config: Option<At<UpdateConfig>>,
    pub limits: Option<At<ResourceLimits>>,
    pub reservations: Option<At<Reservations>>,
    pub restart_policy: Option<At<RestartPolicy>>,
    pub constraints: Vec<Text>,
    /// What to spread over.
    pub preferences: Vec<Text>,
    /// 0 is not a limit.
    pub max_replicas_per_node: At<u64>,
}

/// How to replace tasks. Durations in nanoseconds, 0 for the engine's default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateConfig {
    pub parallelism: Option<At<u64>>,
    pub delay: At<i64>,
    pub failure_action: Text,
    pub monitor: At<i64>,
    pub max_failure_ratio: At<f32>,
    pub order: Text,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourceLimits {
    /// As written, a fraction.
    pub cpus: Text,
    /// Bytes.
    pub memory: At<i64>,
    pub pids: At<i64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reservations {
    /// As written, a fraction.
    pub cpus: Text,
    /// Bytes.
    pub memory: At<i64>,
    pub generic_resources: Vec<At<GenericResource>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenericResource {
    pub kind: String,
    pub value: i64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct RestartPolicy {
    pub condition: Text,
    /// Nanoseconds.
    pub delay: Option<At<i64>>,
    pub max_attempts: Option<At<u64>>,
    /// Nanoseconds.
    pub window: Option<At<i64>>,
}

/// Durations in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Healthcheck {
    pub test: Vec<Text>,
    pub interval: Option<At<i64>>,
    pub timeout: Option<At<i64>>,
    pub start_period: Option<At<i64>>,
    pub start_interval: Option<At<i64>>,
    pub retries: Option<At<u64>>,
    pub disable: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logging {
    pub driver: Text,
    pub options: Option<Labels>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CredentialSpec {
    pub config: Text,
    pub file: Text,
    pub registry: Text,
}

/// How a service takes part in a network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attachment {
    pub aliases: Vec<Text>,
    pub driver_opts: Option<Labels>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ulimit {
    pub soft: i64,
    pub hard: i64,
}

/// A port; empty and 0 are left to the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Port {
    pub mode: String,
    pub target: u32,
    pub published: u32,
    pub protocol: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount {
    /// As written: `volume` (or empty), `bind`, `tmpfs`, `npipe`, `cluster`, `image`.
    pub kind: String,
    pub source: String,
    pub target: String,
    pub read_only: bool,
    pub consistency: String,
    /// Propagation, possibly empty.
    pub bind: Option<String>,
    /// Whether nothing is copied from the image.
    pub volume: Option<VolumeOptions>,
    /// Bytes.
    pub tmpfs: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VolumeOptions {
    pub nocopy: bool,
    pub subpath: String,
}

/// A secret or config as a file in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReference {
    pub source: String,
    pub target: String,
    pub uid: String,
    pub gid: String,
    pub mode: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    pub place: Place,
    /// The engine's name for it, where the file gives one or it is external.
    pub name: Text,
    pub external: bool,
    pub driver: Text,
    pub driver_opts: Option<Labels>,
    pub ipam_driver: Text,
    /// The subnets.
    pub pools: Vec<Text>,
    pub internal: bool,
    pub attachable: bool,
    /// Several stacks are in it: services have no short names there, which would be
    /// those of others too. No file says so.
    pub shared: bool,
    pub labels: Labels,
    pub extensions: BTreeMap<String, YamlNode>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Volume {
    pub place: Place,
    /// The engine's name for it, where the file gives one or it is external.
    pub name: Text,
    pub external: bool,
    pub driver: Text,
    pub driver_opts: Option<Labels>,
    pub labels: Labels,
    pub extensions: BTreeMap<String, YamlNode>,
}

/// A secret or a config.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileObject {
    pub place: Place,
    /// The engine's name for it, where the file gives one or it is external.
    pub name: Text,
    pub external: bool,
    /// Absolute path of the content; empty for external ones and those of a driver.
    pub file: Text,
    pub labels: Labels,
    pub driver: Text,
    pub driver_opts: Option<Labels>,
    pub template_driver: Text,
    pub extensions: BTreeMap<String, YamlNode>,
}
