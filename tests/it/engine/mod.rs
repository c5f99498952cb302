//! The gateway against engines that answer as told.

pub mod stand_in;
mod answers;
mod versions;
mod streams;
mod tls;
mod ssh;
