//! Stack files mean to skep what they mean to docker: the same files go through
//! the real CLI, which deploys to a stand-in engine that records, and through
//! skep; what is sent must be the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken helper is a failed test"
)]

mod recorder;
mod oracle;
mod ours;
mod compare;
mod corpus;
mod findings;
mod made;
mod fuzz;
mod random;
mod render;
mod env;
