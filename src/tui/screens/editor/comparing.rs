//! Comparing the text with another one: what is on disk, what was deployed last, what
//! somebody else wrote.

use crate::tui::{
    document::{Against, Choice, Errand},
    event::{Effect, Menu, Notice, Question, Request},
    screens::editor::{
        compare::row_of,
        decisions,
        panel::{Panel, PanelContent},
        parts::Editor,
    },
    world::World,
};
use crossterm::event::KeyCode;
use std::ops::ControlFlow;

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
        if self.outside.draft.is_some() {
            rows.push(row("draft", "the unsaved text of before", Against::Draft));
            let take = Effect::Choose(self.document.clone(), Choice::TakeDraft);
            rows.push(Menu::row("take it", "continue with that text instead", vec![take]));
        }
        rows.push(row("saved", "the file as it was last read or saved", Against::Saved));
        if let Some(stack) = self.stack_name() {
            rows.push(row("release", &format!("the last release of {stack}"), Against::Release));
            rows.push(row(
                "running",
                &format!("what runs of {stack} now; shows the plan"),
                Against::Live,
            ));
        }
        Request::Menu(Menu { title, rows, cursor: 0 })
    }

    /// Returns what can be done about what somebody else wrote.
    pub(super) fn decisions(&self) -> Vec<(String, Question)> {
        let other = self.outside.other.as_ref();
        other.map(|it| decisions::about_other(&self.document, it)).unwrap_or_default()
    }

    pub(super) fn compare(&mut self, against: Against) -> Option<Request> {
        match against {
            Against::Saved => {
                self.show_difference("what is saved", self.outside.content.text.clone())
            }
            Against::Other => {
                let other = self.outside.other.as_ref()?.content.text.clone();
                self.show_difference("what somebody else wrote", other)
            }
            Against::Draft => {
                let draft = self.outside.draft.as_ref()?.text.clone();
                self.show_difference("the unsaved text", draft)
            }
            Against::Live => {
                self.panel = Panel::of(PanelContent::Plan, false);
                self.plan_again()
            }
            Against::Release => Some(self.errand(Errand::Deployed(self.stack_name()?))),
        }
    }

    /// Shows what differs from another text, the first part selected.
    fn show_difference(&mut self, with: &str, old: String) -> Option<Request> {
        if !self.compared.compare(with, old, self.writing.text(), self.version) {
            self.panel = Panel::default();
            return Some(Request::problem(format!("this is {with}: nothing differs")));
        }
        self.panel = Panel::of(PanelContent::Difference, true);
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
        let free = self.panel.shown == PanelContent::Nothing;
        let say = |text: String| Some(Request::Say(Notice::Done(text)));
        if !free {
            return say(format!("{with} was read; alt-d compares with it"));
        }
        if !self.compared.compare(&with, old, self.writing.text(), self.version) {
            return say(format!("this is {with}: nothing differs"));
        }
        self.panel = Panel::of(PanelContent::Difference, false);
        None
    }

    /// Finds what differs now, where that is looked at.
    pub(super) fn compare_again(&mut self) {
        if self.panel.shown == PanelContent::Difference
            && self.compared.follow(self.writing.text(), self.version)
        {
            self.panel.row = self.panel.row.min(self.compared.hunks.len().saturating_sub(1));
        }
    }

    /// Takes the keys of the list of differences.
    pub(super) fn press_difference(&mut self, key: KeyCode) -> ControlFlow<Option<Request>> {
        if let Some(row) = row_of(key, self.panel.row) {
            self.select_hunk(row);
            return ControlFlow::Break(None);
        }
        match key {
            KeyCode::Char('r') => ControlFlow::Break(self.take_back()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn select_hunk(&mut self, row: usize) {
        let Some((row, at)) = self.compared.row(row, self.writing.text()) else { return };
        self.panel.row = row;
        self.writing.jump(at);
    }

    /// Puts the part that is selected back to what it is in the other text.
    fn take_back(&mut self) -> Option<Request> {
        let change = self.compared.taken_back(self.panel.row, self.writing.text())?;
        let at = change.range.start;
        let written = self.write(|it| it.change_and_jump(vec![change], at));
        self.compare_again();
        self.select_hunk(self.panel.row);
        written
    }
}
