//! Errors of projects, with hints.

use crate::{
    domain::project::{BadName, BadPath, Refused},
    store::StoreError,
};

/// Why something about projects could not be done, and what to do now. It holds no
/// secret value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Trouble {
    pub why: String,
    pub hint: Option<String>,
}

impl Trouble {
    pub fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: Some(hint.into()) }
    }

    /// Says it in one line.
    pub fn line(&self) -> String {
        let hint = self.hint.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        format!("{}{hint}", self.why)
    }
}

impl From<StoreError> for Trouble {
    fn from(err: StoreError) -> Self {
        Self::new(err.to_string(), err.hint())
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::new(refused.to_string(), refused.hint())
    }
}

impl From<BadName> for Trouble {
    fn from(bad: BadName) -> Self {
        Self { why: bad.to_string(), hint: None }
    }
}

impl From<BadPath> for Trouble {
    fn from(bad: BadPath) -> Self {
        Self { why: bad.to_string(), hint: None }
    }
}
