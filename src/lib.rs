//! skep, the cockpit for Docker Swarm.
//!
//! # Layers
//!
//! | layer | does | may use |
//! |---|---|---|
//! | [`domain`] | decides: what a swarm is, what a compose file means, what to do next; no I/O, no clock, no terminal | – |
//! | [`engine`] | the gateway to a swarm: real ones over unix, tcp and ssh, and a strict one in memory | `domain` |
//! | [`store`] | what skep remembers between two starts | `domain` |
//! | [`config`] | settings: files, environment and flags, merged | names of `domain` |
//! | [`jobs`] | use cases in the background; the only code that changes a cluster | `domain`, `engine`, `store` |
//! | [`cli`] | the commands | `domain`, `jobs`, `config`, `store`; of `engine` only the trait and error |
//! | [`tui`] | the cockpit | `domain`, `jobs`, `config`, `store`; of `engine` only the trait and error |
//! | [`start`] | puts together what a face works with | everything |
//! | [`diagnostics`] | skep's own log and reports of its bugs | `store` |
pub mod domain;
pub mod engine;
pub mod store;
pub mod config;
pub mod jobs;
pub mod tui;
pub mod cli;
pub mod diagnostics;
pub mod start;
