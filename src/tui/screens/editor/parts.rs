//! All parts of the editor together, and how a change of the text reaches them.

use crate::{
    domain::{project::draft::Draft, swarm::names::StackName},
    projects::Sources,
    tui::{
        document::{Check, Document, Errand, Facts},
        event::{Effect, Request},
        screens::editor::{
            beside::Beside,
            compare::Compared,
            early::Early,
            findings::Findings,
            folds::Folds,
            highlight::Lines,
            leaving::{After, WayOut},
            outside::Outside,
            panel::Panel,
            popup::Popup,
            replace::Replacing,
            scroll::Scroll,
            searching::{Search, SearchView},
            state::State,
            writing::{Change, Writing, indentation},
        },
        world::World,
    },
};
use jiff::Timestamp;
use std::sync::Arc;

/// A document being edited.
#[derive(Debug)]
pub struct Editor {
    pub(super) document: Document,
    pub(super) state: State,
    pub(super) writing: Writing,
    pub(super) outside: Outside,
    /// What is asked about once the document is read.
    pub(super) offered: Option<Draft>,
    /// Where somebody wrote before, until the document is read.
    pub(super) returns_to: Option<(usize, usize)>,
    /// What is typed until the document is read.
    pub(super) early: Early,
    /// Raised with every change; answers of the checker name it.
    pub(super) version: u64,
    pub(super) lines: Lines,
    pub(super) folds: Folds,
    pub(super) scroll: Scroll,
    pub(super) search: Search,
    pub(super) replacing: Option<Replacing>,
    /// What was copied last.
    pub(super) copied: String,
    pub(super) findings: Findings,
    pub(super) facts: Option<Arc<Facts>>,
    /// What the text was last deployed as, or is.
    pub(super) stack: Option<StackName>,
    /// The stack whose file it was opened as: deploying asks for no name.
    pub(super) opened_from: Option<StackName>,
    /// What else the stack is made of, where a project has it.
    pub(super) stack_of: Option<Arc<Sources>>,
    /// What is done once it is saved.
    pub(super) after: After,
    /// What is read next takes the place of what is not saved.
    pub(super) reloads: bool,
    /// What the key before did on the way out.
    pub(super) way_out: WayOut,
    pub(super) panel: Panel,
    pub(super) beside: Beside,
    pub(super) compared: Compared,
    pub(super) popup: Option<Popup>,
    /// The last change was typed, so more will come.
    pub(super) typing: bool,
    pub(super) now: Timestamp,
}

/// A text as it was before something was done to it.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    edits: u64,
    length: usize,
    lines: usize,
    at: usize,
}

impl Editor {
    pub fn new(document: Document) -> Self {
        Self {
            document,
            state: State::Unread,
            writing: Writing::new(String::new()),
            outside: Outside::default(),
            offered: None,
            returns_to: None,
            early: Early::default(),
            version: 0,
            lines: Lines::default(),
            folds: Folds::default(),
            scroll: Scroll::default(),
            search: Search::default(),
            replacing: None,
            copied: String::new(),
            findings: Findings::default(),
            facts: None,
            stack: None,
            opened_from: None,
            stack_of: None,
            after: After::Nothing,
            reloads: false,
            way_out: WayOut::None,
            panel: Panel::default(),
            beside: Beside::default(),
            compared: Compared::default(),
            popup: None,
            typing: false,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// Follows a change of the text: what is known of it is found anew.
    pub(super) fn touched(&mut self) -> Request {
        self.lines = Lines::of(self.writing.text());
        self.folds.follow(self.writing.text());
        let check = self.check();
        Request::All(vec![check, self.keep()])
    }

    /// Has the text checked; the answer names this version.
    pub(super) fn check(&mut self) -> Request {
        self.version += 1;
        self.errand(Errand::Check(Check {
            number: self.version,
            text: self.writing.text().as_str().into(),
            stack: self.stack_name(),
            facts: self.facts.clone(),
            beside: self.stack_of.clone(),
        }))
    }

    /// Does something to the text; what follows from it where it changed.
    pub(super) fn write(&mut self, deed: impl FnOnce(&mut Writing)) -> Option<Request> {
        let mark = self.mark();
        deed(&mut self.writing);
        self.follow(mark)
    }

    /// Remembers what a change is told by.
    pub(super) fn mark(&self) -> Mark {
        let (text, at) = (self.writing.text(), self.writing.at());
        Mark { edits: self.writing.edits(), length: text.len(), lines: text.lines(), at }
    }

    /// Follows what was done since, where that was a change.
    pub(super) fn follow(&mut self, mark: Mark) -> Option<Request> {
        if self.writing.edits() == mark.edits {
            return None;
        }
        let text = self.writing.text();
        let grown = text.len().cast_signed() - mark.length.cast_signed();
        let joined = text.lines() != mark.lines;
        self.findings.shift(mark.at.min(self.writing.at()), grown);
        let request = self.touched();
        if joined {
            // What comes or goes at the edge of a fold was a part of it.
            self.folds.reveal(self.writing.line() + 1);
        }
        Some(request)
    }

    /// Goes to the first letter of a line.
    pub(super) fn go_to_line(&mut self, line: usize) {
        let text = self.writing.text();
        self.writing.jump(text.start(line) + indentation(text.line(line)).len());
    }

    pub(super) fn changed(&self) -> bool {
        self.state == State::Ready && self.writing.text().as_str() != self.outside.content.text
    }

    pub(super) fn errand(&self, errand: Errand) -> Request {
        Request::Do(Effect::Document(self.document.clone(), errand))
    }

    /// Saves, and does something once that is done.
    pub(super) fn save_then(&mut self, after: After) -> Request {
        self.after = after;
        let over = Some(self.outside.stamp.clone());
        let content = Arc::new(self.outside.to_save(self.writing.text()));
        self.errand(Errand::Save { content, over })
    }

    /// Has what is not saved kept outside, or forgotten where there is nothing.
    pub(super) fn keep(&mut self) -> Request {
        let draft = self.changed().then(|| self.draft());
        let errands = self.outside.keep(draft, self.writing.steps(), self.now);
        Request::All(errands.into_iter().map(|it| self.errand(it)).collect())
    }

    /// Takes a text in the place of this one, as a step that can be taken back.
    pub(super) fn rewrite(&mut self, text: &str) -> Option<Request> {
        let change = Change::between(self.writing.text().as_str(), text);
        self.write(|it| it.change(change.into_iter().collect()))
    }

    /// Returns the text as it is kept where it is given up.
    pub(super) fn given_up(&self) -> Option<Draft> {
        self.changed().then(|| Draft { discarded: true, ..self.draft() })
    }

    fn draft(&self) -> Draft {
        Draft {
            text: self.writing.text().as_str().to_owned(),
            base: self.outside.stamp.print.clone(),
            at: self.now,
            discarded: false,
            by: None,
        }
    }

    /// A stack that was never deployed is named after the folder or the file, as people
    /// do it.
    pub(super) fn stack_name(&self) -> Option<StackName> {
        self.stack.clone().or_else(|| self.document.stack_name())
    }

    /// Returns whether a project still has the stack that it is of.
    pub(super) fn is_there(&self, world: &World) -> bool {
        match &self.document {
            Document::Stack { stack, .. } => world.projects.catalog.stacks.contains_key(stack),
            Document::File(_) => true,
        }
    }

    /// Returns what a search moves.
    pub(super) fn search(&mut self) -> (&mut Search, SearchView<'_>) {
        let Self { writing, folds, scroll, search, .. } = self;
        (search, SearchView { writing, folds, scroll })
    }
}
