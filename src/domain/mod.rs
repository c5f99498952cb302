//! What a swarm is and how it should change; pure values and functions.

pub mod text;
pub mod names;
pub mod context;
pub mod image;
pub mod cluster;
pub mod constraint;
pub mod filter;
pub mod mask;
pub mod exit;
pub mod health;
pub mod logs;
pub mod spec;
pub mod change;
pub mod converge;
pub mod resolve;
pub mod verdict;
pub mod audit;
pub mod job;
pub mod release;
pub mod statistics;
pub mod describe;
pub mod compose;
pub mod plan;
pub mod rollback;
pub mod deploy;
