//! Retry rules of all jobs: how often an engine is asked, how long a job bears with one
//! that is away, and how what stays wrong ends it.

use crate::{
    domain::deployment::verdict::Verdict,
    engine::EngineError,
    jobs::context::{JobContext, News},
    store::StoreError,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at what a change does.
pub const POLL: Duration = Duration::from_millis(500);
/// When waiting ends in any case: for an engine that is away, for tasks that do not end.
pub const DEADLINE: Duration = Duration::from_secs(600);
/// How often something is written that somebody else may be faster at: what is there is
/// read anew each time.
pub const WRITE_ATTEMPTS: usize = 4;
/// An engine that does not answer is asked again for this long.
const AWAY: Duration = Duration::from_secs(120);

/// Why something was not done to its end.
#[derive(Debug)]
pub enum Aborted {
    /// The operator does not want to wait for it any more.
    OnRequest,
    ByError(EngineError),
}

/// Asks an engine that is away again, for a while.
pub struct Retry<'a> {
    context: &'a JobContext,
    until: Instant,
}

impl<'a> Retry<'a> {
    pub fn new(context: &'a JobContext) -> Self {
        Self { context, until: Instant::now() + AWAY }
    }

    /// Waits for a moment after an error that may pass by itself.
    pub async fn after(&self, err: EngineError) -> Result<(), Aborted> {
        if !err.is_transient() || Instant::now() >= self.until {
            return Err(Aborted::ByError(err));
        }
        self.context.say(News::Note(err.to_string()));
        pause(self.context).await
    }
}

/// Waits until it is worth looking again.
pub async fn pause(context: &JobContext) -> Result<(), Aborted> {
    tokio::select! {
        () = sleep(POLL) => Ok(()),
        () = context.stop_requested() => Err(Aborted::OnRequest),
    }
}

/// Turns an error of the engine into the end of a job.
pub fn failed(err: &EngineError) -> Verdict {
    Verdict::Failed { why: err.to_string(), hint: err.hint() }
}

/// Turns an error of the state file into the end of a job.
pub fn store_failed(err: &StoreError) -> Verdict {
    Verdict::Failed { why: err.to_string(), hint: Some(err.hint()) }
}
