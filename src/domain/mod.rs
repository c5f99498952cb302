//! What a swarm is and how it should change; pure values and functions.

pub mod names;
pub mod image;
pub mod cluster;
pub mod logs;
pub mod spec;
pub mod change;
pub mod compose;
