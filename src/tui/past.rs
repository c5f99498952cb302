//! Cached releases of the stack on the screen.

use crate::domain::{
    deployment::{
        release::{JournalEntry, Release},
        rollback::LiveRelease,
    },
    swarm::names::StackName,
};

/// What of the past is looked at: the releases of a stack, and one of them more
/// closely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookback {
    pub stack: StackName,
    pub revision: Option<u32>,
}

/// What was found there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Newest first.
    pub releases: Vec<Release>,
    /// Which of them is live.
    pub live: Option<LiveRelease>,
    /// Paths of the files of the one release.
    pub sources: Vec<String>,
    /// Its steps.
    pub journal: Vec<JournalEntry>,
}

/// The part of the past that a screen shows, as far as it was read.
#[derive(Debug, Default)]
pub struct PastPage {
    at: Option<Lookback>,
    answer: Option<Result<Past, String>>,
}

impl PastPage {
    /// Looks somewhere else; what is known of the same stack stays.
    pub fn look(&mut self, at: Option<Lookback>) {
        let stack = |it: &Option<Lookback>| it.as_ref().map(|it| it.stack.clone());
        let known = self.answer.take().filter(|_| stack(&self.at) == stack(&at));
        let known = known.and_then(Result::ok);
        self.answer = known.map(|it| {
            let Past { releases, live, .. } = it;
            Ok(Past { releases, live, ..Past::default() })
        });
        self.at = at;
    }

    /// Takes in what was read, where that is still looked at.
    pub fn found(&mut self, at: &Lookback, answer: Result<Past, String>) {
        if self.at.as_ref() == Some(at) {
            self.answer = Some(answer);
        }
    }

    /// Returns the past of a stack, or why it cannot be read; nothing before it was.
    pub fn of(&self, stack: &StackName) -> Option<Result<&Past, &str>> {
        self.at.as_ref().filter(|it| it.stack == *stack)?;
        self.answer.as_ref().map(|it| it.as_ref().map_err(String::as_str))
    }
}
