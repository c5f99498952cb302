//! The domain: swarm, stacks and deployments as pure values and functions.
//!
//! Nine groups, each a map of its own; a group uses only those above it.
//!
//! | group | decides |
//! |---|---|
//! | [`text`] | how values are written and searched, and what of foreign text may be shown |
//! | [`swarm`] | what the engine tells of a swarm means, and what a change of it must say |
//! | [`health`] | what is wrong, why, and whether a service will get where it shall be |
//! | [`logs`] | which lines belong together, in which order, and what of them is on screen |
//! | [`compose`] | what a stack file means, and what is wrong with it |
//! | [`project`] | how people group stacks, and what they set for them |
//! | [`deployment`] | what a deployment would do, how it goes there, and how it goes back |
//! | [`describe`] | what a page about an object says |
//! | [`columns`] | what a list says about each of its objects, in the cockpit and in commands |

pub mod text;
pub mod swarm;
pub mod health;
pub mod logs;
pub mod compose;
pub mod project;
pub mod deployment;
pub mod describe;
pub mod columns;
