//! Write requests: every change of a cluster that skep can send.

use crate::domain::swarm::{
    names::{NodeId, ServiceId},
    spec::{NewService, UpdateBody},
};
use serde_json::Value;
use std::fmt;

/// A service by id; the name is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRef {
    pub id: ServiceId,
    pub name: String,
}

/// One write to the engine, complete and ready to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    CreateService {
        spec: NewService,
        auth: Option<RegistryAuth>,
    },
    UpdateService {
        id: ServiceId,
        name: String,
        version: u64,
        body: UpdateBody,
        auth: Option<RegistryAuth>,
    },
    /// The rollback of the engine to the previous spec; `body` is the current one.
    RollBackService {
        id: ServiceId,
        name: String,
        version: u64,
        body: UpdateBody,
    },
    RemoveService {
        id: ServiceId,
        name: String,
    },
    UpdateNode {
        id: NodeId,
        hostname: String,
        version: u64,
        spec: Value,
    },
    CreateNetwork {
        name: String,
        body: Value,
    },
    RemoveNetwork {
        id: String,
        name: String,
    },
    CreateSecret {
        name: String,
        body: Confidential<Value>,
    },
    UpdateSecret {
        id: String,
        name: String,
        version: u64,
        body: Confidential<Value>,
    },
    RemoveSecret {
        id: String,
        name: String,
    },
    CreateConfig {
        name: String,
        body: Value,
    },
    UpdateConfig {
        id: String,
        name: String,
        version: u64,
        body: Value,
    },
    RemoveConfig {
        id: String,
        name: String,
    },
    /// On the node of the engine that does it; the swarm knows no volumes.
    RemoveVolume {
        name: String,
    },
}

/// What a write answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Id of what was created.
    pub id: Option<String>,
    /// What the engine wants known.
    pub warnings: Vec<String>,
}

/// Registry credentials, encoded for the `X-Registry-Auth` header.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryAuth(pub String);

impl RegistryAuth {
    /// Returns whether it says that there are no credentials: `{}`, as docker writes it.
    pub fn is_empty(&self) -> bool {
        self.0 == "e30="
    }
}

impl fmt::Debug for RegistryAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistryAuth(…)")
    }
}

/// A value that is never printed.
#[derive(Clone, PartialEq)]
pub struct Confidential<T>(pub T);

impl<T> fmt::Debug for Confidential<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confidential(…)")
    }
}

impl fmt::Display for Change {
    /// Says in a few words what the change does, as `update service web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateService { spec, .. } => write!(f, "create service {}", spec.name()),
            Self::UpdateService { name, .. } => write!(f, "update service {name}"),
            Self::RollBackService { name, .. } => write!(f, "roll back service {name}"),
            Self::RemoveService { name, .. } => write!(f, "remove service {name}"),
            Self::UpdateNode { hostname, .. } => write!(f, "update node {hostname}"),
            Self::CreateNetwork { name, .. } => write!(f, "create network {name}"),
            Self::RemoveNetwork { name, .. } => write!(f, "remove network {name}"),
            Self::CreateSecret { name, .. } => write!(f, "create secret {name}"),
            Self::UpdateSecret { name, .. } => write!(f, "update secret {name}"),
            Self::RemoveSecret { name, .. } => write!(f, "remove secret {name}"),
            Self::CreateConfig { name, .. } => write!(f, "create config {name}"),
            Self::UpdateConfig { name, .. } => write!(f, "update config {name}"),
            Self::RemoveConfig { name, .. } => write!(f, "remove config {name}"),
            Self::RemoveVolume { name } => write!(f, "remove volume {name}"),
        }
    }
}
