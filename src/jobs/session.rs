//! In whose name jobs work, on which engine, and what they leave behind.

use crate::{
    domain::{
        audit::{AuditLine, Operator},
        job::FinishedJob,
    },
    engine::Engine,
    jobs::{JobContext, JobHandle, JobId, News, Report, Verdict, spawn, work::Work},
    store::{Store, StoreError},
};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking};

/// One operator at one engine.
#[derive(Clone)]
pub struct Session {
    pub engine: Arc<dyn Engine>,
    /// `None` for the demo cluster: what is done there is not worth keeping.
    pub store: Option<Store>,
    pub who: Operator,
    pub context: String,
    pub neighbours: Neighbours,
}

/// Engines of other nodes that can be reached from here, by contexts of their own: what
/// lives on nodes, as volumes do, can be changed nowhere else.
#[derive(Clone)]
pub struct Neighbours(Arc<dyn Fn() -> Vec<Arc<dyn Engine>> + Send + Sync>);

impl Neighbours {
    /// Takes what makes the engines; it is called where they are needed only.
    pub fn new(engines: impl Fn() -> Vec<Arc<dyn Engine>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(engines))
    }

    pub fn engines(&self) -> Vec<Arc<dyn Engine>> {
        (self.0)()
    }
}

impl Default for Neighbours {
    fn default() -> Self {
        Self::new(Vec::new)
    }
}

impl Session {
    /// Starts a piece of work; its audit line is written before the verdict is
    /// told.
    pub fn start(&self, id: JobId, work: Work, reports: UnboundedSender<Report>) -> JobHandle {
        let session = self.clone();
        spawn(id, reports, move |context| session.run(work, context))
    }

    /// Does it and keeps what is left of it.
    pub async fn run(self, work: Work, context: JobContext) -> Verdict {
        let started = Timestamp::now();
        let line = |outcome| AuditLine {
            at: started,
            who: self.who.clone(),
            context: Some(self.context.clone()),
            address: self.engine.address(),
            action: work.action(),
            object: work.object(),
            command: Some(work.docker()),
            outcome,
        };
        let begun = self.begin(line(Verdict::Stopped(UNKNOWN.to_owned()))).await;
        let verdict = work.clone().run(&self, context.clone()).await;
        let job = FinishedJob {
            title: work.title(),
            who: self.who.clone(),
            address: self.engine.address(),
            started,
            finished: Timestamp::now(),
            verdict: verdict.clone(),
            notes: Vec::new(),
        };
        if let Some(store) = self.store.clone()
            && let Err(err) = keep(store, begun, line(verdict.clone()), job).await
        {
            tracing::warn!(%err, "the audit line could not be written");
            context.say(News::Note(format!("no audit line: {err}; {}", err.hint())));
        }
        verdict
    }

    /// Writes the audit line down before anything is changed: a process that is killed
    /// leaves it so. Returns its number.
    async fn begin(&self, line: AuditLine) -> Option<u64> {
        let store = self.store.clone()?;
        match spawn_blocking(move || store.begin_record(&line)).await {
            Ok(Ok(number)) => Some(number),
            Ok(Err(err)) => {
                tracing::warn!(%err, "the audit line could not be begun");
                None
            }
            Err(err) => {
                tracing::warn!(%err, "the audit line could not be begun");
                None
            }
        }
    }
}

/// What an audit line says of a change whose end nobody wrote down.
const UNKNOWN: &str = "it began, and its end is not written down: it goes on, or its skep was killed";

async fn keep(
    store: Store,
    begun: Option<u64>,
    line: AuditLine,
    job: FinishedJob,
) -> Result<(), StoreError> {
    let path = store.path();
    let record = move || {
        match begun {
            Some(number) => store.complete_record(number, &line),
            None => store.record(&line),
        }?;
        store.keep_job(&job)
    };
    let kept = spawn_blocking(record).await;
    kept.unwrap_or_else(|err| Err(StoreError::Io { path, why: err.to_string() }))
}
