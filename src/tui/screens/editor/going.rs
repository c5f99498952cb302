//! Leaving the editor, step by step with one key or by commands, and other commands about
//! its file.

use crate::tui::{
    document::Errand,
    event::{Notice, PromptKind, Request},
    screens::editor::{
        leaving::{After, WayOut, reflex},
        parts::Editor,
        state::State,
    },
    vi::FileCommand,
};
use crossterm::event::{KeyCode, KeyEvent};
use std::{mem, path, sync::Arc};

impl Editor {
    /// Takes one step out: closes what is open, one thing at a time, and leaves only when
    /// it said so before. With a text that is not saved leaving asks.
    pub(super) fn step_back(&mut self) -> Option<Request> {
        let before = mem::take(&mut self.way_out);
        if self.state.is_early() && !self.early.is_empty() && before != WayOut::Warned {
            self.way_out = WayOut::Warned;
            let text = "the file is still being read, and what you typed waits for it; press again to leave without it";
            return Some(Request::Say(Notice::Hint(text.to_owned())));
        }
        if self.popup.take().is_some() {
            self.way_out = WayOut::ClosedOffers(self.writing.at());
            return None;
        }
        let closed = self.replacing.take().is_some()
            || self.writing.deselect()
            || self.panel.close()
            || self.search.sought.take().is_some();
        if closed {
            self.way_out = WayOut::Closed;
            return None;
        }
        if self.state == State::Ready && !self.changed() && before != WayOut::Warned {
            self.way_out = WayOut::Warned;
            let text = "press again to leave this file; `:` types a command";
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
            WayOut::ClosedOffers(start) if self.replacing.is_none() => {
                if key.code == KeyCode::Enter {
                    return self.run_reflex(start);
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
    fn run_reflex(&mut self, start: usize) -> Option<Request> {
        let command = reflex(&self.writing, start)?.to_owned();
        self.popup = None;
        self.writing.select(start..self.writing.at());
        let erased = self.write(|it| {
            it.cut();
        });
        let run = Request::Command(command);
        Some(Request::All(erased.into_iter().chain([run]).collect()))
    }

    /// Does what a command about this file says.
    pub(super) fn run_file_command(&mut self, command: &FileCommand) -> Option<Request> {
        if self.state != State::Ready {
            return None;
        }
        match command {
            FileCommand::Write | FileCommand::WriteAll => Some(self.save_then(After::Nothing)),
            FileCommand::WriteTo { path, over } => {
                if path::absolute(path).ok() == path::absolute(self.document.path()).ok() {
                    return Some(self.save_then(After::Nothing));
                }
                let content = Arc::new(self.outside.to_save(self.writing.text()));
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
}
