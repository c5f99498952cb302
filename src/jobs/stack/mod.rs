//! Whole stacks: removed, stopped, started again.

mod belongings;
mod volumes;
mod remove;
mod stop;
mod operation;

pub use operation::{StackAction, StackOperation};
