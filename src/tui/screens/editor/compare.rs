//! What differs between the text and another one: what is on disk, what was deployed
//! last, what somebody else wrote.

use crate::{
    domain::compose::difference::{Hunk, hunks, revert},
    tui::{
        document::{Against, Choice, Errand},
        event::{Effect, Menu, Notice, Request},
        screens::editor::{
            Editor,
            panel::{Panel, Shown},
            writing::{Change, indentation},
        },
        world::World,
    },
};
use crossterm::event::KeyCode;
use std::ops::ControlFlow;

/// A text that this one is compared with.
#[derive(Debug, Default)]
pub struct Compared {
    /// What the other text is called.
    pub with: String,
    pub old: String,
    pub hunks: Vec<Hunk>,
    /// The version that `hunks` are of.
    version: u64,
    /// How many keys had been pressed when it was asked for.
    pub asked: u64,
}

impl Editor {
    /// Asks what to compare the text with.
    pub(super) fn ask_against(&self) -> Request {
        let row = |label: &str, text: &str, against| {
            let choice = Choice::Compare(against);
            Menu::row(label, text, vec![Effect::Choose(self.document.clone(), choice)])
        };
        let mut rows = self.decisions();
        let title = match rows.is_empty() {
            true => "Compare with".to_owned(),
            false => format!("{}: Somebody else changed it", self.document.short_name()),
        };
        if self.outside.draft().is_some() {
            rows.push(row("draft", "what was written before and not saved", Against::Draft));
            let take = Effect::Choose(self.document.clone(), Choice::TakeDraft);
            rows.push(Menu::row("take it", "go on with that text instead", vec![take]));
        }
        rows.push(row("saved", "what was read or saved last", Against::Saved));
        if let Some(stack) = self.stack_name() {
            rows.push(row("release", &format!("the last release of {stack}"), Against::Release));
            rows.push(row("live", &format!("what runs of {stack}: the plan"), Against::Live));
        }
        Request::Menu(Menu { title, rows, cursor: 0 })
    }

    pub(super) fn compare(&mut self, against: Against) -> Option<Request> {
        match against {
            Against::Saved => {
                self.show_difference("what is saved", self.outside.content.text.clone())
            }
            Against::Other => {
                let other = self.outside.other()?.content.text.clone();
                self.show_difference("what somebody else wrote", other)
            }
            Against::Draft => {
                let draft = self.outside.draft()?.text.clone();
                self.show_difference("what was not saved", draft)
            }
            Against::Live => {
                self.panel = Panel::of(Shown::Plan, false);
                self.plan_again()
            }
            Against::Release => Some(self.errand(Errand::Deployed(self.stack_name()?))),
        }
    }

    /// Shows what differs from another text, the first part selected.
    fn show_difference(&mut self, with: &str, old: String) -> Option<Request> {
        if !self.compare_with(with, old) {
            self.panel = Panel::default();
            return Some(Request::problem(format!("this is {with}: nothing differs")));
        }
        self.panel = Panel::of(Shown::Difference, true);
        self.select_hunk(0);
        None
    }

    /// Shows what differs from a release. Whoever pressed a key since it was asked for goes
    /// on with what that was for: a list that takes keys would take those meant for the
    /// text, and one of them takes text back.
    pub(super) fn release_is(
        &mut self,
        world: &World,
        revision: u32,
        old: String,
    ) -> Option<Request> {
        let with = format!("release {revision}");
        if self.compared.asked == world.presses {
            return self.show_difference(&with, old);
        }
        let free = self.panel.shown == Shown::Nothing;
        let say = |text: String| Some(Request::Say(Notice::Done(text)));
        if !free {
            return say(format!("{with} was read; alt-d compares with it"));
        }
        if !self.compare_with(&with, old) {
            return say(format!("this is {with}: nothing differs"));
        }
        self.panel = Panel::of(Shown::Difference, false);
        None
    }

    /// Holds the text against another one; returns whether anything differs.
    fn compare_with(&mut self, with: &str, old: String) -> bool {
        let hunks = hunks(&old, self.writing.text().as_str());
        let differs = !hunks.is_empty();
        if differs {
            let asked = self.compared.asked;
            let with = with.to_owned();
            self.compared = Compared { with, old, hunks, version: self.version, asked };
        }
        differs
    }

    /// Finds what differs now, where that is looked at.
    pub(super) fn compare_again(&mut self) {
        if self.panel.shown == Shown::Difference && self.compared.version != self.version {
            self.compared.hunks = hunks(&self.compared.old, self.writing.text().as_str());
            self.compared.version = self.version;
            self.panel.row = self.panel.row.min(self.compared.hunks.len().saturating_sub(1));
        }
    }

    /// Takes the keys of the list of differences.
    pub(super) fn press_difference(&mut self, key: KeyCode) -> ControlFlow<Option<Request>> {
        match key {
            KeyCode::Up => self.select_hunk(self.panel.row.saturating_sub(1)),
            KeyCode::Down => self.select_hunk(self.panel.row + 1),
            KeyCode::Home => self.select_hunk(0),
            KeyCode::End => self.select_hunk(usize::MAX),
            KeyCode::Char('r') => return ControlFlow::Break(self.take_back()),
            _ => return ControlFlow::Continue(()),
        }
        ControlFlow::Break(None)
    }

    fn select_hunk(&mut self, row: usize) {
        let Some(last) = self.compared.hunks.len().checked_sub(1) else { return };
        self.panel.row = row.min(last);
        let line = self.compared.hunks[self.panel.row].new.start;
        let text = self.writing.text();
        self.writing.jump(text.start(line) + indentation(text.line(line)).len());
    }

    /// Puts the part that is selected back to what it is in the other text.
    fn take_back(&mut self) -> Option<Request> {
        let hunk = self.compared.hunks.get(self.panel.row)?;
        let now = self.writing.text().as_str();
        let change = Change::between(now, &revert(&self.compared.old, now, hunk))?;
        let at = change.range.start;
        let written = self.write(|it| it.change_and_jump(vec![change], at));
        self.compare_again();
        self.select_hunk(self.panel.row);
        written
    }
}
