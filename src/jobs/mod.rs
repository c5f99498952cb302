//! Work in the background: it reports, it stops when asked, and its panic is
//! a verdict and not a crash.

pub mod work;
pub mod session;
pub mod service;
pub mod stack;
pub mod node;
pub mod source;
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

use std::future::Future;
use tokio::sync::mpsc;
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
    Step {
        done: usize,
        doing: String,
    },
    /// Something worth keeping that is no step: a warning, a task's error.
    Note(String),
    Finished(Verdict),
}

/// What a job holds of its owner: where to report, when to stop.
#[derive(Debug, Clone)]
pub struct JobContext {
    job: JobId,
    reports: mpsc::UnboundedSender<Report>,
    stop: CancellationToken,
}

impl JobContext {
    pub fn say(&self, news: News) {
        // Nobody listens any more: the program is closing.
        let _ = self.reports.send(Report { job: self.job, news });
    }

    /// Completes once the owner wants the job to stop. The job chooses a safe
    /// point for it; nothing ever kills a job between two changes.
    pub async fn stop_requested(&self) {
        self.stop.cancelled().await;
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
    _stop_on_drop: DropGuard,
}

/// Starts `work` and guarantees exactly one `Finished` report, even if it
/// panics.
pub fn spawn<W, F>(id: JobId, reports: mpsc::UnboundedSender<Report>, work: W) -> JobHandle
where
    W: FnOnce(JobContext) -> F,
    F: Future<Output = Verdict> + Send + 'static,
{
    let stop = CancellationToken::new();
    let context = JobContext { job: id, reports, stop: stop.clone() };
    let task = tokio::spawn(work(context.clone()));
    tokio::spawn(async move {
        let verdict = task
            .await
            .unwrap_or_else(|err| Verdict::Failed { why: format!("bug: {err}"), hint: None });
        context.say(News::Finished(verdict));
    });
    JobHandle { id, _stop_on_drop: stop.drop_guard() }
}
