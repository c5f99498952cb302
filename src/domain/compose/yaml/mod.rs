//! YAML as docker reads it (Go's yaml.v3), with the place of every node.

pub mod node;
pub mod go;
pub mod scalar;
mod tagged;
mod reader;

pub use node::{Entry, Node, Value};
pub use reader::parse;
