//! Reads and follows logs: every task by itself, lines merged in the order of time, and
//! a note where something is missing.
//!
//! ```text
//! look (every 2 s: tasks, nodes) ─► Follower ─► FeedNews
//! Reader, one per task ── batches ──► Merge (what was written before)
//!                                └──► Hold  (what is written now)
//! ```
//!
//! What happens to tasks (ends, replacements, updates) has the moment at which it
//! happened. In what was written before it stands among the lines of its time; in what is
//! written now as far as `hold::Hold` promises: what a look finds later than that
//! is told then, with its own moment.
//!
//! A reader that hears nothing asks its node for the last line; who gives no answer is
//! named and not waited for, and read on from its last line once it answers again.

mod follower;
mod gaps;
mod hold;
mod look;
mod reader;
mod readers;
mod whole;

use crate::{
    domain::{
        logs::{LogLine, Note, Roster, Window},
        names::{NodeId, ServiceId, StackName, TaskId},
    },
    engine::{Answer, Engine},
    jobs::feed::follower::Follower,
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What to follow in the cockpit, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub of: Of,
    pub window: Window,
    /// Lines that the window `tail` reads of each task; how many others read at a time.
    pub tail: u32,
}

/// Whose lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    Service(ServiceId),
    Task(TaskId),
    /// All tasks that had or have this number in a service.
    Slot(ServiceId, u64),
    Stack(StackName),
}

/// Which lines to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub of: Of,
    /// Those of tasks on this node only.
    pub node: Option<NodeId>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// The newest lines of each task only.
    pub tail: Option<u32>,
    /// So many lines in all, then wait until somebody wants more.
    pub first: Option<usize>,
    /// Go on as lines are written.
    pub follow: bool,
    /// Name services in full, as `shop_web`.
    pub full_names: bool,
}

/// What a feed brings.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedNews {
    /// Who writes; comes before the first line of a task, and whenever it changed.
    Roster(Arc<Roster>),
    Lines(Vec<LogLine>),
    /// Something that no container wrote, for its place among the lines.
    Note(Note),
    /// What was asked for of the past has come; more of it can be had where so told.
    Read {
        more: bool,
    },
}

/// How a log ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    /// Whose lines are missing, as `web.1@node3`.
    pub missing: Vec<String>,
}

/// A running feed; dropping it ends it.
#[derive(Debug)]
pub struct Feed {
    more: mpsc::UnboundedSender<usize>,
    _ends_on_drop: DropGuard,
}

/// Lines that are read at a time from the beginning of a log, at least.
pub const SOME: u32 = 1_000;
/// A cursor that runs through a list opens no stream for every row.
const CURSOR_RESTS: Duration = Duration::from_millis(250);

impl Feed {
    /// Reads on where the feed waits; so many lines.
    pub fn more(&self, lines: usize) {
        // It has ended: there is nothing more.
        let _ = self.more.send(lines);
    }
}

impl Subscription {
    /// Returns which lines it means at this moment.
    pub fn ask(&self, now: Timestamp) -> Ask {
        Ask {
            of: self.of.clone(),
            node: None,
            since: self.window.since(now),
            until: None,
            tail: (self.window == Window::Tail).then_some(self.tail),
            first: self.window.reads_on().then_some(self.tail.max(SOME) as usize),
            follow: true,
            full_names: false,
        }
    }
}

/// Follows until the feed is dropped. The channel holds the reader's pace: while
/// it is full, nothing more is read from the engine.
pub fn spawn(
    engine: Arc<dyn Engine>,
    subscription: Subscription,
    news: mpsc::Sender<FeedNews>,
) -> Feed {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let (more, wanted) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let work = async {
            time::sleep(CURSOR_RESTS).await;
            let ask = subscription.ask(Timestamp::now());
            Follower::new(engine, ask, news, wanted).run().await
        };
        tokio::select! {
            () = stopped.cancelled() => {}
            // It has said itself why there is nothing more.
            _ = work => {}
        }
    });
    Feed { more, _ends_on_drop: stop.drop_guard() }
}

/// Reads what is asked for to its end; what is followed ends with whoever listens.
pub async fn read(engine: Arc<dyn Engine>, ask: Ask, news: mpsc::Sender<FeedNews>) -> Answer<End> {
    let (_more, wanted) = mpsc::unbounded_channel();
    Follower::new(engine, ask, news, wanted).run().await
}
