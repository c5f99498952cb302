//! Jobs: background work that reports progress, can be cancelled, and turns a panic into a
//! verdict. Nothing else changes a cluster.
//!
//! The files read from the top down; each uses only those above it:
//!
//! | files | what they are |
//! |---|---|
//! | `fence`, `gate`, `context`, `session`, `retry` | what every job stands on |
//! | `ended_tasks`, `convergence` | waiting, for tasks to end and for services to run |
//! | `registry`, `cluster_facts`, `survey`, `release_reader`, `masked_engine`, `release_health`, `spec_changes`
//! | what is read of registries, of the cluster and of past releases |
//! | `lease` | nobody else changes a stack meanwhile |
//! | `service`, `stack`, `node`, `deploy`, `gc` | one folder or file for each kind of operation |
//! | `operations`, `run` | all operations with their words, and how one is carried out |
//! | `rollback_preview`, `watch`, `log_follower` | what faces look at while nothing is changed |

pub mod fence;
pub mod gate;
pub mod context;
pub mod session;
pub mod retry;
pub mod ended_tasks;
pub mod convergence;
pub mod registry;
pub mod cluster_facts;
pub mod survey;
pub mod release_reader;
pub mod masked_engine;
pub mod release_health;
pub mod spec_changes;
pub mod lease;
pub mod service;
pub mod stack;
pub mod node;
pub mod deploy;
pub mod gc;
pub mod operations;
pub mod run;
pub mod rollback_preview;
pub mod watch;
pub mod log_follower;

pub use crate::domain::deployment::verdict::Verdict;
pub use context::{
    AbandonWhen, JobContext, JobHandle, JobId, JobReport, News, Tail, spawn, spawn_with,
};
