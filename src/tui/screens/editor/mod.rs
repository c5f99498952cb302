//! The compose editor: a text, its findings while one types, and the way from here
//! to a running stack.

mod writing;
mod highlight;
mod folds;
mod scroll;
mod seek;
mod searching;
mod replace;
mod keys;
mod early;
mod acting;
mod findings;
mod panel;
mod popup;
mod beside;
mod compare;
mod outside;
mod leaving;
mod view;

use crate::{
    domain::{draft::Draft, names::StackName},
    projects::Sources,
    tui::{
        document::{Against, Check, Choice, Document, Errand, Facts, Remark},
        event::{Effect, Fact, Place, Request, Response, Subject},
        keymap::{Action, Context},
        screens::{
            Screen, body,
            editor::{
                beside::Beside,
                compare::Compared,
                early::{Early, Typed},
                folds::Folds,
                highlight::Lines,
                leaving::{After, WayOut},
                outside::Outside,
                panel::Panel,
                popup::Popup,
                replace::Replacing,
                scroll::Scroll,
                searching::Origin,
                seek::Sought,
                view::Areas,
                writing::Writing,
            },
        },
        vi::FileCommand,
        widgets::Look,
        world::World,
    },
};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
};
use std::{mem, ops::ControlFlow, sync::Arc};

/// A document being edited.
#[derive(Debug)]
pub struct Editor {
    document: Document,
    state: State,
    writing: Writing,
    outside: Outside,
    /// What is asked about once the document is read.
    offered: Option<Draft>,
    /// Where somebody wrote before, until the document is read.
    returns_to: Option<(usize, usize)>,
    /// What is typed until the document is read.
    early: Early,
    /// Raised with every change; answers of the checker name it.
    version: u64,
    lines: Lines,
    folds: Folds,
    scroll: Scroll,
    sought: Option<Sought>,
    /// Where a search began that is being typed.
    origin: Option<Box<Origin>>,
    replacing: Option<Replacing>,
    /// What was copied last.
    copied: String,
    remarks: Vec<Remark>,
    /// The version that `remarks` are about.
    checked: u64,
    facts: Option<Arc<Facts>>,
    /// What the text was last deployed as, or is.
    stack: Option<StackName>,
    /// What else the stack is made of, where a project has it.
    stack_of: Option<Arc<Sources>>,
    /// What is done once it is saved.
    after: After,
    /// What is read next takes the place of what is not saved.
    reloads: bool,
    /// What the key before did on the way out.
    way_out: WayOut,
    panel: Panel,
    beside: Beside,
    compared: Compared,
    popup: Option<Popup>,
    /// The last change was typed, so more will come.
    typing: bool,
    now: Timestamp,
}

/// A text as it was before something was done to it.
#[derive(Debug, Clone, Copy)]
struct Mark {
    edits: u64,
    length: usize,
    lines: usize,
    at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Unread,
    Reading,
    Ready,
    /// The document cannot be edited, and why.
    Refused(String),
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
            sought: None,
            origin: None,
            replacing: None,
            copied: String::new(),
            remarks: Vec::new(),
            checked: 0,
            facts: None,
            stack: None,
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
    fn touched(&mut self) -> Request {
        self.lines = Lines::of(self.writing.text());
        self.folds.follow(self.writing.text());
        let check = self.check();
        Request::All(vec![check, self.keep()])
    }

    /// Has the text checked; the answer names this version.
    fn check(&mut self) -> Request {
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
    fn write(&mut self, deed: impl FnOnce(&mut Writing)) -> Option<Request> {
        let mark = self.mark();
        deed(&mut self.writing);
        self.follow(mark)
    }

    /// Remembers what a change is told by.
    fn mark(&self) -> Mark {
        let (text, at) = (self.writing.text(), self.writing.at());
        Mark { edits: self.writing.edits(), length: text.len(), lines: text.lines(), at }
    }

    /// Follows what was done since, where that was a change.
    fn follow(&mut self, mark: Mark) -> Option<Request> {
        if self.writing.edits() == mark.edits {
            return None;
        }
        let text = self.writing.text();
        let grown = text.len().cast_signed() - mark.length.cast_signed();
        let joined = text.lines() != mark.lines;
        self.shift_remarks(mark.at.min(self.writing.at()), grown);
        let request = self.touched();
        if joined {
            // What comes or goes at the edge of a fold was a part of it.
            self.folds.reveal(self.writing.line() + 1);
        }
        Some(request)
    }

    /// Returns how many letters are before the cursor in its line.
    fn column(&self) -> usize {
        self.writing.text().before(self.writing.at()).chars().count()
    }

    fn areas(&self, world: &World) -> Areas {
        Areas::of(self, body(world))
    }
}

impl Screen for Editor {
    fn place(&self) -> Place {
        Place::Editor(self.document.clone())
    }

    fn crumb(&self, _world: &World) -> String {
        format!("edit · {}", self.document.short_name())
    }

    fn context(&self) -> Context {
        Context::Editor
    }

    fn update(&mut self, _world: &World, action: Action) -> Option<Request> {
        self.origin = None;
        if action == Action::Back {
            return self.step_back();
        }
        self.way_out = WayOut::None;
        if self.state != State::Ready {
            return self.hold(Typed::Action(action));
        }
        self.replacing = None;
        self.popup = None;
        self.typing = false;
        self.act(action)
    }

    fn typed(&mut self, world: &World, key: KeyEvent) -> Option<Request> {
        self.now = world.now;
        self.origin = None;
        let before = mem::take(&mut self.way_out);
        if let Some(request) = self.command_reflex(before, key) {
            return Some(request);
        }
        if self.state != State::Ready {
            return self.hold(Typed::Key(key));
        }
        if self.replacing.is_some() {
            return self.decide(key);
        }
        let room = self.areas(world).panel.inner(Margin::new(1, 1));
        if let ControlFlow::Break(done) = self.press_panel(key, (room.width, room.height)) {
            return done;
        }
        if let ControlFlow::Break(done) = self.press_popup(key) {
            return done;
        }
        let stop = self.writing.text().before(self.writing.at()).trim().is_empty();
        if key.code == KeyCode::Tab && self.writing.selected().is_none() && !stop {
            return self.offer();
        }
        let page = usize::from(self.areas(world).text.height.saturating_sub(2)).max(1);
        let mark = self.mark();
        keys::press(&mut self.writing, &self.folds, page, key);
        let request = self.follow(mark);
        if request.is_some() {
            self.typing = matches!(key.code, KeyCode::Char(_));
            self.renew_offers();
        }
        request
    }

    fn takes_text(&self) -> bool {
        let asked = self.popup.as_ref().is_some_and(|it| it.row.is_some());
        let elsewhere = self.panel.focused || self.replacing.is_some() || asked;
        let reading = matches!(self.state, State::Unread | State::Reading);
        reading || (self.state == State::Ready && self.way_out == WayOut::None && !elsewhere)
    }

    fn pasted(&mut self, _world: &World, text: &str) -> Option<Request> {
        self.way_out = WayOut::None;
        self.popup = None;
        self.typing = false;
        if self.state != State::Ready {
            return self.hold(Typed::Text(text.to_owned()));
        }
        if text.is_empty() {
            return None;
        }
        self.write(|it| it.paste(text))
    }

    fn begin(&mut self, _world: &World) -> Option<Request> {
        if self.state != State::Unread {
            return None;
        }
        self.state = State::Reading;
        let of_project = matches!(self.document, Document::Stack { .. }).then_some(Errand::Beside);
        let errands = [Errand::Load, Errand::Facts].into_iter().chain(of_project);
        Some(Request::All(errands.map(|it| self.errand(it)).collect()))
    }

    fn observe(&mut self, world: &World, fact: Fact) -> Option<Request> {
        self.now = world.now;
        match fact {
            Fact::Clock => self.tick(),
            // Variables and policies may be others by now.
            Fact::Projects if self.stack_of.is_some() => Some(self.errand(Errand::Beside)),
            _ => None,
        }
    }

    fn answered(&mut self, world: &World, response: Response) -> Option<Request> {
        self.now = world.now;
        match response {
            Response::Document(reply) => {
                let heard = self.hear(world, &reply);
                self.take_early(world, heard)
            }
            Response::Plan(answer) => self.planned(answer),
            _ => None,
        }
    }

    fn stay(&mut self) {
        self.way_out = WayOut::Closed;
    }

    fn choose(&mut self, world: &World, choice: &Choice) -> Option<Request> {
        if *choice == Choice::Compare(Against::Release) {
            self.compared.asked = world.presses;
        }
        self.chosen(choice)
    }

    /// Scrolls to where the cursor is.
    fn settle(&mut self, world: &World) {
        // Where the cursor went is seen.
        self.folds.reveal(self.writing.line());
        self.look_up();
        self.compare_again();
        let area = self.areas(world).text;
        let text = self.writing.text();
        let lines = text.lines();
        let ranks = self.folds.rank(lines - 1) + 1;
        let width = usize::from(area.width).saturating_sub(view::gutter(lines));
        self.scroll.follow(
            (self.folds.rank(self.writing.line()), ranks),
            self.writing.column(),
            (width, usize::from(area.height)),
        );
    }

    fn outdated(&self, _world: &World, _drawn: Timestamp) -> bool {
        false
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        vec![Subject::Document(self.document.clone())]
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        self.search_for(typed)
    }

    fn search_along(&mut self, typed: &str) {
        self.search_along(typed);
    }

    fn search_no_more(&mut self) {
        self.search_no_more();
    }

    fn takes(&self, action: Action) -> bool {
        !matches!(action, Action::Copy | Action::Dump)
    }

    fn unsaved(&self) -> Option<String> {
        self.changed().then(|| format!("{} has changes that are not saved.", self.document.name()))
    }

    fn spot(&self) -> Option<(usize, usize)> {
        let (text, line) = (self.writing.text(), self.writing.line());
        (self.state == State::Ready).then(|| (line, self.writing.at() - text.start(line)))
    }

    fn return_to(&mut self, spot: (usize, usize)) {
        self.returns_to = Some(spot);
    }

    fn save_to_leave(&mut self) -> Option<Request> {
        Some(self.save_then(After::Leave))
    }

    fn file_command(&mut self, _world: &World, command: &FileCommand) -> Option<Request> {
        self.file_command(command)
    }

    fn discarded(&self) -> Option<Effect> {
        let given_up = self.given_up()?;
        Some(Effect::Document(self.document.clone(), Errand::Discard(given_up)))
    }

    fn dump(&self, _look: &Look<'_>) -> String {
        self.writing.text().as_str().to_owned()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        None
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        view::draw(self, look, area, buffer);
    }
}
