//! How a piece of work ended.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Succeeded(String),
    Failed {
        why: String,
        hint: Option<String>,
    },
    Stopped(String),
    /// It failed, and everything is as it was before.
    RolledBack(String),
    /// It failed, and so did the way back: `differs` says what is not as it was.
    NeedsPerson {
        why: String,
        differs: Vec<String>,
    },
}

impl Verdict {
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(note) => write!(f, "done: {note}"),
            Self::Failed { why, .. } => write!(f, "failed: {why}"),
            Self::Stopped(where_it_stands) => write!(f, "stopped: {where_it_stands}"),
            Self::RolledBack(why) => write!(f, "rolled back: {why}"),
            Self::NeedsPerson { why, differs } => {
                write!(f, "needs a person: {why}; not as it was: {}", differs.join("; "))
            }
        }
    }
}
