//! How the swarm moves: tasks live, find nodes, are kept and replaced.

pub mod life;
pub mod keep;
pub mod place;
pub mod pace;
pub mod rollout;
