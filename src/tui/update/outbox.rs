//! The outbox: effects of an event, and which screen each is for.

use crate::tui::{
    event::{Dispatch, Effect, Notice, Request},
    model::{Awaited, Expected, Model, READ_ONLY},
    tickets::ScreenId,
};
use std::collections::VecDeque;

/// Effects of one event, in order.
pub struct Outbox {
    by: ScreenId,
    effects: Vec<(ScreenId, Effect)>,
    /// What screens ask for, in order: the loop grants it next.
    requests: VecDeque<(ScreenId, Request)>,
    /// The start of the job whose page is to open.
    awaited: Option<usize>,
}

impl Outbox {
    /// Collects effects; responses are for this screen.
    pub fn of(by: ScreenId) -> Self {
        Self { by, effects: Vec::new(), requests: VecDeque::new(), awaited: None }
    }

    /// Says for which screen the effects from now on are; returns for which they were.
    pub fn turn_to(&mut self, by: ScreenId) -> ScreenId {
        std::mem::replace(&mut self.by, by)
    }

    pub fn push(&mut self, effect: Effect) {
        self.effects.push((self.by, effect));
    }

    pub fn extend(&mut self, effects: impl IntoIterator<Item = Effect>) {
        effects.into_iter().for_each(|it| self.push(it));
    }

    /// Takes in what a screen asks for.
    pub fn request(&mut self, by: ScreenId, request: Option<Request>) {
        self.requests.extend(request.map(|it| (by, it)));
    }

    /// Returns what is to be granted next.
    pub fn next_request(&mut self) -> Option<(ScreenId, Request)> {
        self.requests.pop_front()
    }

    /// Starts a job whose page opens when it begins.
    pub fn start_and_show(&mut self, effect: Effect) {
        self.awaited = Some(self.effects.len());
        self.push(effect);
    }

    /// Gives each effect its ticket. Whatever was asked before, nothing leaves that changes
    /// something where nothing may be changed.
    pub fn dispatch(self, model: &mut Model) -> Vec<Dispatch> {
        let mut dispatches = Vec::new();
        for (at, (by, effect)) in self.effects.into_iter().enumerate() {
            if model.world.setting.read_only && effect.changes() {
                model.world.tell(Notice::Refused(READ_ONLY.to_owned()));
                continue;
            }
            let Some(dispatch) = model.tickets.issue(by, effect) else { continue };
            if self.awaited == Some(at) {
                let job = Expected::Ticket(dispatch.ticket);
                model.awaited = Some(Awaited { by, job });
            }
            dispatches.push(dispatch);
        }
        dispatches
    }
}
