//! Searching while one types: the cursor goes along, and back where that is left.

use crate::tui::{
    event::Request,
    screens::editor::{Editor, State, folds::Folds, scroll::Scroll, seek::Sought},
};

/// Where somebody was who began to search.
#[derive(Debug)]
pub struct Origin {
    at: usize,
    anchor: Option<usize>,
    /// Changes of the text so far.
    edits: u64,
    scroll: Scroll,
    folds: Folds,
    sought: Option<Sought>,
}

impl Editor {
    /// Goes to the first place of what is typed so far, from where the search began.
    pub(super) fn search_along(&mut self, typed: &str) {
        if self.state != State::Ready {
            return;
        }
        if self.origin.is_none() {
            self.origin = Some(Box::new(self.here()));
        }
        self.go_to_origin();
        // Half of an expression is none yet.
        self.sought = Sought::new(typed).ok().filter(|_| !typed.is_empty());
        let (text, at) = (self.writing.text(), self.writing.at());
        if let Some(found) = self.sought.as_ref().and_then(|it| it.next(text, at)) {
            self.writing.jump(found.start);
        }
    }

    /// Goes back to where the search began, and to what was sought before.
    pub(super) fn search_no_more(&mut self) {
        self.go_to_origin();
        if let Some(origin) = self.origin.take() {
            self.sought = origin.sought;
        }
    }

    /// Stays at the first place of what was typed, where there is one.
    pub(super) fn search_for(&mut self, typed: &str) -> Option<Request> {
        self.go_to_origin();
        self.origin = None;
        if typed.is_empty() {
            self.sought = None;
            return None;
        }
        match Sought::new(typed) {
            Ok(sought) => self.sought = Some(sought),
            Err(why) => return Some(Request::problem(why)),
        }
        // What the cursor stands on counts.
        let found = self.sought.as_ref()?.next(self.writing.text(), self.writing.at());
        if found.is_none() {
            return self.find(true);
        }
        self.writing.jump(found?.start);
        None
    }

    fn here(&self) -> Origin {
        Origin {
            at: self.writing.at(),
            anchor: self.writing.anchor(),
            edits: self.writing.edits(),
            scroll: self.scroll,
            folds: self.folds.clone(),
            sought: self.sought.clone(),
        }
    }

    /// Folds and selections are those of the text as it was.
    fn go_to_origin(&mut self) {
        let Some(origin) = &self.origin else { return };
        self.scroll = origin.scroll;
        self.writing.jump(origin.at);
        if origin.edits != self.writing.edits() {
            return;
        }
        self.folds = origin.folds.clone();
        if let Some(anchor) = origin.anchor {
            self.writing.select(anchor..origin.at);
        }
    }
}
