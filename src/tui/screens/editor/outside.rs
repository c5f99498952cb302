//! What is outside of a document's text, as far as the editor knows: what is saved, what
//! others put there, and the unsaved text of before.

use crate::{
    domain::project::draft::Draft,
    tui::{
        document::{Content, Errand, Opened, Stamp},
        screens::editor::writing::Text,
    },
};
use jiff::Timestamp;
use std::sync::Arc;

/// What is outside, as far as the editor knows.
#[derive(Debug, Default)]
pub struct Outside {
    /// As it was read or last written.
    pub content: Arc<Content>,
    pub stamp: Stamp,
    /// What somebody else put there, and nobody has decided about.
    pub other: Option<Opened>,
    /// What was written before and not saved, and nobody has decided about.
    pub draft: Option<Draft>,
    /// What was taken of it, until it is saved or taken back.
    taken: Option<Taken>,
    /// Clock ticks since it was looked at.
    ticks: u32,
}

/// A text of before that was taken.
#[derive(Debug)]
struct Taken {
    draft: Draft,
    /// The steps in force after it: with fewer it was taken back.
    steps: usize,
}

/// So many seconds pass before the editor looks again whether somebody else wrote.
const PATIENCE: u32 = 2;

impl Outside {
    /// Begins with a document as it was opened, and what somebody wrote before.
    pub fn of(opened: &Opened, draft: Option<Draft>) -> Self {
        Self {
            content: Arc::new(opened.content.clone()),
            stamp: opened.stamp.clone(),
            draft: draft.filter(|it| it.text != opened.content.text),
            ..Self::default()
        }
    }

    /// Returns a text as it would be saved.
    pub fn to_save(&self, text: &Text) -> Content {
        Content { text: text.as_str().to_owned(), mark: self.content.mark }
    }

    /// Lets a second pass; returns what is known to be there, where it is time to look, and
    /// somebody may.
    pub fn tick(&mut self, may: bool) -> Option<Stamp> {
        self.ticks += 1;
        if !may || self.ticks < PATIENCE {
            return None;
        }
        self.ticks = 0;
        Some(self.other.as_ref().map_or(&self.stamp, |it| &it.stamp).clone())
    }

    /// This is there, and nobody has to decide about anything.
    pub fn settle(&mut self, content: Arc<Content>, stamp: &Stamp) {
        (self.content, self.stamp, self.other) = (content, stamp.clone(), None);
    }

    /// A text was saved; returns what is forgotten for that.
    pub fn was_saved(&mut self, content: &Arc<Content>, stamp: &Stamp) -> Option<Errand> {
        self.settle(Arc::clone(content), stamp);
        let taken = self.taken.take().filter(|it| it.draft.discarded)?;
        Some(Errand::Forget(taken.draft.at))
    }

    /// A text of before is taken, which makes the step of that number.
    pub fn take(&mut self, draft: Draft, steps: usize) {
        self.taken = Some(Taken { draft, steps });
    }

    /// Has what is not saved kept, or forgotten where there is nothing; so many steps of
    /// the text are in force.
    pub fn keep(&mut self, draft: Option<Draft>, steps: usize, now: Timestamp) -> Vec<Errand> {
        let mut errands: Vec<Errand> = self.put_aside(steps, now).into_iter().collect();
        let undecided = self.draft.as_mut().filter(|it| !it.discarded);
        match (undecided, draft) {
            // What nobody has decided about is not lost for what is written now.
            (Some(undecided), Some(draft)) => {
                undecided.discarded = true;
                errands.extend([Errand::Discard(undecided.clone()), Errand::Keep(Some(draft))]);
            }
            (Some(_), None) => {}
            (None, draft) => errands.push(Errand::Keep(draft)),
        }
        errands
    }

    /// Puts a text of before aside that was taken and taken back: it is not lost for that.
    fn put_aside(&mut self, steps: usize, now: Timestamp) -> Option<Errand> {
        let draft = self.taken.take_if(|it| steps < it.steps)?.draft;
        // What was given up before is there still.
        (!draft.discarded).then_some(Errand::Discard(Draft { at: now, ..draft }))
    }

    /// Says what waits for a decision, with the key that leads to it.
    pub fn undecided(&self) -> Option<&'static str> {
        match (&self.other, &self.draft) {
            (Some(other), _) if other.stamp.print.is_empty() => {
                Some("the file was removed: alt-d decides")
            }
            (Some(_), _) => Some("somebody else changed this file: alt-d decides"),
            (None, Some(draft)) if !draft.discarded => {
                Some("an earlier text is not saved: alt-d decides")
            }
            _ => None,
        }
    }
}
