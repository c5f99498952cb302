//! YAML as docker reads it (Go's yaml.v3), with the place of every node; and
//! written so that docker reads what is meant.

pub mod node;
pub mod go;
pub mod scalar;
mod events;
mod tagged;
mod broken;
mod reader;
mod writer;

pub use node::{MapEntry, Value, YamlNode};
pub use reader::parse;
pub use writer::write;
