//! What was read so far: before that nobody says that something is not there.

use crate::jobs::watch::{Link, View};
use std::fmt;

/// What the cockpit reads once and then keeps up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Services and nodes.
    Cluster,
    Projects,
    /// The releases of this cluster.
    Releases,
}

/// Something that was not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    source: Source,
    what: &'static str,
    /// Why that takes longer than a moment.
    why: Option<String>,
}

/// What was read so far, besides the cluster, which says so itself.
#[derive(Debug, Default)]
pub struct ReadSoFar {
    pub projects: bool,
    pub releases: bool,
    /// Why projects could not be read.
    pub trouble: Option<String>,
}

impl ReadSoFar {
    /// Returns what of a source keeps anybody from saying that something is not there.
    pub fn lacks(&self, source: Source, view: &View) -> Option<NotRead> {
        let (read, what) = match source {
            Source::Cluster => (view.read_at.is_some(), "services and nodes"),
            Source::Projects => (self.projects, "the projects"),
            Source::Releases => (self.releases, "the releases"),
        };
        if read {
            return None;
        }
        let engine = match &view.link {
            Link::Lost { why, .. } => Some(why.to_string()),
            Link::Connecting | Link::Up => None,
        };
        let own = self.trouble.clone().filter(|_| source == Source::Projects);
        Some(NotRead { source, what, why: own.or(engine) })
    }
}

impl NotRead {
    /// Says so in the place of what is missing; why, other places say.
    pub fn in_place(&self) -> String {
        match self.source {
            Source::Cluster => "waiting for the engine".to_owned(),
            Source::Projects | Source::Releases => self.to_string(),
        }
    }

    /// Says what to do about it: to press the same key once more.
    pub fn press_again(&self, key: &str) -> String {
        match self.why {
            None => format!("{self}: press {key} again in a moment"),
            Some(_) => self.to_string(),
        }
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            None => write!(out, "{} are still being read", self.what),
            Some(why) => write!(out, "{} could not be read yet: {why}", self.what),
        }
    }
}
