//! What a registry says of an image (`GET /distribution/{image}/json`).

use crate::domain::swarm::objects::items;
use serde_json::Value;

/// An image as its registry has it.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a>(pub &'a Value);

impl<'a> Distribution<'a> {
    pub fn digest(self) -> Option<&'a str> {
        self.0["Descriptor"]["digest"].as_str()
    }

    /// Lists what it was made for, as the registry writes it.
    pub fn platforms(self) -> impl Iterator<Item = &'a Value> {
        items(&self.0["Platforms"])
    }
}
