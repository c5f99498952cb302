//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, taken back where one does not, and
//! remembered.
//!
//! [`crate::domain::deploy`] decides; here is who does what it says.

pub mod request;
pub mod live;
mod preflight;
mod prepare;
mod known;
pub mod again;
pub mod interrupted;
mod record;
mod back;
mod write;
mod look;
mod tails;
mod drive;
mod ending;
pub mod adopt;
mod proposal;
mod ready;
pub mod recover;

pub use known::compare;
pub use live::read;
pub use preflight::look_around;
pub use prepare::{Prepared, prepare};
pub use proposal::outline;
pub use ready::run;
pub use request::{Order, Proposal, Recovery, Return, Way, Wish};
