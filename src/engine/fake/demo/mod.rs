//! The demo cluster, from its description in `assets/demo.toml`.

pub mod spec;

use crate::{
    domain::cluster::Update,
    engine::fake::{
        FakeEngine,
        swarm::{Swarm, image::Behaviour, random::Random, record::ServiceRecord},
        writing::payloads::Payload,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

const DESCRIPTION: &str = include_str!("../../../../assets/demo.toml");

/// How long the demo's swarm has moved before it is shown: enough for every
/// service to come up, and for those in trouble to show it.
const REHEARSAL: Duration = Duration::from_secs(150);

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
            let _ =
                swarm.create_network(&json!({ "Name": network, "Labels": self.stack_labels() }));
        }
        for (kind, names) in [(Payload::Secret, &self.secrets), (Payload::Config, &self.configs)] {
            for name in names {
                let body = json!({
                    "Name": name, "Labels": self.stack_labels(), "Data": "bm8gc2VjcmV0IGF0IGFsbA==",
                });
                // Several services share one; it is there already then.
                let _ = swarm.create_payload(kind, &body);
            }
        }
        let spec = self.spec(swarm);
        // A test sees that none is refused.
        let _ = swarm.create_service(&spec);
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

    /// Moves what the rehearsal did to the days when it is said to have happened.
    fn backdate(&self, swarm: &mut Swarm, now: Timestamp) {
        let (created, updated) = (now - age(&self.created), now - age(&self.updated));
        let mut random = Random::new(swarm.random.number());
        let Some(id) = swarm.service_named(&self.full_name()).map(|it| it.id.clone()) else {
            return;
        };
        if let Some(service) = swarm.services.get_mut(&id) {
            service.created = created;
            service.updated = updated;
            service.last_run = service.last_run.map(|_| updated);
            self.remember(service, updated);
        }
        let calm = self.behaviour.is_none() && updated < now - REHEARSAL;
        let tasks: Vec<_> = swarm.tasks.of(&id).filter(|_| calm).map(|it| it.id.clone()).collect();
        for task in tasks {
            let lag = random.millis(1_000, 40_000);
            let Some(task) = swarm.tasks.get_mut(&task) else { continue };
            let shift = task.created.duration_since(updated + lag);
            task.created -= shift;
            task.since -= shift;
            task.speaks = task.speaks.map(|it| it - shift);
            task.silent = task.silent.map(|it| it - shift);
        }
    }

    /// Gives a service the traces of its last update.
    fn remember(&self, service: &mut ServiceRecord, updated: Timestamp) {
        if self.created == self.updated || service.is_job() {
            return;
        }
        service.update = Some(Update {
            state: "completed".to_owned(),
            message: "update completed".to_owned(),
            started: Some(updated),
            completed: Some(updated + Duration::from_secs(48)),
        });
        let mut previous = service.spec.clone();
        if let Some(image) = &self.previous {
            previous["TaskTemplate"]["ContainerSpec"]["Image"] = json!(image);
        }
        service.previous = Some(previous);
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
fn age(text: &str) -> SignedDuration {
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
