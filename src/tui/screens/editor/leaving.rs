//! The ways out of the editor: step by step with one key, by commands, and what becomes
//! of a text that is not saved.

use crate::{
    domain::draft::Draft,
    tui::{
        document::Errand,
        event::{Notice, PromptKind, Request},
        screens::editor::{Editor, State},
        vi::FileCommand,
    },
};
use crossterm::event::{KeyCode, KeyEvent};
use std::{mem, path, sync::Arc};

/// What the key before did on the way out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WayOut {
    /// It was for something else.
    #[default]
    None,
    /// It closed the offers that stood at a byte: whoever writes goes on writing.
    ClosedOffers(usize),
    /// It closed something else.
    Closed,
    /// It said that the next one leaves.
    Warned,
}

/// What is done once the text is saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum After {
    #[default]
    Nothing,
    Deploy,
    Leave,
}

impl Editor {
    /// Takes one step out: closes what is open, one thing at a time, and leaves only when
    /// it said so before. With a text that is not saved leaving asks.
    pub(super) fn step_back(&mut self) -> Option<Request> {
        let before = mem::take(&mut self.way_out);
        if self.has_early() && before != WayOut::Warned {
            self.way_out = WayOut::Warned;
            let text = "the file is still being read, and what you typed waits for it; once more leaves without it";
            return Some(Request::Say(Notice::Hint(text.to_owned())));
        }
        if self.popup.take().is_some() {
            self.way_out = WayOut::ClosedOffers(self.writing.at());
            return None;
        }
        let closed = self.replacing.take().is_some()
            || self.writing.deselect()
            || self.close_panel()
            || self.sought.take().is_some();
        if closed {
            self.way_out = WayOut::Closed;
            return None;
        }
        if self.state == State::Ready && !self.changed() && before != WayOut::Warned {
            self.way_out = WayOut::Warned;
            let text = "once more leaves this file; `:` types a command";
            return Some(Request::Say(Notice::Hint(text.to_owned())));
        }
        Some(Request::Back)
    }

    /// Takes what hands that know vi type after the key that takes a step out: `:` is the
    /// command line then, and no text.
    pub(super) fn command_reflex(&mut self, before: WayOut, key: KeyEvent) -> Option<Request> {
        let colon = key.code == KeyCode::Char(':');
        match before {
            WayOut::Closed | WayOut::Warned if colon => Some(Request::Prompt(PromptKind::Command)),
            // A key of the file may be finished so: only a whole command is one.
            WayOut::ClosedOffers(_) if self.replacing.is_none() => {
                if key.code == KeyCode::Enter {
                    return self.run_reflex(before);
                }
                if matches!(key.code, KeyCode::Char(_)) {
                    self.way_out = before;
                }
                None
            }
            _ => None,
        }
    }

    /// Runs the command that was typed into the text behind closed offers, and takes it
    /// out of there.
    fn run_reflex(&mut self, before: WayOut) -> Option<Request> {
        let WayOut::ClosedOffers(start) = before else { return None };
        let typed = self.writing.text().as_str().get(start..self.writing.at())?;
        let command = typed.strip_prefix(':').filter(|it| REFLEXES.contains(it))?;
        let command = command.to_owned();
        self.popup = None;
        self.writing.select(start..self.writing.at());
        let erased = self.write(|it| {
            it.cut();
        });
        let run = Request::Command(command);
        Some(Request::All(erased.into_iter().chain([run]).collect()))
    }

    /// Does what a command about this file says.
    pub(super) fn file_command(&mut self, command: &FileCommand) -> Option<Request> {
        if self.state != State::Ready {
            return None;
        }
        match command {
            FileCommand::Write | FileCommand::WriteAll => Some(self.save_then(After::Nothing)),
            FileCommand::WriteTo { path, over } => {
                if path::absolute(path).ok() == path::absolute(self.document.path()).ok() {
                    return Some(self.save_then(After::Nothing));
                }
                let content = Arc::new(self.content());
                let (path, over) = (path.clone(), *over);
                Some(self.errand(Errand::WriteTo { path, content, over }))
            }
            FileCommand::Reload => {
                self.reloads = true;
                Some(self.errand(Errand::Load))
            }
            FileCommand::Line(line) => {
                let line = line.saturating_sub(1).min(self.writing.text().lines() - 1);
                self.writing.jump(self.writing.text().start(line));
                None
            }
            // The cockpit leaves.
            FileCommand::WriteAndLeave
            | FileCommand::Leave { .. }
            | FileCommand::WriteAllAndQuit
            | FileCommand::Quit { .. } => None,
        }
    }

    /// Saves, and does something once that is done.
    pub(super) fn save_then(&mut self, after: After) -> Request {
        self.after = after;
        self.save()
    }

    /// Does what was to be done once the text was saved; not where somebody wrote on.
    pub(super) fn saved(&mut self) -> Option<Request> {
        match mem::take(&mut self.after) {
            After::Nothing => None,
            _ if self.changed() => Some(Request::Left { saved: false }),
            After::Deploy => Some(self.deploy()),
            After::Leave => Some(Request::Left { saved: true }),
        }
    }

    /// It could not be saved: whoever waits for that stays.
    pub(super) fn not_saved(&mut self) -> Option<Request> {
        (mem::take(&mut self.after) == After::Leave).then_some(Request::Left { saved: false })
    }

    /// Returns the text as it is kept where it is given up.
    pub(super) fn given_up(&self) -> Option<Draft> {
        self.changed().then(|| Draft { discarded: true, ..self.draft() })
    }

    pub(super) fn draft(&self) -> Draft {
        Draft {
            text: self.writing.text().as_str().to_owned(),
            base: self.outside.stamp.print.clone(),
            at: self.now,
            discarded: false,
            by: None,
        }
    }
}

/// What is a command where it is typed behind closed offers.
const REFLEXES: &[&str] = &["w", "wq", "x", "q", "q!", "wq!", "x!", "qa", "qa!", "wqa", "e!"];
