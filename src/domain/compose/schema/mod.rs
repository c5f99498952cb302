//! The schema of stack files, version by version, as tables.
//!
//! The tables say what may stand where; a tree is checked against them, and
//! everything that does not fit is reported, in the words docker uses.

pub mod rule;
mod check;
mod service;
mod deploy;
mod objects;
mod compose_only;
mod version;

pub use check::check;
pub use objects::ROOT;
pub use version::{FileVersion, of as version_of};
