//! Tests that need nothing but this machine: the code about itself, the cockpit in
//! memory, the commands, and the real binary in a pty. `cargo test --test it` takes
//! minutes less than those on real swarms, which are in `tests/swarm`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken helper is a failed test"
)]

#[allow(dead_code, reason = "tests on real swarms use the rest")]
mod wait;
mod executable;
mod architecture;
mod cockpit;
mod jobs;
mod watch;
mod survey;
mod pictures;
mod pty;
mod cli;
mod command_line;
mod own_files;
mod config;
mod store;
mod themes;
mod compose;
mod checks;
mod imports;
mod assist;
mod engine;
mod hostile;
mod readme;
mod quoted;
mod notices;
