//! Policies: defaults and maximums of a project or environment for its stacks.
//!
//! Nothing is added without a policy, and what a file says is never changed: a
//! policy fills in what the file leaves open, and refuses what exceeds its bounds.
//! What it adds depends on names only, so two deployments of the same source are
//! the same.

mod pattern;
mod keys;
mod apply;

pub use apply::{Added, Layer, Outcome, SharedNetwork, apply, stack_name};
pub use keys::{KEYS, PolicyKey};
pub use pattern::{Naming, WORDS, pattern};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is added and what is allowed; everything may be absent. [`KEYS`] says what
/// each field means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Policy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Logging>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Resources>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservations: Option<Resources>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Maximum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<Strict>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How tasks are replaced. Durations as compose files have them: `5s`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Update {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<String>,
}

/// When tasks are started again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Restart {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
}

/// Where logs go. Options are patterns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Logging {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// An amount for each task, as compose files have it: `0.5`, `512M`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Resources {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// The most that a service may ask for: amounts for each of its tasks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Maximum {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
}

/// What of a file is refused that docker only warns of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Strict {
    /// `warn` or `refuse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
}

impl Policy {
    /// Returns what is worth adding in most places: a network of its own, updates that
    /// go back, bounded logs, and labels that tell where a thing belongs.
    pub fn recommended() -> Self {
        let text = |it: &str| Some(it.to_owned());
        let pairs = |all: &[(&str, &str)]| {
            all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        Self {
            network: text("{project}-{environment}"),
            update: Some(Update {
                parallelism: Some(1),
                delay: text("5s"),
                order: text("start-first"),
                failure_action: text("rollback"),
                monitor: None,
            }),
            restart: Some(Restart {
                condition: text("any"),
                delay: text("5s"),
                ..Restart::default()
            }),
            logging: Some(Logging {
                driver: text("json-file"),
                options: pairs(&[
                    ("max-file", "3"),
                    ("max-size", "10m"),
                    ("tag", "{project}/{environment}/{stack}/{service}"),
                ]),
            }),
            labels: pairs(&[
                ("skep.environment", "{environment}"),
                ("skep.project", "{project}"),
                ("skep.stack", "{stack}"),
            ]),
            ..Self::default()
        }
    }

    /// Reads a policy, and says the first thing that is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let policy: Self = toml::from_str(text).map_err(|err| err.message().to_owned())?;
        policy.check()?;
        Ok(policy)
    }

    /// Writes what [`Policy::from_toml`] reads.
    pub fn to_toml(&self) -> String {
        // All keys are texts, and no value is a null: nothing can fail.
        toml::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
