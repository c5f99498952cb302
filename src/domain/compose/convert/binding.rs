//! Reference binding: fills in the ids of secrets and configs before sending.

use crate::domain::{compose::convert::desired::Desired, swarm::raw};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The ids that names have in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    pub secrets: BTreeMap<String, String>,
    pub configs: BTreeMap<String, String>,
}

/// A secret or config that a service uses and the cluster does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("service `{service}`: {kind} not found: {name}")]
pub struct Missing {
    pub service: String,
    /// `secret` or `config`.
    pub kind: &'static str,
    pub name: String,
}

/// Puts ids into the specs of all services, or says which are missing.
pub fn bind(desired: &mut Desired, ids: &Ids) -> Result<(), Vec<Missing>> {
    let bound = desired.services.iter_mut().map(|it| bind_spec(&it.key, &mut it.spec, ids));
    let missing: Vec<Missing> = bound.filter_map(Result::err).flatten().collect();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Puts ids into one spec; `service` is what the missing are told of.
pub fn bind_spec(service: &str, spec: &mut Value, ids: &Ids) -> Result<(), Vec<Missing>> {
    let mut missing = Vec::new();
    for (kind, ids) in [("secret", &ids.secrets), ("config", &ids.configs)] {
        let unknown = fill(spec, kind, ids);
        let service = || service.to_owned();
        missing.extend(unknown.into_iter().map(|name| Missing { service: service(), kind, name }));
    }
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Where a spec names the config that is its credential spec.
const CREDENTIAL: &[&str] =
    &["TaskTemplate", "ContainerSpec", "Privileges", "CredentialSpec", "Config"];

/// Returns the names that have no id.
fn fill(spec: &mut Value, kind: &str, ids: &BTreeMap<String, String>) -> Vec<String> {
    let (list, id_field, name_field) = match kind {
        "secret" => ("Secrets", "SecretID", "SecretName"),
        _ => ("Configs", "ConfigID", "ConfigName"),
    };
    let mut unknown = Vec::new();
    let mut credential = None;
    for reference in raw::items(spec, &format!("/TaskTemplate/ContainerSpec/{list}")) {
        let name = reference[name_field].as_str().unwrap_or_default().to_owned();
        let Some(id) = ids.get(&name) else {
            unknown.push(name);
            continue;
        };
        raw::set(reference, &[id_field], json!(id));
        if reference.get("Runtime").is_some() {
            credential = Some(id);
        }
    }
    if let Some(id) = credential {
        raw::set(spec, CREDENTIAL, json!(id));
    }
    unknown
}
