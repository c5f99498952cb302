//! The compose editor: a file, its findings while one types, and the way from
//! here to a running stack.

mod highlight;
mod view;

use crate::{
    domain::{compose::Severity, names::StackName},
    tui::{
        event::{Effect, Event, Notice, Place, PromptKind, Remark, Request, Subject},
        keymap::{Action, Context},
        screens::Screen,
        widgets::Look,
        world::World,
    },
};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect};
use ratatui_textarea::{CursorMove, TextArea};
use std::path::PathBuf;

/// A file being edited.
#[derive(Debug)]
pub struct Editor {
    path: PathBuf,
    state: State,
    /// As it was read or last written.
    saved: String,
    area: TextArea<'static>,
    /// Raised with every change; answers of the checker name it.
    version: u64,
    remarks: Vec<Remark>,
    /// The version that `remarks` are about.
    checked: u64,
    /// How lines end in the file.
    crlf: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Unread,
    Reading,
    Ready,
    /// The file cannot be edited, and why.
    Refused(String),
}

impl Editor {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            state: State::Unread,
            saved: String::new(),
            area: TextArea::default(),
            version: 0,
            remarks: Vec::new(),
            checked: 0,
            crlf: false,
        }
    }

    /// Returns the text, with the line ends of the file.
    fn text(&self) -> String {
        self.area.lines().join(if self.crlf { "\r\n" } else { "\n" })
    }

    fn changed(&self) -> bool {
        self.state == State::Ready && self.text() != self.saved
    }

    fn load(&mut self, text: &str) -> Request {
        self.crlf = text.contains("\r\n");
        let lines = text.split('\n').map(|it| it.strip_suffix('\r').unwrap_or(it).to_owned());
        self.area = TextArea::new(lines.collect());
        self.area.set_max_histories(10_000);
        self.area.set_tab_length(2);
        text.clone_into(&mut self.saved);
        self.state = State::Ready;
        self.check()
    }

    /// Has the text checked; the answer names this version.
    fn check(&mut self) -> Request {
        self.version += 1;
        Request::Do(Effect::Check {
            number: self.version,
            path: self.path.clone(),
            text: self.text(),
        })
    }

    fn count(&self, severity: Severity) -> usize {
        self.remarks.iter().filter(|it| it.severity == severity).count()
    }

    /// The worst remark on the line of the cursor.
    fn remark_here(&self) -> Option<&Remark> {
        let line = self.area.cursor().0 + 1;
        self.remarks.iter().filter(|it| it.line == line).max_by_key(|it| it.severity)
    }

    /// Goes to the next remark, around the end.
    fn next_remark(&mut self, forward: bool) -> Option<Request> {
        let here = self.area.cursor().0 + 1;
        let mut lines: Vec<usize> = self.remarks.iter().map(|it| it.line.max(1)).collect();
        lines.sort_unstable();
        let next = if forward {
            lines.iter().find(|it| **it > here).or(lines.first())
        } else {
            lines.iter().rev().find(|it| **it < here).or(lines.last())
        };
        let Some(line) = next else {
            return Some(Request::Say(Notice::Done("no findings".to_owned())));
        };
        let column = self
            .remarks
            .iter()
            .find(|it| it.line.max(1) == *line)
            .map_or(0, |it| it.column.saturating_sub(1));
        let row = u16::try_from(line - 1).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(row, u16::try_from(column).unwrap_or(0)));
        None
    }

    /// The stack is named after the folder or the file, as people do it.
    fn stack_name(&self) -> Option<StackName> {
        let stem = self.path.file_stem()?.to_str()?;
        let generic = ["compose", "docker-compose", "stack", "docker-stack"].contains(&stem);
        let folder = self.path.parent().and_then(|it| it.file_name()).and_then(|it| it.to_str());
        let name = if generic { folder.unwrap_or(stem) } else { stem };
        let name: String = name
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() || it == '-' || it == '_' { it } else { '-' })
            .collect();
        name.trim_matches(['-', '_']).parse().ok()
    }

    fn deploy(&self) -> Request {
        let errors = self.count(Severity::Error);
        if errors > 0 && self.checked == self.version {
            let first = self.remarks.iter().find(|it| it.severity == Severity::Error);
            let first = first.map_or("", |it| it.message.as_str());
            return Request::problem(format!(
                "not deployed, {errors} to mend: {first} (f8 goes there)"
            ));
        }
        let name = self.stack_name().map(|it| it.to_string()).unwrap_or_default();
        Request::Prompt(PromptKind::Deploy {
            path: self.path.clone(),
            text: self.text(),
            proposed: name,
        })
    }

    fn save(&self) -> Request {
        Request::Do(Effect::Save { path: self.path.clone(), text: self.text() })
    }
}

impl Screen for Editor {
    fn place(&self) -> Place {
        Place::Editor(self.path.clone())
    }

    fn crumb(&self, _world: &World) -> String {
        let name =
            self.path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        format!("edit · {name}")
    }

    fn context(&self) -> Context {
        Context::Editor
    }

    fn update(&mut self, _world: &World, action: Action) -> Option<Request> {
        if action == Action::Back {
            return Some(Request::Back);
        }
        if self.state != State::Ready {
            return None;
        }
        match action {
            Action::Save => return Some(self.save()),
            Action::Deploy => return Some(self.deploy()),
            Action::NextFinding => return self.next_remark(true),
            Action::PrevFinding => return self.next_remark(false),
            Action::NextMatch => _ = self.area.search_forward(false),
            Action::PrevMatch => _ = self.area.search_back(false),
            Action::Undo if self.area.undo() => return Some(self.check()),
            Action::Redo if self.area.redo() => return Some(self.check()),
            _ => {}
        }
        None
    }

    fn typed(&mut self, _world: &World, key: KeyEvent) -> Option<Request> {
        (self.state == State::Ready && self.area.input(key)).then(|| self.check())
    }

    fn pasted(&mut self, _world: &World, text: &str) -> Option<Request> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        (self.state == State::Ready && self.area.insert_str(text)).then(|| self.check())
    }

    fn begin(&mut self, _world: &World) -> Option<Request> {
        if self.state != State::Unread {
            return None;
        }
        self.state = State::Reading;
        Some(Request::Do(Effect::Load(self.path.clone())))
    }

    fn observe(&mut self, _world: &World, event: &Event) -> Option<Request> {
        match event {
            Event::Loaded(path, answer) if *path == self.path && self.state == State::Reading => {
                match answer {
                    Ok(text) => return Some(self.load(text)),
                    Err(why) => self.state = State::Refused(why.clone()),
                }
            }
            Event::Saved(path, text) if *path == self.path => text.clone_into(&mut self.saved),
            Event::Checked(version, remarks) if *version == self.version => {
                self.remarks.clone_from(remarks);
                self.checked = *version;
            }
            _ => {}
        }
        None
    }

    fn outdated(&self, _world: &World, _drawn: Timestamp) -> bool {
        false
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        vec![Subject::File(self.path.clone())]
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        // A text that is no expression is looked for as it stands.
        if self.area.set_search_pattern(typed).is_err() {
            _ = self.area.set_search_pattern(regex::escape(typed));
        }
        let found = self.area.search_forward(true) || typed.is_empty();
        (!found).then(|| Request::problem(format!("`{typed}` is not in this file")))
    }

    fn takes(&self, action: Action) -> bool {
        !matches!(action, Action::Copy | Action::Dump)
    }

    fn unsaved(&self) -> Option<String> {
        self.changed().then(|| format!("{} has changes that are not saved.", self.path.display()))
    }

    fn dump(&self, _look: &Look<'_>) -> String {
        self.text()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        None
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        view::draw(self, look, area, buffer);
    }
}
