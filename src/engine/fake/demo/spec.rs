//! The specs of the demo's services, as a stack deploy would send them.

use crate::{
    domain::swarm::names::STACK_LABEL,
    engine::fake::{
        demo::{DemoService, nanos},
        swarm::{Swarm, image::digest_of, objects::Objects},
    },
};
use serde_json::{Map, Value, json};

impl DemoService {
    pub fn spec(&self, swarm: &Swarm) -> Value {
        let mut labels = self.labels.clone();
        if self.stack.is_some() {
            labels.insert("com.docker.stack.image".to_owned(), self.image.clone());
        }
        let mut labels = json!(labels);
        if let Some(stack) = &self.stack {
            labels[STACK_LABEL] = json!(stack);
        }
        let mut spec = json!({
            "Name": self.full_name(), "Labels": labels, "TaskTemplate": self.template(swarm),
            "Mode": self.mode(), "EndpointSpec": self.endpoint(),
        });
        if let Some(update) = &self.update {
            spec["UpdateConfig"] = json!({
                "Parallelism": 1,
                "Delay": update.delay.as_deref().map_or(0, nanos),
                "Monitor": update.monitor.as_deref().map_or(0, nanos),
                "FailureAction": update.failure,
                "Order": update.order,
            });
        }
        spec
    }

    /// Returns the names of the networks the service is attached to.
    pub fn network_names(&self) -> Vec<String> {
        let Some(stack) = &self.stack else { return Vec::new() };
        let full = |it: &String| {
            if it == "default" { format!("{stack}_default") } else { it.clone() }
        };
        if self.networks.is_empty() {
            return vec![format!("{stack}_default")];
        }
        self.networks.iter().map(full).collect()
    }

    pub fn stack_labels(&self) -> Value {
        self.stack.as_ref().map_or_else(|| json!({}), |it| json!({ STACK_LABEL: it }))
    }

    fn template(&self, swarm: &Swarm) -> Value {
        let mut template = json!({
            "ContainerSpec": self.container(swarm), "Resources": {}, "Placement": {},
        });
        if !self.constraints.is_empty() {
            template["Placement"]["Constraints"] = json!(self.constraints);
        }
        if let Some(memory) = self.memory_mib {
            let mut reserved = json!({ "MemoryBytes": memory << 20 });
            if let Some(milli) = self.cpu_milli {
                reserved["NanoCPUs"] = json!(milli * 1_000_000);
            }
            template["Resources"] =
                json!({ "Limits": { "MemoryBytes": memory << 21 }, "Reservations": reserved });
        }
        let networks: Vec<_> = self
            .network_names()
            .into_iter()
            .map(|it| json!({ "Target": it, "Aliases": [self.name] }))
            .collect();
        if !networks.is_empty() {
            template["Networks"] = json!(networks);
        }
        template
    }

    fn container(&self, swarm: &Swarm) -> Value {
        let image = &self.image;
        let mut container = json!({
            "Image": format!("{image}@{}", digest_of(image)),
            "Labels": self.stack_labels(),
            "Privileges": {},
        });
        if let Some(interval) = &self.health {
            container["Healthcheck"] = json!({
                "Test": ["CMD-SHELL", "wget -qO- localhost:8080/health"],
                "Interval": nanos(interval), "Timeout": 1_000_000_000, "Retries": 3,
            });
        }
        let mounts: Vec<_> = self.volumes.iter().filter_map(|it| self.mount(it)).collect();
        if !mounts.is_empty() {
            container["Mounts"] = json!(mounts);
        }
        for (list, word, names, objects) in [
            ("Secrets", "Secret", &self.secrets, &swarm.secrets),
            ("Configs", "Config", &self.configs, &swarm.configs),
        ] {
            let references = references(word, names, objects);
            if !references.is_empty() {
                container[list] = json!(references);
            }
        }
        container
    }

    fn mount(&self, volume: &str) -> Option<Value> {
        let (source, target) = volume.split_once(':')?;
        let stack = self.stack.as_deref()?;
        Some(json!({
            "Type": "volume", "Source": format!("{stack}_{source}"), "Target": target,
            "VolumeOptions": { "Labels": self.stack_labels() },
        }))
    }

    fn mode(&self) -> Value {
        match (self.global, self.job) {
            (true, _) => json!({ "Global": {} }),
            (_, Some(total)) => json!({ "ReplicatedJob": {
                "MaxConcurrent": self.at_once.unwrap_or(1), "TotalCompletions": total,
            } }),
            _ => json!({ "Replicated": { "Replicas": self.replicas } }),
        }
    }

    fn endpoint(&self) -> Value {
        let port = |text: &String, mode: &str| {
            let (published, target) = text.split_once(':')?;
            Some(json!({
                "Protocol": "tcp", "TargetPort": target.parse::<u16>().ok()?,
                "PublishedPort": published.parse::<u16>().ok()?, "PublishMode": mode,
            }))
        };
        let ingress = self.ports.iter().filter_map(|it| port(it, "ingress"));
        let host = self.host_ports.iter().filter_map(|it| port(it, "host"));
        let ports: Vec<_> = ingress.chain(host).collect();
        if ports.is_empty() {
            return json!({});
        }
        json!({ "Ports": ports })
    }
}

fn references(word: &str, names: &[String], objects: &Objects) -> Vec<Value> {
    let reference = |name: &String| {
        let (id, _) = objects.find(name)?;
        let mut reference = Map::new();
        let file = json!({ "Name": name, "UID": "0", "GID": "0", "Mode": 0o444 });
        reference.insert("File".to_owned(), file);
        reference.insert(format!("{word}ID"), json!(id));
        reference.insert(format!("{word}Name"), json!(name));
        Some(Value::Object(reference))
    };
    names.iter().filter_map(reference).collect()
}
