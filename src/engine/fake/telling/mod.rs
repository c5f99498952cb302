//! What the swarm tells: its objects, and the lines of its containers.

pub mod answer;
pub mod read;
pub mod chatter;
pub mod voice;
