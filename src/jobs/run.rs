//! The job runner: runs operations behind the gate of their job, under the lease of their
//! stack, and with a line in the audit log.

use crate::{
    domain::{
        deployment::{audit::AuditLine, job::FinishedJob},
        swarm::{cluster::Object, names::StackName, objects::ServiceObject},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, JobHandle, JobId, JobReport, News, Verdict,
        deploy::{self, DeployRequest, adopt, interrupted::Interrupted, recover},
        fence::FencedEngine,
        gate::{Gate, GateFence},
        lease, node,
        operations::Operation,
        release_reader::secrets_of_stack,
        retry::failed,
        service,
        session::{Neighbours, Session},
        spawn_with,
    },
    store::{Store, StoreError},
};
use jiff::Timestamp;
use std::sync::{Arc, OnceLock};
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking};

impl Session {
    /// Starts an operation; its audit line is written before the verdict is
    /// told.
    pub fn start(
        &self,
        id: JobId,
        operation: Operation,
        reports: UnboundedSender<JobReport>,
    ) -> JobHandle {
        let (session, abandon_when) = (self.clone(), operation.abandon_when());
        let (about, at, owner) = (operation.clone(), Timestamp::now(), self.clone());
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
            abandon_when,
            move |context| session.recorded(operation, context, begun),
            left,
        )
    }

    /// Does it and keeps what is left of it.
    pub async fn run(self, operation: Operation, context: JobContext) -> Verdict {
        self.recorded(operation, context, Begun::default()).await
    }

    async fn recorded(self, operation: Operation, context: JobContext, begun: Begun) -> Verdict {
        if self.engine.read_only() {
            return read_only();
        }
        let started = Timestamp::now();
        self.begin(&operation, started, &begun).await;
        let gated = self.through(context.gate());
        let mut verdict = operation.clone().run(&gated, context.clone()).await;
        let secrets = context.secrets();
        verdict.each_text(&mut |it| secrets.clean(it));
        if let Err(err) = self.keep(&operation, started, &verdict, &begun).await {
            tracing::warn!(%err, "the audit line could not be written");
            context.say(News::Note(format!("no audit line: {err}; {}", err.hint())));
        }
        verdict
    }

    /// Returns the session whose engines send nothing past the gate.
    fn through(&self, gate: &Arc<Gate>) -> Self {
        let (neighbours, fence) = (self.neighbours.clone(), Arc::new(GateFence(gate.clone())));
        let engine = Arc::new(FencedEngine::new(self.engine.clone(), fence.clone()));
        let neighbours = Neighbours::new(move || {
            let fenced = |it| -> Arc<dyn Engine> { Arc::new(FencedEngine::new(it, fence.clone())) };
            neighbours.engines().into_iter().map(fenced).collect()
        });
        Self { engine, neighbours, ..self.clone() }
    }

    async fn keep(
        &self,
        operation: &Operation,
        started: Timestamp,
        verdict: &Verdict,
        begun: &Begun,
    ) -> Result<(), StoreError> {
        let line = self.line(operation, started, verdict.clone());
        let job = FinishedJob {
            title: operation.title(),
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
    async fn begin(&self, operation: &Operation, started: Timestamp, begun: &Begun) {
        let store = self.store.clone();
        let line = self.line(operation, started, Verdict::Stopped(UNKNOWN.to_owned()));
        match spawn_blocking(move || store.begin_record(&line)).await {
            Ok(Ok(number)) => _ = begun.set(number),
            Ok(Err(err)) => tracing::warn!(%err, "the audit line could not be begun"),
            Err(err) => tracing::warn!(%err, "the audit line could not be begun"),
        }
    }

    fn line(&self, operation: &Operation, started: Timestamp, outcome: Verdict) -> AuditLine {
        AuditLine {
            at: started,
            who: self.who.clone(),
            context: Some(self.context.clone()),
            address: self.engine.address(),
            action: operation.action(),
            object: operation.object(),
            command: Some(operation.docker()),
            outcome,
        }
    }
}

/// Whatever a face asked before: here no work begins that may not.
fn read_only() -> Verdict {
    let hint = "it is set in the settings, or with --read-only; `skep config` says where";
    Verdict::Failed { why: "read-only: nothing is changed".to_owned(), hint: Some(hint.to_owned()) }
}

/// The number of an audit line that was begun, once it has one.
type Begun = Arc<OnceLock<u64>>;

/// What an audit line says of a change whose end nobody wrote down.
const UNKNOWN: &str = "it began, and no end was recorded: it still runs, or its skep was killed";

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

impl Operation {
    /// Does it, reporting on the way. What changes a stack or a part of it holds the
    /// lease on it, and gives it back whatever the verdict.
    async fn run(self, session: &Session, context: JobContext) -> Verdict {
        context.say(News::Started { title: self.title(), steps: 2 });
        if let Some(stack) = self.stack() {
            context.conceal(secrets_of_stack(&session.store, stack).await);
        }
        let stack = match self.alone_with(&*session.engine).await {
            Ok(Some(stack)) => stack,
            Ok(None) => return self.act(session, context).await,
            Err(err) => return failed(&err),
        };
        if self.stack().is_none() {
            context.conceal(secrets_of_stack(&session.store, &stack).await);
        }
        if let Ok(Some(interrupted)) = Interrupted::of(session, &stack).await {
            let hint = format!("`skep recover {stack}` finishes or undoes it");
            context.say(News::Note(format!("{}; {hint}", interrupted.words())));
        }
        match lease::hold(session, &stack, self.title(), &context).await {
            Ok(guard) if self.changes_one().is_some() => {
                // Waiting for tasks changes nothing: whoever wants to may write meanwhile.
                let made = self.make(&*guard.fenced(session).engine, &context).await;
                guard.give_back().await;
                self.wait(made, &*session.engine, &context).await
            }
            Ok(guard) => {
                let verdict = self.act(&guard.fenced(session), context).await;
                guard.give_back().await;
                verdict
            }
            Err(verdict) => verdict,
        }
    }

    async fn make(&self, engine: &dyn Engine, context: &JobContext) -> Result<(), Verdict> {
        let Some((service, edit)) = self.changes_one() else { return Ok(()) };
        service::make(engine, service, &edit, context).await
    }

    async fn wait(
        &self,
        made: Result<(), Verdict>,
        engine: &dyn Engine,
        context: &JobContext,
    ) -> Verdict {
        match (made, self.changes_one()) {
            (Err(verdict), _) => verdict,
            (Ok(()), Some((service, edit))) => service::wait(engine, service, &edit, context).await,
            (Ok(()), None) => Verdict::Succeeded(self.title()),
        }
    }

    async fn act(self, session: &Session, context: JobContext) -> Verdict {
        let (engine, title) = (&*session.engine, self.title());
        match self {
            Self::Deploy(order) => {
                deploy::run_request(session, title, DeployRequest::Files(&order), &context).await
            }
            Self::RollBackStack(request) => {
                deploy::run_request(session, title, DeployRequest::Earlier(&request), &context)
                    .await
            }
            Self::Recover(request) => recover::run(&request, session, &context).await,
            Self::ReleaseLease(driver) => Verdict::Succeeded(format!(
                "`{}` left no journal, so there is nothing to roll back; what it changed, if anything, stays",
                driver.purpose
            )),
            Self::Adopt(stack) => adopt::run(session, &stack).await,
            Self::CleanUp(sweep) => sweep.run(session, &context).await,
            Self::Stack(whole) => {
                adopt::before(session, &whole.stack, &context).await;
                let verdict = whole.run(session, &context).await;
                let is_over = !matches!(verdict, Verdict::Stopped(_));
                if whole.removes() && is_over {
                    recover::forget(session, &whole.stack, &context).await;
                }
                verdict
            }
            Self::Scale { .. } | Self::Restart { .. } | Self::RollBackService { .. } => {
                let made = self.make(engine, &context).await;
                self.wait(made, engine, &context).await
            }
            Self::RemoveService { service } => service::remove(engine, &service, &context).await,
            Self::SetAvailability { node, hostname, availability } => {
                node::set_availability(engine, &node, &hostname, availability, &context).await
            }
        }
    }

    /// Returns the stack that nobody else may change meanwhile. Deployments see to that
    /// themselves, once they know whether they write anything.
    async fn alone_with(&self, engine: &dyn Engine) -> Answer<Option<StackName>> {
        Ok(match self {
            Self::Stack(whole) => Some(whole.stack.clone()),
            Self::Adopt(stack) => Some(stack.clone()),
            Self::ReleaseLease(driver) => Some(driver.stack.clone()),
            Self::Scale { service, .. }
            | Self::Restart { service }
            | Self::RollBackService { service }
            | Self::RemoveService { service } => {
                let live = match engine.inspect(&Object::Service(service.id.clone())).await {
                    Ok(live) => live,
                    // The work itself says so.
                    Err(EngineError::NotFound { .. }) => return Ok(None),
                    Err(err) => return Err(err),
                };
                ServiceObject(&live).labels().stack().and_then(StackName::observed)
            }
            Self::Deploy(_) | Self::RollBackStack(_) | Self::Recover(_) => None,
            // It holds one lease after the other.
            Self::CleanUp(_) | Self::SetAvailability { .. } => None,
        })
    }
}
