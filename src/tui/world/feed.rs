//! The log that is followed: its lines, and who writes them.

use crate::{
    domain::logs::{BufferLimits, LogBuffer, Roster},
    jobs::log_follower::{FeedNews, Subscription},
    tui::world::setting::CockpitSettings,
};
use std::{mem, sync::Arc};

/// The log that is followed.
#[derive(Debug)]
pub struct Feed {
    pub subscription: Option<Subscription>,
    pub buffer: LogBuffer,
    /// Set once the first lines or words arrived.
    pub started: bool,
    /// Set once what was asked for of the past has come: whether more of it is there.
    pub read: Option<bool>,
    /// Who writes it.
    pub roster: Option<Arc<Roster>>,
}

/// Text of held log lines, in bytes; with the lines themselves it keeps the
/// cockpit below 60 MiB.
const LOG_BYTES: usize = 24 << 20;

impl Feed {
    pub fn new(setting: &CockpitSettings) -> Self {
        let buffer = empty(setting);
        Self { subscription: None, buffer, started: false, read: None, roster: None }
    }

    /// Starts over with the lines of another log.
    ///
    /// What is on screen stays until there is something to show instead.
    pub fn follow(&mut self, subscription: Option<Subscription>, setting: &CockpitSettings) {
        let of = |it: &Option<Subscription>| it.as_ref().map(|it| it.of.clone());
        if of(&self.subscription) != of(&subscription) {
            self.buffer = empty(setting);
            self.roster = None;
        }
        self.subscription = subscription;
        self.started = false;
        self.read = None;
    }

    /// Takes in news; returns whether who writes the lines is to be told anew.
    pub fn hear(&mut self, news: &FeedNews) -> bool {
        match news {
            FeedNews::Roster(roster) => {
                self.roster = Some(Arc::clone(roster));
                return true;
            }
            FeedNews::Read { more } => self.read = Some(*more),
            FeedNews::Lines(_) | FeedNews::Note(_) => {}
        }
        if !mem::replace(&mut self.started, true) {
            self.buffer.clear();
        }
        match news {
            FeedNews::Lines(lines) => lines.iter().for_each(|it| self.buffer.push(it)),
            FeedNews::Note(note) => self.buffer.mark(note.at, &note.text),
            FeedNews::Roster(_) | FeedNews::Read { .. } => {}
        }
        self.buffer.has_unnamed_sources()
    }
}

/// A buffer without lines.
pub fn empty(setting: &CockpitSettings) -> LogBuffer {
    LogBuffer::new(BufferLimits { lines: setting.logs.lines, bytes: LOG_BYTES })
}
