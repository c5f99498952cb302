//! The engine's words for states, as enums: of nodes, of managers, of updates and of tasks.

use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr, sync::Arc};

/// A state that is told in one word of the engine.
pub trait Worded: Copy + Eq + 'static {
    /// Every state there is, as far as this version knows.
    const ALL: &'static [Self];

    /// Returns the engine's word.
    fn word(self) -> &'static str;
}

/// What the engine said: a state, or a word that this version does not know, which is
/// shown as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word<T> {
    Known(T),
    Other(Arc<str>),
}

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $state:ident $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$about])* $state,)+
        }

        impl Worded for $name {
            const ALL: &'static [Self] = &[$(Self::$state,)+];

            fn word(self) -> &'static str {
                Self::word(self)
            }
        }

        impl $name {
            /// Returns the engine's word.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$state => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

states! {
    /// Whether the engine of a node is heard of.
    NodeState {
        Ready "ready",
        Down "down",
        /// Nothing was heard of it since the managers changed.
        Unknown "unknown",
        Disconnected "disconnected",
    }
}

states! {
    /// Whether a node takes tasks.
    Availability {
        Active "active",
        /// It keeps its tasks, and takes no new ones.
        Pause "pause",
        /// Its tasks are moved to other nodes.
        Drain "drain",
    }
}

states! {
    /// Whether the other managers hear of a manager.
    Reachability {
        Reachable "reachable",
        Unreachable "unreachable",
        Unknown "unknown",
    }
}

states! {
    /// How far the last update of a service is.
    UpdateState {
        Updating "updating",
        Paused "paused",
        Completed "completed",
        RollbackStarted "rollback_started",
        RollbackPaused "rollback_paused",
        RollbackCompleted "rollback_completed",
    }
}

impl UpdateState {
    /// Returns whether the engine replaces tasks right now.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Updating | Self::RollbackStarted)
    }

    /// Returns whether the engine stopped on its way and waits for somebody.
    pub fn is_paused(self) -> bool {
        matches!(self, Self::Paused | Self::RollbackPaused)
    }

    /// Returns whether the engine goes back to the spec before, or went.
    pub fn is_rollback(self) -> bool {
        matches!(self, Self::RollbackStarted | Self::RollbackPaused | Self::RollbackCompleted)
    }
}

impl<T: Worded> Word<T> {
    /// Returns the state, where this version knows the word.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(state) => Some(*state),
            Self::Other(_) => None,
        }
    }

    /// Returns the engine's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Known(state) => state.word(),
            Self::Other(word) => word,
        }
    }
}

impl<T: Worded> From<T> for Word<T> {
    fn from(state: T) -> Self {
        Self::Known(state)
    }
}

impl<T: Worded> From<&str> for Word<T> {
    fn from(word: &str) -> Self {
        let known = T::ALL.iter().find(|it| it.word() == word);
        known.map_or_else(|| Self::Other(word.into()), |it| Self::Known(*it))
    }
}

impl<T: Worded> PartialEq<T> for Word<T> {
    fn eq(&self, state: &T) -> bool {
        self.known() == Some(*state)
    }
}

impl<T: Worded> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl<T: Worded> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl FromStr for Availability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|it| it.word() == text).copied();
        known.ok_or_else(|| format!("`{text}` is not an availability: active, pause or drain"))
    }
}

/// The states of a task in the order it takes them (swarmkit 20.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    New,
    Allocated,
    Pending,
    Assigned,
    Accepted,
    Preparing,
    Ready,
    Starting,
    Running,
    Complete,
    Shutdown,
    Failed,
    Rejected,
    Remove,
    Orphaned,
    /// A word this version does not know.
    Unknown,
}

impl TaskState {
    const WORDS: &[(&'static str, Self)] = &[
        ("new", Self::New),
        ("allocated", Self::Allocated),
        ("pending", Self::Pending),
        ("assigned", Self::Assigned),
        ("accepted", Self::Accepted),
        ("preparing", Self::Preparing),
        ("ready", Self::Ready),
        ("starting", Self::Starting),
        ("running", Self::Running),
        ("complete", Self::Complete),
        ("shutdown", Self::Shutdown),
        ("failed", Self::Failed),
        ("rejected", Self::Rejected),
        ("remove", Self::Remove),
        ("orphaned", Self::Orphaned),
    ];

    pub fn from_word(word: &str) -> Self {
        Self::WORDS.iter().find(|it| it.0 == word).map_or(Self::Unknown, |it| it.1)
    }

    /// Returns the engine's word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|it| it.1 == self).map_or("unknown", |it| it.0)
    }

    /// Returns whether a task in this state will not run again.
    pub fn is_over(self) -> bool {
        self > Self::Running
    }
}

impl Serialize for TaskState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_engine_is_shown_as_it_came() {
        fn check<T: Worded + fmt::Debug>() {
            for state in T::ALL {
                assert_eq!(Word::from(state.word()), Word::Known(*state));
            }
            for word in ["", "Ready", "sleepy"] {
                let read: Word<T> = word.into();
                assert_eq!((read.known(), read.word()), (None, word));
                assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{word}\""));
            }
        }
        check::<NodeState>();
        check::<Availability>();
        check::<Reachability>();
        check::<UpdateState>();
        let down: Word<NodeState> = "down".into();
        assert_eq!(serde_json::to_string(&down).unwrap(), "\"down\"");
        assert_eq!(format!("{down:>6}"), "  down");
    }
}
