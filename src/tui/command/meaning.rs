//! What a typed command comes to.

use crate::{
    domain::logs::Window,
    jobs::operations::Operation,
    tui::{
        event::{Destination, Effect, PromptKind, Question},
        keymap::Action,
    },
};

/// What a typed command comes to.
#[derive(Debug, Clone)]
pub enum Command {
    Go(Destination),
    /// The same as a key.
    Act(Action),
    /// Asked first, then done.
    Operation(Operation),
    Do(Effect),
    Ask(Question),
    Prompt(PromptKind),
    /// Logs from a moment on: those that are shown, or those of a place.
    Since(Option<Destination>, Window),
}
