//! Why no engine was found.

use crate::{domain::text::path::ShownPath, engine::context::endpoint::BadAddress};
use std::path::PathBuf;

/// Why no engine was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    #[error("there is no docker context `{name}` ({origin})")]
    Unknown { name: String, origin: String, known: Vec<String> },
    #[error("docker context `{name}` has no docker engine")]
    NoEngine { name: String },
    #[error("{bad} ({origin})")]
    Address { bad: BadAddress, origin: String },
    #[error("cannot read {}: {why}", path.shown())]
    Unreadable { path: PathBuf, why: String },
}

impl ContextError {
    /// Returns what the operator can do now.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } => Some(format!("known contexts: {}", known.join(", "))),
            Self::NoEngine { .. } => Some("choose another one: `docker context ls`".to_owned()),
            Self::Address { .. } | Self::Unreadable { .. } => None,
        }
    }
}
