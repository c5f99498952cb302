//! Work in the background: it reports, it stops when asked, and its panic is
//! a verdict and not a crash.

pub mod work;
pub mod session;
pub mod convergence;
pub mod service;
pub mod stack;
pub mod node;
pub mod managed;
pub mod source;
pub mod templates;
pub mod projects;
pub mod facts;
pub mod registry;
pub mod archive;
pub mod driving;
pub mod lease;
pub mod deploy;
pub mod gc;
pub mod watch;
pub mod feed;

pub use crate::domain::verdict::Verdict;

use crate::{
    domain::{deploy::Board, names::TaskId},
    jobs::deploy::Preview,
};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{
    mpsc,
    watch::{Receiver, Sender, channel},
};
use tokio_util::sync::{CancellationToken, DropGuard};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// What a job says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub job: JobId,
    pub news: News,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Started {
        title: String,
        steps: usize,
    },
    /// It turned out to be so many steps.
    Steps(usize),
    Step {
        done: usize,
        doing: String,
    },
    /// The plan is another one than what was confirmed, and nothing is done: this is the new
    /// one, and what differs.
    Replanned(Box<Preview>, Vec<String>),
    /// Something worth keeping that is no step: a warning, a task's error.
    Note(String),
    /// How far a deployment is; told only when that changed.
    Progress(Box<Board>),
    /// What a task wrote before it failed.
    Tail(Box<Tail>),
    Finished(Verdict),
}

/// The last lines of a task that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The full name of its service.
    pub service: String,
    pub task: TaskId,
    /// Oldest first. An error says why they cannot be had.
    pub lines: Result<Vec<String>, String>,
}

/// What a job holds of its owner: where to report, when to stop.
#[derive(Debug, Clone)]
pub struct JobContext {
    job: JobId,
    reports: mpsc::UnboundedSender<Report>,
    stop: CancellationToken,
    paused: Receiver<bool>,
    said: Arc<Mutex<Said>>,
}

/// What was said last: the same once more is no news.
#[derive(Debug, Default)]
struct Said {
    step: Option<News>,
    note: Option<News>,
}

impl JobContext {
    /// Tells news; a step or a remark that is the same as the last one is none.
    pub fn say(&self, news: News) {
        if !self.is_new(&news) {
            return;
        }
        // Nobody listens any more: the program is closing.
        let _ = self.reports.send(Report { job: self.job, news });
    }

    fn is_new(&self, news: &News) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = match news {
            News::Step { .. } => &mut said.step,
            News::Note(_) => &mut said.note,
            _ => return true,
        };
        last.replace(news.clone()).as_ref() != Some(news)
    }

    /// Completes once the owner wants the job to stop. The job chooses a safe
    /// point for it; nothing ever kills a job between two changes.
    pub async fn stop_requested(&self) {
        self.stop.cancelled().await;
    }

    /// Returns whether the owner wants nothing more to be changed for a while.
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Returns whether the owner wants the job to stop.
    pub fn is_stop_requested(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// A started job, as its owner holds it. Dropping the handle asks it to stop.
#[derive(Debug)]
pub struct JobHandle {
    pub id: JobId,
    pause: Sender<bool>,
    _stop_on_drop: DropGuard,
}

impl JobHandle {
    /// Asks the job to change nothing more for a while, or to go on. Only deployments
    /// can: others go on.
    pub fn pause(&self, paused: bool) {
        self.pause.send_replace(paused);
    }
}

/// Starts `work` and guarantees exactly one `Finished` report, even if it
/// panics.
pub fn spawn<W, F>(id: JobId, reports: mpsc::UnboundedSender<Report>, work: W) -> JobHandle
where
    W: FnOnce(JobContext) -> F,
    F: Future<Output = Verdict> + Send + 'static,
{
    let stop = CancellationToken::new();
    let (pause, paused) = channel(false);
    let said = Arc::default();
    let context = JobContext { job: id, reports, stop: stop.clone(), paused, said };
    let task = tokio::spawn(work(context.clone()));
    tokio::spawn(async move {
        let verdict = task
            .await
            .unwrap_or_else(|err| Verdict::Failed { why: format!("bug: {err}"), hint: None });
        context.say(News::Finished(verdict));
    });
    JobHandle { id, pause, _stop_on_drop: stop.drop_guard() }
}
