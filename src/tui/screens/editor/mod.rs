//! The compose editor: a text, its findings while one types, plan and deployment.

mod writing;
mod highlight;
mod folds;
mod scroll;
mod seek;
mod keys;
mod state;
mod early;
mod findings;
mod searching;
mod replace;
mod popup;
mod panel;
mod beside;
mod compare;
mod outside;
mod decisions;
mod leaving;
mod view;
mod parts;
mod asking;
mod deploying;
mod comparing;
mod acting;
mod hearing;
mod going;

pub use parts::Editor;

use crate::tui::{
    document::{Against, Choice, Document, Errand},
    event::{Destination, Effect, Fact, Request, Response, Subject},
    keymap::{Action, Context},
    screens::{
        Screen, body,
        editor::{
            early::Typed,
            leaving::{After, WayOut},
            panel::PanelContent,
            popup::Pressed,
            state::State,
            view::{Areas, Drawn, gutter},
        },
    },
    vi::FileCommand,
    widgets::DrawContext,
    world::World,
};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
};
use std::{mem, ops::ControlFlow};

impl Editor {
    /// Holds what was typed until the text is there; says so where that cannot be.
    fn hold(&mut self, typed: Typed) -> Option<Request> {
        if !self.state.is_early() {
            return None;
        }
        self.early.hold(typed).err().map(Request::problem)
    }

    /// Does what is held once the text is there, after what follows from its coming. Where
    /// it cannot be read there is nothing that it was meant for.
    fn take_early(&mut self, world: &World, heard: Option<Request>) -> Option<Request> {
        if self.state.is_early() || self.early.is_empty() {
            return heard;
        }
        let mut requests: Vec<Request> = heard.into_iter().collect();
        for typed in self.early.take() {
            requests.extend(match typed {
                Typed::Key(key) => self.typed(world, key),
                Typed::Text(text) => self.pasted(world, &text),
                Typed::Action(action) => self.update(world, action),
            });
        }
        Some(Request::All(requests))
    }

    /// Takes the keys of a panel with so much room; the rest is for the text.
    fn press_panel(&mut self, key: KeyCode, room: (u16, u16)) -> ControlFlow<Option<Request>> {
        match (self.panel.shown, key) {
            _ if !self.panel.focused => return ControlFlow::Continue(()),
            (PanelContent::Findings, KeyCode::Up) => {
                self.select_remark(self.panel.row.saturating_sub(1));
            }
            (PanelContent::Findings, KeyCode::Down) => self.select_remark(self.panel.row + 1),
            (PanelContent::Plan, key) if self.beside.press(key, room) => {}
            (shown, key) => {
                if shown == PanelContent::Difference {
                    self.press_difference(key)?;
                }
                // Whoever writes is in the text.
                if !self.panel.leave(key) {
                    return ControlFlow::Continue(());
                }
            }
        }
        ControlFlow::Break(None)
    }

    /// Takes the keys of the offers; the rest is for the text.
    fn press_popup(&mut self, key: KeyEvent) -> ControlFlow<Option<Request>> {
        let Some(popup) = &mut self.popup else { return ControlFlow::Continue(()) };
        match popup.press(key) {
            Pressed::Moved => return ControlFlow::Break(None),
            Pressed::Takes(offer) => return ControlFlow::Break(self.accept(&offer)),
            Pressed::Closes => self.popup = None,
            Pressed::Passes => {}
        }
        ControlFlow::Continue(())
    }

    fn areas(&self, world: &World) -> Areas {
        Areas::of(self.panel.shown, self.findings.remarks.len(), body(world))
    }
}

impl Screen for Editor {
    fn place(&self) -> Destination {
        Destination::Editor(self.document.clone())
    }

    fn crumb(&self, _world: &World) -> String {
        format!("edit · {}", self.document.short_name())
    }

    fn context(&self) -> Context {
        Context::Editor
    }

    fn update(&mut self, _world: &World, action: Action) -> Option<Request> {
        self.search.end();
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
        self.search.end();
        let before = mem::take(&mut self.way_out);
        if let Some(request) = self.command_reflex(before, key) {
            return Some(request);
        }
        if self.state != State::Ready {
            return self.hold(Typed::Key(key));
        }
        if self.replacing.is_some() {
            return self.decide(key.code);
        }
        let room = self.areas(world).panel.inner(Margin::new(1, 1));
        if let ControlFlow::Break(done) = self.press_panel(key.code, (room.width, room.height)) {
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
            let popup = self.popup.take();
            self.popup = popup.and_then(|it| it.renewed(&self.writing, self.facts.as_deref()));
        }
        request
    }

    fn takes_text(&self) -> bool {
        let asked = self.popup.as_ref().is_some_and(|it| it.row.is_some());
        let elsewhere = self.panel.focused || self.replacing.is_some() || asked;
        self.state.is_early()
            || (self.state == State::Ready && self.way_out == WayOut::None && !elsewhere)
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
            // Variables and policies may be others by now. Of a stack that is gone there are
            // none: saving says so.
            Fact::Projects if self.stack_of.is_some() && self.is_there(world) => {
                Some(self.errand(Errand::Beside))
            }
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
        let nodes = self.facts.as_ref().map(|it| it.known.nodes.as_slice()).unwrap_or_default();
        self.panel.look_up(&self.writing, &self.folds, self.version, nodes);
        self.compare_again();
        let area = self.areas(world).text;
        let text = self.writing.text();
        let lines = text.lines();
        let ranks = self.folds.rank(lines - 1) + 1;
        let width = usize::from(area.width).saturating_sub(gutter(lines));
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
        let (search, mut seen) = self.search();
        search.stay(typed, &mut seen)
    }

    fn search_along(&mut self, typed: &str) {
        if self.state == State::Ready {
            let (search, mut seen) = self.search();
            search.along(typed, &mut seen);
        }
    }

    fn search_no_more(&mut self) {
        let (search, mut seen) = self.search();
        search.give_up(&mut seen);
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
        self.run_file_command(command)
    }

    fn discarded(&self) -> Option<Effect> {
        let given_up = self.given_up()?;
        Some(Effect::Document(self.document.clone(), Errand::Discard(given_up)))
    }

    fn dump(&self, _look: &DrawContext<'_>) -> String {
        self.writing.text().as_str().to_owned()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        None
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let stack = self.stack_name().map(|it| it.to_string()).unwrap_or_default();
        let drawn = Drawn {
            document: &self.document,
            state: &self.state,
            writing: &self.writing,
            lines: &self.lines,
            folds: &self.folds,
            scroll: self.scroll,
            sought: self.search.sought.as_ref(),
            replacing: self.replacing.as_ref(),
            findings: &self.findings,
            panel: &self.panel,
            plan: &self.beside,
            plan_title: self.beside.title(&stack, self.version),
            compared: &self.compared,
            popup: self.popup.as_ref(),
            changed: self.changed(),
            undecided: self.outside.undecided(),
        };
        view::draw(&drawn, look, area, buffer);
    }
}
