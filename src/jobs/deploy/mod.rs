//! Deployment of a stack: files are validated before anything is changed, services are sent in
//! order and watched until they run, failures are rolled back, and the release is recorded.
//!
//! [`crate::domain::deployment::deploy`] decides; here is who does what it says.

pub mod request;
pub mod live;
mod preflight;
mod prepare;
mod secret_fingerprints;
pub mod interrupted;
mod recorder;
mod restore_point;
mod writer;
mod observer;
mod failure_logs;
mod outcome;
mod drive;
pub mod adopt;
pub mod rollback;
mod proposal;
mod run;
pub mod recover;

pub use live::read;
pub use preflight::look_around;
pub use prepare::{Prepared, prepare};
pub use proposal::outline;
pub use request::{
    DeployOrder, DeployRequest, Proposal, RecoveryOrder, RecoveryWay, RollbackOrder,
};
pub use run::run_request;
pub use secret_fingerprints::compare;
