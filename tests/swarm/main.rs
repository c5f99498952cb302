//! Tests on real swarms, which `tests/lab/lab` builds: root and `dockerd` are needed, and
//! one line says so where they are missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken helper is a failed test"
)]

#[path = "../it/wait.rs"]
mod wait;
#[path = "../it/pty/terminal.rs"]
#[allow(dead_code, reason = "the other binary uses the rest")]
mod terminal;
mod lab;
mod gateway;
mod trouble;
mod nodes;
mod preflight;
mod oracle;
mod keeping;
mod removal;
mod plan;
mod kills;
mod scenarios;
mod day;
mod gone;
