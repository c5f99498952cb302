//! The keymap: actions, names and keys, declared once and used by dispatch, the
//! footer, the help screen, completion, the configuration file and the README.

pub mod action;
pub mod key;
pub mod bindings;

pub use action::Action;
pub use bindings::{Binding, Context, Keymap, KeymapError};
pub use key::Key;
