//! Simulation of the swarm: task life, scheduling, orchestration and updates.

pub mod life;
pub mod keep;
pub mod place;
pub mod pace;
pub mod rollout;
