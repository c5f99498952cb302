//! Secrets and configs: what may be created, changed and removed.

use crate::{
    domain::swarm::{
        change::Applied,
        objects::{PayloadObject, PayloadSpec, Reference, ServiceSpec},
    },
    engine::fake::{
        swarm::{
            Swarm,
            objects::{Objects, name_of},
        },
        writing::refusal::Refusal,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Secrets and configs, which follow the same rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    Secret,
    Config,
}

impl Payload {
    fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Config => "config",
        }
    }

    /// Size that data must stay below, in bytes (engine 20.10).
    fn limit(self) -> usize {
        match self {
            Self::Secret => 512_000,
            Self::Config => 1_024_000,
        }
    }
}

impl Swarm {
    pub fn create_payload(&mut self, kind: Payload, body: &Value) -> Result<Applied, Refusal> {
        let word = kind.word();
        let asked = PayloadSpec(body);
        let name = asked.name().unwrap_or_default().to_owned();
        if !is_payload_name(&name) {
            return Err(Refusal::invalid(
                "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]",
            ));
        }
        let size = decoded_size(asked.data().unwrap_or_default());
        if !asked.is_driven() && (size == 0 || size >= kind.limit()) {
            let limit = kind.limit();
            return Err(Refusal::invalid(format!(
                "{word} data must be larger than 0 and less than {limit} bytes"
            )));
        }
        if self.payloads(kind).find(&name).is_some() {
            return Err(Refusal::Conflict(format!("{word} {name} already exists")));
        }
        let mut spec = body.clone();
        let hidden = match (kind, spec.as_object_mut()) {
            (Payload::Secret, Some(spec)) => spec.remove("Data"),
            _ => None,
        };
        if !spec["Labels"].is_object() {
            spec["Labels"] = json!({});
        }
        let (id, version, now) = (self.random.id(), self.bump(), self.now);
        let object = json!({
            "ID": id, "Version": { "Index": version }, "CreatedAt": now, "UpdatedAt": now, "Spec": spec,
        });
        self.payloads_mut(kind).put(&id, object);
        self.hidden.extend(hidden.map(|it| (id.clone(), it)));
        self.tell(word, "create", &id, &name, BTreeMap::new());
        Ok(Applied { id: Some(id), warnings: Vec::new() })
    }

    /// Changes labels; nothing else of a secret or config can be changed.
    pub fn update_payload(
        &mut self,
        kind: Payload,
        id: &str,
        version: u64,
        body: &Value,
    ) -> Result<Applied, Refusal> {
        let word = kind.word();
        let Some(old) = self.payloads(kind).get(id).cloned() else {
            return Err(Refusal::NotFound(None));
        };
        let (before, asked) = (PayloadObject(&old), PayloadSpec(body));
        let name = name_of(&old).to_owned();
        if before.version() != Some(version) {
            return Err(Refusal::OutOfSequence);
        }
        let held = self.hidden.get(id).map_or_else(|| before.spec().data(), Value::as_str);
        let data = asked.data().filter(|it| !it.is_empty());
        let same_data = data.is_none_or(|it| held == Some(it));
        if asked.name() != Some(&name) || !same_data {
            return Err(Refusal::invalid("only updates to Labels are allowed"));
        }
        let mut new = old;
        new["Spec"]["Labels"] = body.get("Labels").cloned().unwrap_or_else(|| json!({}));
        new["Version"]["Index"] = json!(self.bump());
        new["UpdatedAt"] = json!(self.now);
        self.payloads_mut(kind).put(id, new);
        self.tell(word, "update", id, &name, BTreeMap::new());
        Ok(Applied::default())
    }

    pub fn remove_payload(&mut self, kind: Payload, id: &str) -> Result<Applied, Refusal> {
        let word = kind.word();
        let Some((id, object)) = self.payloads(kind).find(id) else {
            return Err(Refusal::NotFound(None));
        };
        let (id, name) = (id.clone(), name_of(object).to_owned());
        let users = self.users_of(kind, &id);
        if !users.is_empty() {
            let services = if users.len() == 1 { "service" } else { "services" };
            return Err(Refusal::Conflict(format!(
                "{word} '{name}' is in use by the following {services}: {}",
                users.join(", ")
            )));
        }
        self.payloads_mut(kind).take(&id);
        self.tell(word, "remove", &id, &name, BTreeMap::new());
        Ok(Applied::default())
    }

    pub fn payloads(&self, kind: Payload) -> &Objects {
        match kind {
            Payload::Secret => &self.secrets,
            Payload::Config => &self.configs,
        }
    }

    fn payloads_mut(&mut self, kind: Payload) -> &mut Objects {
        match kind {
            Payload::Secret => &mut self.secrets,
            Payload::Config => &mut self.configs,
        }
    }

    fn users_of(&self, kind: Payload, id: &str) -> Vec<String> {
        let is_it = |it: Reference<'_>| it.id() == Some(id);
        let refers = |spec: &Value| {
            let container = ServiceSpec(spec).template().container();
            match kind {
                Payload::Secret => container.secrets().any(is_it),
                Payload::Config => container.configs().any(is_it),
            }
        };
        let users = self.services.values().filter(|it| refers(&it.spec));
        users.map(|it| it.name().to_owned()).collect()
    }
}

fn is_payload_name(name: &str) -> bool {
    let inside = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let edge = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    name.len() <= 64
        && name.chars().all(inside)
        && edge(name.chars().next())
        && edge(name.chars().next_back())
}

/// Returns how many bytes a text in base64 stands for.
fn decoded_size(base64: &str) -> usize {
    let digits = base64.trim_end_matches('=').len();
    digits * 3 / 4
}
