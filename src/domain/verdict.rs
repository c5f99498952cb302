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

    /// Returns how it ended in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "done",
            Self::Failed { .. } => "failed",
            Self::Stopped(_) => "stopped",
            Self::RolledBack(_) => "rolled back",
            Self::NeedsPerson { .. } => "needs a person",
        }
    }

    /// Returns its name, for programs; the same as in what is written of it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Stopped(_) => "stopped",
            Self::RolledBack(_) => "rolled-back",
            Self::NeedsPerson { .. } => "needs-person",
        }
    }

    /// Returns what the operator can do now.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Succeeded(_) | Self::Stopped(_) => None,
            Self::Failed { hint, .. } => hint.clone(),
            Self::RolledBack(_) => Some("mend what it says and deploy again".to_owned()),
            Self::NeedsPerson { .. } => {
                Some("look at each of these; `skep plan` compares them with the file".to_owned())
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        match self {
            Self::Succeeded(note) | Self::Stopped(note) => write!(f, "{word}: {note}"),
            Self::Failed { why, .. } | Self::RolledBack(why) => write!(f, "{word}: {why}"),
            Self::NeedsPerson { why, differs } => {
                write!(f, "{word}: {why}; not as it was: {}", differs.join("; "))
            }
        }
    }
}
