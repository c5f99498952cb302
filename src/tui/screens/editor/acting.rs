//! Actions of the editor.

use crate::{
    domain::{compose::assist::Offer, text::count::counted},
    tui::{
        document::{Copied, Errand},
        event::{Effect, Notice, Request},
        keymap::Action,
        screens::editor::{
            keys,
            leaving::After,
            panel::{Panel, PanelContent},
            parts::Editor,
            popup::{Popup, offers},
            writing::{Change, Writing},
        },
    },
};

impl Editor {
    pub(super) fn act(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::Save => Some(self.save_then(After::Nothing)),
            Action::Deploy => Some(self.deploy()),
            Action::NextFinding => self.next_remark(true),
            Action::PrevFinding => self.next_remark(false),
            Action::Findings | Action::Meaning | Action::PlanBeside => self.show_panel(action),
            Action::OwnEditor => {
                let text = self.writing.text().as_str().to_owned();
                Some(Request::Do(Effect::HandOff(self.document.clone(), text)))
            }
            Action::Compare => Some(self.ask_against()),
            Action::Complete => self.offer(),
            Action::GoToService => Some(self.ask_where_to_go()),
            Action::Fold | Action::FoldAll => self.fold(action),
            Action::Fix => self.fix(),
            Action::FixAll => Some(self.fix_all()),
            Action::Refresh => {
                let facts = self.errand(Errand::Facts);
                Some(Request::All([facts].into_iter().chain(self.plan_again()).collect()))
            }
            Action::NextMatch => self.search.find(&mut self.writing, true),
            Action::PrevMatch => self.search.find(&mut self.writing, false),
            Action::Undo => self.write(|it| _ = it.undo()),
            Action::Redo => self.write(|it| _ = it.redo()),
            Action::Replace => Some(self.ask_what_to_replace()),
            Action::Comment => self.write(Writing::comment),
            Action::DuplicateLine => self.write(Writing::duplicate),
            Action::EraseLine => self.write(Writing::erase_lines),
            Action::EraseToEnd => self.write(keys::to_the_end).map(keys::said),
            Action::MoveLineUp => self.write(|it| _ = it.move_lines(false)),
            Action::MoveLineDown => self.write(|it| _ = it.move_lines(true)),
            Action::PasteText => self.write_copied(),
            _ => self.move_or_copy(action),
        }
    }

    /// Does what changes nothing.
    fn move_or_copy(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::SelectAll => self.writing.select(0..self.writing.text().len()),
            Action::CopyText => return Some(self.copy(Copied::Stays)),
            Action::CutText => {
                let copied = self.copy(Copied::Cut);
                let cut = self.write(Writing::cut);
                return Some(Request::All([copied].into_iter().chain(cut).collect()));
            }
            // The wheel.
            Action::SelectNext => self.writing.go_to_line(self.folds.next(&self.writing, 1), false),
            Action::SelectPrev => {
                self.writing.go_to_line(self.folds.next(&self.writing, -1), false);
            }
            _ => {}
        }
        None
    }

    fn copy(&mut self, how: Copied) -> Request {
        self.copied = self.writing.taken().to_owned();
        Request::Do(Effect::CopyUnquoted(self.copied.clone(), how))
    }

    fn write_copied(&mut self) -> Option<Request> {
        let copied = self.copied.clone();
        if copied.is_empty() {
            return Some(Request::problem(
                "nothing was copied in skep; your terminal can paste from its clipboard",
            ));
        }
        self.write(|it| it.paste(&copied))
    }

    /// Folds or unfolds what the cursor is in, or all services.
    fn fold(&mut self, action: Action) -> Option<Request> {
        if action == Action::FoldAll {
            self.folds.toggle_all();
        } else if self.folds.toggle(self.writing.line()).is_none() {
            return Some(Request::problem("there is nothing to fold here"));
        }
        // The cursor goes to what stays.
        if let Some(hidden) = self.folds.hiding(self.writing.line()) {
            self.go_to_line(hidden.start() - 1);
        }
        None
    }

    fn show_panel(&mut self, action: Action) -> Option<Request> {
        match action {
            Action::Findings => {
                self.panel.toggle(PanelContent::Findings);
                if self.panel.focused {
                    let here = self.findings.listed_here(&self.writing, self.panel.selected());
                    self.select_remark(here.unwrap_or(0));
                }
            }
            Action::Meaning if self.panel.shown == PanelContent::Meaning => {
                self.panel = Panel::default();
            }
            Action::Meaning => {
                self.panel = Panel::of(PanelContent::Meaning, false);
            }
            // It is looked at while one writes, and gone to seldom.
            Action::PlanBeside if self.panel.shown != PanelContent::Plan => {
                self.panel = Panel::of(PanelContent::Plan, false);
                return self.plan();
            }
            Action::PlanBeside => self.panel.toggle(PanelContent::Plan),
            _ => {}
        }
        None
    }

    /// Offers what may stand at the cursor, because somebody asked.
    pub(super) fn offer(&mut self) -> Option<Request> {
        let offers = offers(&self.writing, self.facts.as_deref());
        self.popup = None;
        match offers.as_slice() {
            [] => Some(Request::problem("skep knows nothing that could be written here")),
            // The only one is what is meant.
            [only] => self.accept(only),
            _ => {
                self.popup = Some(Popup::asked(offers));
                None
            }
        }
    }

    /// Offers it by itself, where a word was begun.
    pub(super) fn offer_by_itself(&mut self) {
        if self.typing && self.popup.is_none() {
            self.popup = Popup::by_itself(&self.writing, self.facts.as_deref());
        }
    }

    /// Writes an offer.
    pub(super) fn accept(&mut self, offer: &Offer) -> Option<Request> {
        let change = Change::new(offer.replaces.clone(), offer.text.as_str());
        let cursor = offer.cursor;
        let written = self.write(|it| it.change_and_jump(vec![change], cursor));
        (self.popup, self.typing) = (None, false);
        written
    }

    /// Selects a row of the list of findings, and goes to what it is about.
    pub(super) fn select_remark(&mut self, row: usize) {
        let Some((row, at)) = self.findings.row(row) else { return };
        self.panel.row = row;
        self.writing.jump(at);
    }

    /// Goes to the next remark, around the end.
    fn next_remark(&mut self, forward: bool) -> Option<Request> {
        let count = self.findings.remarks.len();
        if self.panel.focused && self.panel.shown == PanelContent::Findings && count > 0 {
            let row = self.panel.row + if forward { 1 } else { count - 1 };
            self.select_remark(row % count);
            return None;
        }
        let Some(at) = self.findings.next(self.writing.at(), forward) else {
            return Some(Request::Say(Notice::Done("no findings".to_owned())));
        };
        self.writing.jump(at);
        None
    }

    /// Applies the fix of the remark under the cursor.
    fn fix(&mut self) -> Option<Request> {
        match self.findings.fix(self.version, &self.writing, self.panel.selected()) {
            Ok(change) => self.write(|it| it.change(vec![change])),
            Err(why) => Some(Request::problem(why)),
        }
    }

    /// Applies all fixes, as one step.
    fn fix_all(&mut self) -> Request {
        let changes = match self.findings.fix_all(self.version) {
            Ok(changes) => changes,
            Err(why) => return Request::problem(why),
        };
        let said = format!("{} fixed", counted(changes.len() as u64, "finding", "findings"));
        let changed = self.write(|it| it.change(changes));
        let said = Request::Say(Notice::Done(said));
        Request::All(changed.into_iter().chain([said]).collect())
    }
}
