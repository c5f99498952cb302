//! Drafts: unsaved texts of the editor.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A text that is in no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub text: String,
    /// Fingerprint of what was loaded; empty where that was nothing.
    pub base: String,
    /// When it was written last, or given up.
    pub at: Timestamp,
    /// Somebody gave it up; otherwise its skep ended too soon.
    #[serde(default)]
    pub discarded: bool,
    /// Who wrote it: a person, their machine, and the process. Nothing where nobody knows,
    /// and, once it is read, where that process is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How long a text that was given up can be taken back.
pub const DISCARDED_STAYS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Draft {
    /// Returns whether it was given up so long ago that nobody wants it back.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.discarded && now.duration_since(self.at) > DISCARDED_STAYS
    }
}
