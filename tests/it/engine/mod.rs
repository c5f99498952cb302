//! The gateway against engines that answer as told, and against real ones.

pub mod stand_in;
mod answers;
mod versions;
mod streams;
mod tls;
mod ssh;
pub mod real;
mod trouble;
