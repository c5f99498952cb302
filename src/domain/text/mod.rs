//! Text formatting: ages, sizes, counts, durations, long names; and sanitizing of foreign text
//! for the terminal.

pub mod brief;
pub mod count;
pub mod duration;
pub mod age;
pub mod elide;
pub mod escape;
pub mod filter;
pub mod mask;
pub mod natural;
pub mod nearest;
pub mod path;
pub mod size;
