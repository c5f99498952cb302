//! One binary for all integration tests: the code about itself, the cockpit in
//! memory, the commands, the real binary in a pty, and real swarms in the lab.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken helper is a failed test"
)]

mod wait;
mod architecture;
mod cockpit;
mod jobs;
mod watch;
mod survey;
mod pictures;
mod preflight;
mod pty;
mod cli;
mod command_line;
mod own_files;
mod config;
mod oracle;
mod store;
mod themes;
mod keeping;
mod lab;
mod compose;
mod checks;
mod imports;
mod assist;
mod engine;
mod hostile;
mod plan;
mod removal;
mod kills;
mod scenarios;
mod readme;
mod notices;
