//! Stack jobs: remove, stop and start whole stacks.

mod belongings;
mod volumes;
mod remove;
mod stop;
mod operation;

pub use operation::{StackAction, StackOperation};
