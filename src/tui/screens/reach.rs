//! Log history: how far back a followed log is read, and what happens at its edges: the same on the
//! screen for logs and in the pane of the board.

use crate::{
    domain::logs::{Seq, Size, Window},
    jobs::log_follower::{LogScope, Subscription},
    tui::{
        event::{Effect, Request, Subject},
        keymap::Action,
        widgets::log_pane::LogPane,
        world::World,
    },
};
use jiff::{SignedDuration, Timestamp};

/// Which lines of a log are asked for.
#[derive(Debug)]
pub struct Reach {
    window: Window,
    /// The one that somebody chose, which stays for other logs.
    chosen: Window,
    /// Lines of each task that the window `tail` holds.
    tail: u32,
    /// What was held when more was asked for, so that it is asked for once.
    asked: Option<Seq>,
}

/// A longer tail is so much longer.
const LONGER: u32 = 5;
/// Lines that are read on at once.
const READ_ON: usize = 2_000;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Returns what to follow for a subject, if it writes logs.
pub fn subscription(subject: &Subject, window: Window, world: &World) -> Option<Subscription> {
    let of = match subject {
        Subject::Service(id) => LogScope::Service(id.clone()),
        Subject::Task(id) => LogScope::Task(id.clone()),
        Subject::Slot(id, slot) => LogScope::Slot(id.clone(), *slot),
        Subject::Stack(stack) => LogScope::Stack(stack.clone()),
        _ => return None,
    };
    Some(Subscription { of, window, tail: world.setting.logs.tail })
}

impl Reach {
    pub fn new(world: &World) -> Self {
        let logs = &world.setting.logs;
        Self { window: logs.window, chosen: logs.window, tail: logs.tail, asked: None }
    }

    /// Asks for the lines of another log, as far back as somebody chose to look.
    pub fn start_over(&mut self, world: &World) {
        let chosen = self.chosen;
        *self = Self { window: chosen, chosen, ..Self::new(world) };
    }

    /// Returns what to follow of a subject, if it writes logs.
    pub fn subscription(&self, subject: &Subject, world: &World) -> Option<Subscription> {
        let found = subscription(subject, self.window, world)?;
        Some(Subscription { tail: self.tail, ..found })
    }

    /// Looks at another stretch of the log.
    pub fn look_at(&mut self, window: Window, world: &World, pane: &mut LogPane) {
        *self = Self { window, chosen: window, ..Self::new(world) };
        if window.reads_on() {
            pane.stay_at(Timestamp::UNIX_EPOCH);
        } else {
            pane.start_over();
        }
    }

    /// Takes an action; reads on at the edge of what is held. `None` where it is not an action
    /// for logs.
    pub fn update(
        &mut self,
        world: &World,
        pane: &mut LogPane,
        size: Size,
        action: Action,
    ) -> Option<Option<Request>> {
        let was_there = pane.is_at_start(world, size);
        if !pane.update(world, size, action) {
            return None;
        }
        let up = matches!(action, Action::First | Action::SelectPrev | Action::PageUp);
        let down = matches!(action, Action::Last | Action::SelectNext | Action::PageDown);
        if up && was_there && world.feed.read.is_some() {
            return Some(self.reach_back(world, pane));
        }
        let end = world.feed.buffer.end();
        let more = world.feed.read == Some(true) && self.asked != Some(end);
        if !(down && more && pane.is_at_end()) {
            return Some(None);
        }
        self.asked = Some(end);
        if action != Action::Last {
            pane.pause(world, size);
        }
        Some(Some(Request::Do(Effect::ReadOn(READ_ON))))
    }

    /// Reads further back, and stays at the line that is on top.
    fn reach_back(&mut self, world: &World, pane: &mut LogPane) -> Option<Request> {
        let first = world.feed.buffer.get(world.feed.buffer.first()).map(|it| it.at())?;
        let most = u32::try_from(world.setting.logs.lines).unwrap_or(u32::MAX);
        if world.feed.buffer.len() >= world.setting.logs.lines {
            return Some(Request::problem(format!(
                "skep holds the newest {most} lines; `:since 14:02` goes to a moment"
            )));
        }
        match self.window {
            Window::Tail if self.tail < most => {
                self.tail = self.tail.max(1).saturating_mul(LONGER).min(most);
            }
            Window::Back(_) => self.window = self.window.wider()?,
            Window::From(at) => {
                self.window = Window::From(at.saturating_sub(HOUR).unwrap_or(at));
            }
            Window::Tail | Window::Head | Window::All => {
                return Some(Request::problem("this is the first line"));
            }
        }
        pane.stay_at(first);
        None
    }
}
