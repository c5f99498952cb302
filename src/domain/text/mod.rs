//! How skep writes ages, sizes, counts, durations and names that are too long.

pub mod age;
pub mod count;
pub mod duration;
pub mod elide;
pub mod natural;
pub mod size;
