//! Incremental search.

use crate::tui::{
    event::Request,
    screens::editor::{folds::Folds, scroll::Scroll, seek::Sought, writing::Writing},
};

/// What is sought, and where that began while it is still being typed.
#[derive(Debug, Default)]
pub struct Search {
    pub sought: Option<Sought>,
    origin: Option<Box<Origin>>,
}

/// Where somebody was who began to search.
#[derive(Debug)]
struct Origin {
    at: usize,
    anchor: Option<usize>,
    /// Changes of the text so far.
    edits: u64,
    scroll: Scroll,
    folds: Folds,
    sought: Option<Sought>,
}

/// What moves while one searches.
pub struct SearchView<'a> {
    pub writing: &'a mut Writing,
    pub folds: &'a mut Folds,
    pub scroll: &'a mut Scroll,
}

impl Search {
    /// Goes to the first place of what is typed so far, from where the search began.
    pub fn along(&mut self, typed: &str, seen: &mut SearchView<'_>) {
        if self.origin.is_none() {
            self.origin = Some(Box::new(self.here(seen)));
        }
        self.go_to_origin(seen);
        // Half of an expression is none yet.
        self.sought = Sought::new(typed).ok().filter(|_| !typed.is_empty());
        let (text, at) = (seen.writing.text(), seen.writing.at());
        if let Some(found) = self.sought.as_ref().and_then(|it| it.next(text, at)) {
            seen.writing.jump(found.start);
        }
    }

    /// Goes back to where the search began, and to what was sought before.
    pub fn give_up(&mut self, seen: &mut SearchView<'_>) {
        self.go_to_origin(seen);
        if let Some(origin) = self.origin.take() {
            self.sought = origin.sought;
        }
    }

    /// Stays at the first place of what was typed, where there is one.
    pub fn stay(&mut self, typed: &str, seen: &mut SearchView<'_>) -> Option<Request> {
        self.go_to_origin(seen);
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
        let found = self.sought.as_ref()?.next(seen.writing.text(), seen.writing.at());
        if found.is_none() {
            return self.find(seen.writing, true);
        }
        seen.writing.jump(found?.start);
        None
    }

    /// Something else is done: nobody goes back.
    pub fn end(&mut self) {
        self.origin = None;
    }

    /// Goes to the next or the last place of what is sought.
    pub fn find(&self, writing: &mut Writing, forward: bool) -> Option<Request> {
        let sought = self.sought.as_ref()?;
        let (text, at) = (writing.text(), writing.at());
        let found = if forward { sought.next(text, at + 1) } else { sought.previous(text, at) };
        let Some(range) = found else {
            return Some(Request::problem(format!("`{}` is not in this text", sought.typed)));
        };
        writing.jump(range.start);
        None
    }

    /// Goes to the next place from a byte on, around the end.
    pub fn go_to_match(&self, writing: &mut Writing, from: usize) {
        let found = self.sought.as_ref().and_then(|it| it.next(writing.text(), from));
        if let Some(range) = found {
            writing.jump(range.start);
        }
    }

    fn here(&self, seen: &SearchView<'_>) -> Origin {
        Origin {
            at: seen.writing.at(),
            anchor: seen.writing.anchor(),
            edits: seen.writing.edits(),
            scroll: *seen.scroll,
            folds: seen.folds.clone(),
            sought: self.sought.clone(),
        }
    }

    /// Folds and selections are those of the text as it was.
    fn go_to_origin(&self, seen: &mut SearchView<'_>) {
        let Some(origin) = &self.origin else { return };
        *seen.scroll = origin.scroll;
        seen.writing.jump(origin.at);
        if origin.edits != seen.writing.edits() {
            return;
        }
        *seen.folds = origin.folds.clone();
        if let Some(anchor) = origin.anchor {
            seen.writing.select(anchor..origin.at);
        }
    }
}
