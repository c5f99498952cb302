//! In whose name jobs work, on which engine, and what they leave behind.

use crate::{
    domain::{
        audit::{AuditLine, Operator},
        job::FinishedJob,
    },
    engine::Engine,
    jobs::{
        JobContext, JobHandle, JobId, News, Report, Verdict,
        gate::{Gate, Guarded, Watch},
        spawn_with,
        work::Work,
    },
    store::{Store, StoreError},
};
use jiff::Timestamp;
use std::sync::{Arc, OnceLock};
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking};

/// One operator at one engine.
#[derive(Clone)]
pub struct Session {
    pub engine: Arc<dyn Engine>,
    pub store: Store,
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
        let (session, patience) = (self.clone(), work.patience());
        let (about, at, owner) = (work.clone(), Timestamp::now(), self.clone());
        let begun = Begun::default();
        let line = begun.clone();
        let left = async move |verdict: Verdict| {
            if owner.engine.read_only() {
                return;
            }
            if let Err(err) = owner.keep(&about, at, &verdict, &line).await {
                tracing::warn!(%err, "the audit line could not be written");
            }
        };
        spawn_with(
            id,
            reports,
            patience,
            move |context| session.recorded(work, context, begun),
            left,
        )
    }

    /// Does it and keeps what is left of it.
    pub async fn run(self, work: Work, context: JobContext) -> Verdict {
        self.recorded(work, context, Begun::default()).await
    }

    async fn recorded(self, work: Work, context: JobContext, begun: Begun) -> Verdict {
        if self.engine.read_only() {
            return read_only();
        }
        let started = Timestamp::now();
        self.begin(&work, started, &begun).await;
        let verdict = work.clone().run(&self.through(context.gate()), context.clone()).await;
        if let Err(err) = self.keep(&work, started, &verdict, &begun).await {
            tracing::warn!(%err, "the audit line could not be written");
            context.say(News::Note(format!("no audit line: {err}; {}", err.hint())));
        }
        verdict
    }

    /// Returns the session whose engines send nothing past the gate.
    fn through(&self, gate: &Arc<Gate>) -> Self {
        let (neighbours, watch) = (self.neighbours.clone(), Arc::new(Watch(gate.clone())));
        let engine = Arc::new(Guarded::new(self.engine.clone(), watch.clone()));
        let neighbours = Neighbours::new(move || {
            let guarded = |it| -> Arc<dyn Engine> { Arc::new(Guarded::new(it, watch.clone())) };
            neighbours.engines().into_iter().map(guarded).collect()
        });
        Self { engine, neighbours, ..self.clone() }
    }

    async fn keep(
        &self,
        work: &Work,
        started: Timestamp,
        verdict: &Verdict,
        begun: &Begun,
    ) -> Result<(), StoreError> {
        let line = self.line(work, started, verdict.clone());
        let job = FinishedJob {
            title: work.title(),
            who: self.who.clone(),
            address: self.engine.address(),
            started,
            finished: Timestamp::now(),
            verdict: verdict.clone(),
            notes: Vec::new(),
        };
        keep(self.store.clone(), begun.get().copied(), line, job).await
    }

    /// Writes the audit line down before anything is changed: a process that is killed
    /// leaves it so.
    async fn begin(&self, work: &Work, started: Timestamp, begun: &Begun) {
        let store = self.store.clone();
        let line = self.line(work, started, Verdict::Stopped(UNKNOWN.to_owned()));
        match spawn_blocking(move || store.begin_record(&line)).await {
            Ok(Ok(number)) => _ = begun.set(number),
            Ok(Err(err)) => tracing::warn!(%err, "the audit line could not be begun"),
            Err(err) => tracing::warn!(%err, "the audit line could not be begun"),
        }
    }

    fn line(&self, work: &Work, started: Timestamp, outcome: Verdict) -> AuditLine {
        AuditLine {
            at: started,
            who: self.who.clone(),
            context: Some(self.context.clone()),
            address: self.engine.address(),
            action: work.action(),
            object: work.object(),
            command: Some(work.docker()),
            outcome,
        }
    }
}

/// Whatever a face asked before: here no work begins that may not.
fn read_only() -> Verdict {
    let hint = "it is set in the configuration, or with --read-only; `skep config` says where";
    Verdict::Failed { why: "read-only: nothing is changed".to_owned(), hint: Some(hint.to_owned()) }
}

/// The number of an audit line that was begun, once it has one.
type Begun = Arc<OnceLock<u64>>;

/// What an audit line says of a change whose end nobody wrote down.
const UNKNOWN: &str =
    "it began, and its end is not written down: it goes on, or its skep was killed";

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
