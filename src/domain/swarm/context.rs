//! Ways to reach an engine that have a name.

use serde::Serialize;

/// A docker context that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownContext {
    pub name: String,
    pub description: String,
    /// Where its engine is, or what is wrong with its address.
    pub address: Result<String, String>,
    /// It is what skep uses without being told.
    pub current: bool,
}
