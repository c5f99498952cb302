//! Deployment: from what a stack file means to a swarm that runs it, and back.
//!
//! In reading order. A [`plan`] compares what is wanted with what runs, after [`resolve`]
//! has settled what an update keeps; [`preflight`] asks whether the cluster has what it
//! takes. A [`lease`] keeps others away (on this machine the [`driver`]), [`deploy`]
//! decides each next step. What came of it is a [`verdict`], an [`audit`] line, the record
//! of a [`job`] and a [`release`]; from releases come [`rollback`] and [`statistics`],
//! [`adoption`] makes the first one of a stack that others deployed, and [`gc`] finds what
//! nobody needs any more.

pub mod verdict;
pub mod audit;
pub mod job;
pub mod resolve;
pub mod driver;
pub mod lease;
pub mod release;
pub mod judgement;
pub mod plan;
pub mod preflight;
pub mod deploy;
pub mod rollback;
pub mod adoption;
pub mod statistics;
pub mod gc;
