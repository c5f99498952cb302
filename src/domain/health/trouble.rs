//! Something that deserves a look, and how bad it is.

use crate::domain::swarm::{cluster::Object, since::Since};
use jiff::Timestamp;

/// Something that deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub severity: Severity,
    /// Where to look.
    pub object: Object,
    /// As `api runs 1 of 2 tasks`.
    pub what: String,
    /// As `api.2 waits: no node fits: …`.
    pub why: String,
    /// An instruction; empty where waiting is enough.
    pub what_now: String,
}

/// Worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something does not work, or is about to be lost.
    Critical,
    /// Something works less well than it should.
    Warning,
    /// Nothing is broken; somebody may want to know.
    Notice,
}

impl Trouble {
    pub(in crate::domain::health) fn new(
        severity: Severity,
        object: Object,
        what: String,
        why: &str,
        what_now: &str,
    ) -> Self {
        Self { severity, object, what, why: why.to_owned(), what_now: what_now.to_owned() }
    }

    /// Says for how long it has been so, where that is known.
    pub(in crate::domain::health) fn lasting(
        mut self,
        since: Option<Since>,
        now: Timestamp,
    ) -> Self {
        let parts = [since.and_then(|it| it.lasting(now)).unwrap_or_default(), self.why];
        let parts = parts.into_iter().filter(|it| !it.is_empty());
        self.why = parts.collect::<Vec<_>>().join("; ");
        self
    }

    /// Adds a trouble of the same object; one that calls for an action has the
    /// last word on what to do.
    pub(in crate::domain::health) fn worsened(mut self, other: &Self) -> Self {
        if other.severity < Severity::Notice {
            let both = [self.what_now.as_str(), other.what_now.as_str()];
            self.what_now =
                both.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ");
        }
        self.severity = self.severity.min(other.severity);
        self.why = format!("{}; {}", self.why, other.what);
        self
    }

    /// Of two that are equally bad, the one of the whole cluster goes first.
    pub(in crate::domain::health) fn rank(&self) -> (Severity, bool) {
        (self.severity, self.object != Object::Swarm)
    }
}
