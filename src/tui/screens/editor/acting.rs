//! What the keys with a name do in the editor.

use crate::tui::{
    document::{Copied, Errand},
    event::{Effect, Request},
    keymap::Action,
    screens::editor::{
        Editor, keys,
        leaving::After,
        writing::{Writing, indentation},
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
            Action::NextMatch => self.find(true),
            Action::PrevMatch => self.find(false),
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
                "nothing was copied here; your terminal pastes what is in its clipboard",
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
            let line = hidden.start() - 1;
            let text = self.writing.text();
            self.writing.jump(text.start(line) + indentation(text.line(line)).len());
        }
        None
    }

    /// Goes to the next or the last place of what is sought.
    pub(super) fn find(&mut self, forward: bool) -> Option<Request> {
        let sought = self.sought.as_ref()?;
        let (text, at) = (self.writing.text(), self.writing.at());
        let found = if forward { sought.next(text, at + 1) } else { sought.previous(text, at) };
        let Some(range) = found else {
            return Some(Request::problem(format!("`{}` is not in this text", sought.typed)));
        };
        self.writing.jump(range.start);
        None
    }
}
