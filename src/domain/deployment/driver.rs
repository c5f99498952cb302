//! The local owner of a stack: a process that changes it, as others on the same machine see it.

use crate::domain::swarm::names::StackName;
use serde::{Deserialize, Serialize};

/// Who is at what. The token tells it from all others; its lease and its release
/// carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    pub token: String,
    /// Id of the swarm.
    pub cluster: String,
    pub stack: StackName,
    /// What is done, as `deploy shop`.
    pub purpose: String,
}
