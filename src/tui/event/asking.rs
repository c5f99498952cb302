//! Questions before an action, and which answers lose data.

use crate::tui::{
    document::{Choice, Errand},
    event::effect::Effect,
};

/// Asks before a mutation, and holds the very effect it releases.
#[derive(Debug, Clone)]
pub struct Question {
    pub title: String,
    /// What will happen, and the docker command that does the same.
    pub text: Vec<String>,
    pub then: Vec<Effect>,
}

/// Variants to choose from; those with a question ask before they do anything.
#[derive(Debug)]
pub struct Menu {
    pub title: String,
    pub rows: Vec<(String, Question)>,
    pub cursor: usize,
}

impl Question {
    /// Returns whether something is lost by a yes.
    pub fn destroys(&self) -> bool {
        self.then.iter().any(Effect::destroys)
    }

    /// Returns whether data or a text are gone after a yes.
    pub fn deletes_data(&self) -> bool {
        self.then.iter().any(Effect::deletes_data)
    }

    /// Returns the effects that it releases.
    pub fn effects(&self) -> &[Effect] {
        &self.then
    }
}

impl Menu {
    /// Makes a row that is done as it is chosen: it has been explained already.
    pub fn row(label: &str, text: &str, then: Vec<Effect>) -> (String, Question) {
        let text = vec![text.to_owned()];
        (label.to_owned(), Question { title: String::new(), text, then })
    }

    /// Makes a row that asks before it is done.
    pub fn asks(label: &str, title: String, text: &str, then: Vec<Effect>) -> (String, Question) {
        let text = vec![text.to_owned()];
        (label.to_owned(), Question { title, text, then })
    }
}

impl Effect {
    /// Returns whether it changes the cluster, or what projects are made of.
    pub fn changes(&self) -> bool {
        match self {
            Self::Start(_) => true,
            Self::Project(chore) => chore.changes(),
            Self::Quit
            | Self::Suspend
            | Self::Watch(_)
            | Self::Follow(_)
            | Self::ReadOn(_)
            | Self::Read(_)
            | Self::Recall(_)
            | Self::LookForInterrupted
            | Self::Foresee(_)
            | Self::LookBack(_)
            | Self::GoBack(_)
            | Self::Cancel(_)
            | Self::Pause(..)
            | Self::EditStack(_)
            | Self::Copy(_)
            | Self::CopyUnquoted(..)
            | Self::Dump { .. }
            | Self::Document(..)
            | Self::HandOff(..)
            | Self::Choose(..)
            | Self::Plan(_)
            | Self::Survey(_)
            | Self::ListDrafts
            | Self::Edit(_)
            | Self::Switch(_)
            | Self::Remember(_) => false,
        }
    }

    /// Returns whether data or a text are gone by it. What only stops, or goes back to
    /// what was, deletes none.
    pub fn deletes_data(&self) -> bool {
        match self {
            Self::Start(work) => work.deletes_data(),
            Self::Cancel(_) | Self::Quit | Self::Switch(_) => false,
            other => other.destroys(),
        }
    }

    /// Returns whether a yes to a question that releases it loses something. Leaving is
    /// asked about only where a text or a job is lost by it.
    pub fn destroys(&self) -> bool {
        match self {
            Self::Start(work) => work.destroys(),
            Self::Project(chore) => chore.destroys(),
            Self::Document(_, errand) => matches!(errand, Errand::Keep(None)),
            Self::Choose(_, choice) => matches!(choice, Choice::Overwrite | Choice::ForgetDraft),
            Self::Cancel(_) | Self::Quit | Self::Switch(_) => true,
            Self::Suspend
            | Self::Watch(_)
            | Self::Follow(_)
            | Self::Read(_)
            | Self::ReadOn(_)
            | Self::Recall(_)
            | Self::LookForInterrupted
            | Self::Foresee(_)
            | Self::LookBack(_)
            | Self::GoBack(_)
            | Self::Pause(..)
            | Self::EditStack(_)
            | Self::Copy(_)
            | Self::CopyUnquoted(..)
            | Self::Dump { .. }
            | Self::HandOff(..)
            | Self::Plan(_)
            | Self::Survey(_)
            | Self::ListDrafts
            | Self::Edit(_)
            | Self::Remember(_) => false,
        }
    }
}
