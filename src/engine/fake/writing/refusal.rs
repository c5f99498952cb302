//! Reasons for refused writes, before they become engine errors.

use crate::{domain::swarm::change::Change, engine::error::EngineError};

/// A refusal in the engine's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The thing that does not exist, as `network web`; none where it is what
    /// the change is about.
    NotFound(Option<String>),
    OutOfSequence,
    Conflict(String),
    Invalid(String),
    /// What engines answer with a 500.
    Failed(String),
}

impl Refusal {
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid(why.into())
    }

    /// Tells the refusal of a change.
    pub fn of(self, change: &Change) -> EngineError {
        let doing = change.to_string();
        let about = doing.trim_start_matches("roll ").split_once(' ');
        let about = about.map_or_else(|| doing.clone(), |it| it.1.to_owned());
        match self {
            Self::NotFound(what) => EngineError::NotFound { what: what.unwrap_or(about) },
            Self::OutOfSequence => EngineError::OutOfSequence { what: about },
            Self::Conflict(why) => EngineError::Conflict { what: about, why },
            Self::Invalid(why) => EngineError::Invalid { what: doing, why },
            Self::Failed(why) => EngineError::Failed { what: doing, why },
        }
    }
}
