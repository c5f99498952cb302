//! How skep writes ages, sizes, counts, durations and names that are too long,
//! and keeps foreign text from driving the terminal.

pub mod age;
pub mod brief;
pub mod count;
pub mod duration;
pub mod elide;
pub mod escape;
pub mod natural;
pub mod nearest;
pub mod path;
pub mod size;
