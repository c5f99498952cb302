//! The clock of a deployment: time without pauses.

use std::{mem::take, time::Duration};

/// Time, without the time in which the engine was out of sight: that is no
/// service's fault and counts for no limit.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    seen_at: Duration,
    blind: bool,
    unseen: Duration,
}

impl Clock {
    /// Takes in that the engine is there; returns the time that counts.
    pub fn tick(&mut self, at: Duration) -> Duration {
        if take(&mut self.blind) {
            self.unseen += at.saturating_sub(self.seen_at);
        }
        self.seen_at = at;
        self.now()
    }

    /// Takes in that the engine is out of sight; returns for how long.
    pub fn miss(&mut self, at: Duration) -> Duration {
        self.blind = true;
        at.saturating_sub(self.seen_at)
    }

    /// Returns for how long the engine was out of sight.
    pub fn unseen(&self) -> Duration {
        self.unseen
    }

    /// Returns the time that counted when the engine was seen last.
    pub fn now(&self) -> Duration {
        self.seen_at.saturating_sub(self.unseen)
    }
}
