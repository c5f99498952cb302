//! Work in the background: it reports, it stops when asked, and its panic is
//! a verdict and not a crash.

pub mod fence;
pub mod gate;
pub mod context;
pub mod session;
pub mod retry;
pub mod ended_tasks;
pub mod convergence;
pub mod service;
pub mod stack;
pub mod node;
pub mod cluster_facts;
pub mod registry;
pub mod release_reader;
pub mod release_health;
pub mod lease;
pub mod deploy;
pub mod gc;
pub mod operations;
pub mod run;
pub mod survey;
pub mod changes;
pub mod outlook;
pub mod watch;
pub mod log_follower;

pub use crate::domain::verdict::Verdict;
pub use context::{
    AbandonWhen, JobContext, JobHandle, JobId, News, Report, Tail, spawn, spawn_with,
};
