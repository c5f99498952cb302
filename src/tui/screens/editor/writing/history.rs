//! The history of edits, for undo and redo.

use std::collections::VecDeque;

/// How many steps can be taken back, and how many bytes they may hold.
const STEPS: usize = 10_000;
const BYTES: usize = 64 << 20;

/// What one press of undo takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStep {
    pub kind: EditKind,
    /// In the order in which they were made.
    pub swaps: Vec<Swap>,
    pub before: CursorState,
    pub after: CursorState,
}

/// One piece of text that came in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    pub at: usize,
    pub gone: String,
    pub come: String,
}

/// Where the cursor stands, and where what is selected begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CursorState {
    pub at: usize,
    pub anchor: Option<usize>,
}

/// Whether steps of a kind join into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// Letter by letter, up to the end of a word.
    Typing,
    Erasing,
    Whole,
}

/// All steps, and how many of them were rolled back.
#[derive(Debug, Default)]
pub struct UndoHistory {
    steps: VecDeque<UndoStep>,
    /// Steps in force; those behind were taken back.
    done: usize,
    bytes: usize,
    /// The next step stands for itself.
    closed: bool,
}

impl UndoHistory {
    pub fn push(&mut self, step: UndoStep) {
        while self.steps.len() > self.done {
            self.bytes -= self.steps.pop_back().map_or(0, |it| it.bytes());
        }
        self.bytes += step.bytes();
        let open = self.steps.back_mut().filter(|it| !self.closed && it.goes_on_with(&step));
        self.closed = false;
        if let Some(last) = open {
            last.swaps.extend(step.swaps);
            last.after = step.after;
            return;
        }
        self.steps.push_back(step);
        while self.steps.len() > 1 && (self.steps.len() > STEPS || self.bytes > BYTES) {
            self.bytes -= self.steps.pop_front().map_or(0, |it| it.bytes());
        }
        self.done = self.steps.len();
    }

    /// Returns how many steps are in force.
    pub fn steps(&self) -> usize {
        self.done
    }

    /// Says where the cursor went after the last step.
    pub fn arrive(&mut self, after: CursorState) {
        if let Some(last) = self.steps.back_mut() {
            last.after = after;
        }
    }

    /// Joins nothing to the last step any more: the cursor went elsewhere.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Returns the step to take back.
    pub fn back(&mut self) -> Option<&UndoStep> {
        self.done = self.done.checked_sub(1)?;
        self.closed = true;
        self.steps.get(self.done)
    }

    /// Returns the step to make again.
    pub fn forth(&mut self) -> Option<&UndoStep> {
        let step = self.steps.get(self.done)?;
        self.done += 1;
        self.closed = true;
        Some(step)
    }
}

impl UndoStep {
    fn bytes(&self) -> usize {
        self.swaps.iter().map(|it| it.gone.len() + it.come.len()).sum()
    }

    fn goes_on_with(&self, next: &Self) -> bool {
        let (Some(last), [swap]) = (self.swaps.last(), next.swaps.as_slice()) else { return false };
        if self.kind != next.kind || self.after.at != next.before.at {
            return false;
        }
        match self.kind {
            EditKind::Typing => {
                let word_begins = |it: &str| !it.trim().is_empty();
                let blank = last.come.ends_with(char::is_whitespace);
                !(blank && word_begins(&swap.come)) && swap.gone.is_empty()
            }
            EditKind::Erasing => true,
            EditKind::Whole => false,
        }
    }
}
