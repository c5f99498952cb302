//! Verdicts: how a job ended.

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
    /// It failed, and so did the rollback: `differs` says what is not as it was.
    NeedsPerson {
        why: String,
        differs: Vec<String>,
        /// What brings back what ran before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<String>,
    },
}

impl Verdict {
    /// Hands out all its words, to be changed.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Succeeded(text) | Self::Stopped(text) | Self::RolledBack(text) => change(text),
            Self::Failed { why, hint } => {
                change(why);
                hint.iter_mut().for_each(change);
            }
            Self::NeedsPerson { why, differs, back } => {
                change(why);
                differs.iter_mut().chain(back).for_each(change);
            }
        }
    }

    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }

    /// Returns how it ended in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "done",
            Self::Failed { .. } => "failed",
            Self::Stopped(_) => "cancelled",
            Self::RolledBack(_) => "rolled back",
            Self::NeedsPerson { .. } => "needs attention",
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
            Self::RolledBack(why) => Some(remedy(why).to_owned()),
            Self::NeedsPerson { back: Some(back), .. } => {
                Some(format!("look at each of these, fix the cause, then {back}"))
            }
            Self::NeedsPerson { back: None, .. } => {
                Some("look at each of these; `skep plan` compares them with the file".to_owned())
            }
        }
    }
}

/// Why a deployment was rolled back that somebody cancelled.
pub const CANCELLED: &str = "the deployment was cancelled";

/// Causes by words that skep and engines (20.10 to 28) have for them, and what helps.
const REMEDIES: &[(&[&str], &str)] = &[
    (
        &["no such image", "could not pull", "pull access denied"],
        "check image and tag; for a private registry add --with-registry-auth; deploy again",
    ),
    (
        &["unhealthy", "health check"],
        "run its health check by hand in the image, fix the cause, deploy again",
    ),
    (
        &["no suitable node", "no node takes"],
        "compare `skep nodes` with its constraints and reservations, fix the cause, deploy again",
    ),
    (&["(137)", "memory runs out"], "raise limits.memory or make it use less, deploy again"),
    (
        &["non-zero exit", "exit code", "exited"],
        "read the last lines of the task, fix the cause, deploy again",
    ),
];

/// Returns what to do about why a deployment was taken back.
fn remedy(why: &str) -> &'static str {
    if why.starts_with(CANCELLED) {
        return "nothing has to be fixed; deploy again when you want to";
    }
    let said = why.to_lowercase();
    let found = REMEDIES.iter().find(|it| it.0.iter().any(|word| said.contains(word)));
    found.map_or("fix the cause, deploy again; `skep history STACK` shows this release", |it| it.1)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word();
        match self {
            Self::Succeeded(note) | Self::Stopped(note) => write!(f, "{word}: {note}"),
            Self::Failed { why, .. } | Self::RolledBack(why) => write!(f, "{word}: {why}"),
            Self::NeedsPerson { why, differs, .. } => {
                write!(f, "{word}: {why}; not as it was: {}", differs.join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(why: &str, expected: &str) {
        let hint = Verdict::RolledBack(why.to_owned()).hint().unwrap_or_default();
        assert!(hint.contains(expected), "{why}: {hint}");
    }

    #[test]
    fn each_cause_has_a_next_step_of_its_own() {
        check("its tasks keep failing: No such image: bb:typo", "--with-registry-auth");
        check("task: non-zero exit (137) (killed with SIGKILL)", "limits.memory");
        check("task: non-zero exit (3)", "last lines");
        check("unhealthy container", "health check by hand");
        check("no suitable node (2 nodes)", "`skep nodes`");
        check("something else", "`skep history STACK`");
    }

    #[test]
    fn who_cancelled_has_nothing_to_fix() {
        check(&format!("{CANCELLED}; all is as it was, after 3s"), "nothing has to be fixed");
    }
}
