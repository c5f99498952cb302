//! A text that was written and not saved.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is left of an edit whose skep ended too soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    /// Fingerprint of what was loaded; empty where that was nothing.
    pub base: String,
    pub at: Timestamp,
}
