//! The form of stack files, version by version, as tables.
//!
//! [`tables`] says what may stand where; [`check`] holds a tree against it and
//! reports everything that does not fit, in the words docker uses.

pub mod rule;
mod check;
mod service;
mod deploy;
mod objects;
mod nearest;
mod compose_only;
mod version;

pub use check::check;
pub use version::{Version, of as version_of};
