//! The demo cluster, from its description in `assets/demo.toml`.

pub mod past;
pub mod spec;

use crate::engine::fake::{
    handle::FakeEngine,
    swarm::{Swarm, image::Behaviour},
    writing::payloads::Payload,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const DESCRIPTION: &str = include_str!("../../../../assets/demo.toml");

/// How long the demo's swarm has moved before it is shown: enough for every
/// service to come up, and for those in trouble to show it.
pub const REHEARSAL: Duration = Duration::from_secs(150);

/// How long the update under way has been under way.
const SINCE_UPDATE: Duration = Duration::from_secs(20);

/// The age of the oldest things.
const MONTHS: Duration = Duration::from_secs(320 * 86_400);

impl FakeEngine {
    /// Makes the swarm of `--demo`, which has been up for months at `now`; the
    /// same seed tells the same story.
    pub fn demo(seed: u64, now: Timestamp) -> Self {
        // A test reads the description, which is part of the program.
        let demo: Demo = toml::from_str(DESCRIPTION).unwrap_or_default();
        let mut swarm = Swarm::new(seed, now - REHEARSAL);
        swarm.index = 51_000;
        for node in &demo.node {
            node.add_to(&mut swarm);
        }
        for image in &demo.image {
            if let Some(behaviour) = Behaviour::from_word(&image.behaviour) {
                swarm.images.script(&image.name, behaviour);
            }
        }
        for service in &demo.service {
            service.add_to(&mut swarm);
        }
        swarm.advance(now - SINCE_UPDATE);
        for service in &demo.service {
            service.backdate(&mut swarm, now);
        }
        for service in &demo.service {
            service.update(&mut swarm);
        }
        swarm.advance(now);
        Self::of(swarm)
    }
}

impl DemoNode {
    fn add_to(&self, swarm: &mut Swarm) {
        let id = swarm.add_node(&self.hostname, self.manager, self.cores, self.memory_gib << 30);
        let Some(node) = swarm.nodes.get_mut(&id) else { return };
        node.created = swarm.created - MONTHS;
        node.updated = node.created;
        node.spec["Labels"] = json!(self.labels);
        if let Some(availability) = &self.availability {
            node.spec["Availability"] = json!(availability);
        }
    }
}

impl DemoService {
    pub fn full_name(&self) -> String {
        self.stack.as_ref().map_or_else(|| self.name.clone(), |it| format!("{it}_{}", self.name))
    }

    fn add_to(&self, swarm: &mut Swarm) {
        if let Some(behaviour) = self.behaviour.as_deref().and_then(Behaviour::from_word) {
            swarm.images.script(&self.image, behaviour);
        }
        for network in self.network_names() {
            let body = json!({ "Name": network, "Labels": self.stack_labels() });
            // Another service may have brought it; the same holds below.
            let _ = swarm.create_network(&body);
        }
        for name in &self.secrets {
            let _ = swarm.create_payload(Payload::Secret, &self.payload(name));
        }
        for name in &self.configs {
            let _ = swarm.create_payload(Payload::Config, &self.payload(name));
        }
        let spec = self.spec(swarm);
        // A test sees that none is refused.
        let _ = swarm.create_service(&spec);
    }

    fn payload(&self, name: &str) -> Value {
        json!({ "Name": name, "Labels": self.stack_labels(), "Data": "bm8gc2VjcmV0IGF0IGFsbA==" })
    }

    /// Starts the update that is to be under way.
    fn update(&self, swarm: &mut Swarm) {
        let (Some(image), Some(service)) =
            (&self.updating_to, swarm.service_named(&self.full_name()))
        else {
            return;
        };
        let (id, version, mut spec) = (service.id.clone(), service.version, service.spec.clone());
        spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(image);
        let _ = swarm.update_service(&id, version, &spec);
    }
}

/// Returns how many services the description has.
#[cfg(test)]
pub fn described() -> Result<usize, toml::de::Error> {
    toml::from_str::<Demo>(DESCRIPTION).map(|it| it.service.len())
}

/// Reads a time as `10s`, in nanoseconds.
pub fn nanos(text: &str) -> u64 {
    u64::try_from(age(text).as_nanos()).unwrap_or(0)
}

/// Reads an age as `3d`, `40m`, `5s`.
pub fn age(text: &str) -> SignedDuration {
    let days = text.strip_suffix('d').and_then(|it| it.parse().ok());
    days.map_or_else(
        || text.parse().unwrap_or_default(),
        |it: i64| SignedDuration::from_hours(24 * it),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    node: Vec<DemoNode>,
    service: Vec<DemoService>,
    image: Vec<DemoImage>,
}

/// An image of no service yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoImage {
    name: String,
    behaviour: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoNode {
    hostname: String,
    #[serde(default)]
    manager: bool,
    cores: i64,
    memory_gib: i64,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    availability: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoService {
    pub stack: Option<String>,
    pub name: String,
    pub image: String,
    #[serde(default)]
    pub replicas: u64,
    #[serde(default)]
    pub global: bool,
    pub job: Option<u64>,
    pub at_once: Option<u64>,
    #[serde(default)]
    pub ports: Vec<String>,
    #[serde(default)]
    pub host_ports: Vec<String>,
    pub memory_mib: Option<i64>,
    pub cpu_milli: Option<i64>,
    pub health: Option<String>,
    #[serde(default)]
    pub secrets: Vec<String>,
    #[serde(default)]
    pub configs: Vec<String>,
    #[serde(default)]
    pub networks: Vec<String>,
    #[serde(default)]
    pub constraints: Vec<String>,
    #[serde(default)]
    pub volumes: Vec<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    pub update: Option<DemoUpdate>,
    pub created: String,
    pub updated: String,
    pub behaviour: Option<String>,
    /// The image before the last update.
    pub previous: Option<String>,
    /// How the last update ended, if not well.
    pub ended: Option<String>,
    /// The image of an update that is under way.
    pub updating_to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoUpdate {
    #[serde(default)]
    pub order: String,
    #[serde(default)]
    pub failure: String,
    pub delay: Option<String>,
    pub monitor: Option<String>,
}
