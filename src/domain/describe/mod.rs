//! Description pages: raw answers of the engine as readable text.
//!
//! Fields may be missing, of another type, or unknown: what is not understood is
//! shown raw, and nothing here fails.

mod lens;
mod read;
mod page;
mod changed;
mod template;
mod policy;
mod tasks;
mod service;
mod task;
mod node;
mod network;
mod secret;
mod release;
mod statistics;
mod swarm;

pub use changed::changes;
pub use lens::Lens;
pub use network::network;
pub use node::node;
pub use page::{FactTone, FieldRow, ObjectPage, Section};
pub use release::{length, release, when};
pub use secret::{config, secret};
pub use service::service;
pub use statistics::{figures, statistics};
pub use swarm::swarm;
pub use task::task;

#[cfg(test)]
mod tests;
