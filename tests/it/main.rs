//! One binary for all integration tests: the code about itself, the cockpit in
//! memory, the commands, the real binary in a pty, and real swarms in the lab.
mod cli;
mod command_line;
mod config;
mod store;
mod themes;
