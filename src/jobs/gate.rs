//! What stands between a job and the engine: it says before each change whether that may
//! be sent, and remembers whether anything was.
//!
//! A job that is asked to stop, and does not within a moment, is let go where it does no
//! harm: where nothing was sent, or where nothing has to be taken back. The gate is closed
//! first, so that nothing is sent afterwards.

use crate::{
    domain::{
        change::{Applied, Change, RegistryAuth},
        cluster::{Happening, Kind, Node, Object, Service, System, Task, TaskScope},
        lease,
        logs::{LogLine, LogRequest},
    },
    engine::{Answer, Engine, EngineError, LeftOut},
};
use async_trait::async_trait;
use futures_util::{future::BoxFuture, stream::BoxStream};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Says before each change whether it may be sent.
#[async_trait]
pub trait Guard: Send + Sync {
    /// Whether it lets nothing pass, whatever it is.
    fn is_shut(&self) -> bool {
        false
    }

    /// Returns a pass that is held until the engine has answered.
    async fn may(&self, change: &Change) -> Answer<Pass>;
}

/// Held while a change is on its way.
#[derive(Default)]
pub struct Pass(Option<Arc<Gate>>);

/// Through which everything goes that one job sends.
#[derive(Default)]
pub struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    /// Something was sent that may have changed the cluster. A lease is no such change.
    sent: bool,
    /// So many changes are on their way.
    under_way: usize,
    closed: bool,
    /// Gives back what is held where the job is let go.
    farewell: Option<Farewell>,
}

type Farewell = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

impl Gate {
    /// Closes it where nothing was sent; returns whether it is closed.
    pub fn close_untouched(&self) -> bool {
        let mut state = self.state();
        state.closed |= !state.sent;
        state.closed
    }

    /// Closes it where no change is on its way; returns whether it is closed.
    pub fn close_between(&self) -> bool {
        let mut state = self.state();
        state.closed |= state.under_way == 0;
        state.closed
    }

    /// Closes it; what is on its way may arrive.
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// Remembers how what is held is given back by somebody else.
    pub fn on_farewell(&self, farewell: impl FnOnce() -> BoxFuture<'static, ()> + Send + 'static) {
        self.state().farewell = Some(Box::new(farewell));
    }

    /// Forgets it: it was given back in order.
    pub fn without_farewell(&self) {
        self.state().farewell = None;
    }

    /// Gives back what is held.
    pub async fn farewell(&self) {
        let farewell = mem::take(&mut self.state().farewell);
        if let Some(farewell) = farewell {
            farewell().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(gate) = &self.0 {
            gate.state().under_way -= 1;
        }
    }
}

/// The gate of a job, as its engine knows it.
pub struct Watch(pub Arc<Gate>);

#[async_trait]
impl Guard for Watch {
    async fn may(&self, change: &Change) -> Answer<Pass> {
        if is_lease(change) {
            return Ok(Pass::default());
        }
        let mut state = self.0.state();
        if state.closed {
            let why = "the job was let go".to_owned();
            return Err(EngineError::Conflict { what: format!("did not {change}"), why });
        }
        state.sent = true;
        state.under_way += 1;
        drop(state);
        Ok(Pass(Some(self.0.clone())))
    }
}

/// Where one may only look.
struct Shut;

#[async_trait]
impl Guard for Shut {
    fn is_shut(&self) -> bool {
        true
    }

    async fn may(&self, change: &Change) -> Answer<Pass> {
        let why = "read-only: nothing is changed here".to_owned();
        Err(EngineError::Conflict { what: format!("did not {change}"), why })
    }
}

/// Returns whether a change only says who is at work.
fn is_lease(change: &Change) -> bool {
    match change {
        Change::CreateConfig { name, .. }
        | Change::UpdateConfig { name, .. }
        | Change::RemoveConfig { name, .. } => lease::is_one(name),
        _ => false,
    }
}

/// An engine that asks a guard before each change.
pub struct Guarded {
    engine: Arc<dyn Engine>,
    guard: Arc<dyn Guard>,
}

impl Guarded {
    pub fn new(engine: Arc<dyn Engine>, guard: Arc<dyn Guard>) -> Self {
        Self { engine, guard }
    }

    /// Returns an engine that changes nothing: the last door of a context that one may
    /// only look at, whichever way a change comes.
    pub fn read_only(engine: Arc<dyn Engine>) -> Arc<dyn Engine> {
        Arc::new(Self::new(engine, Arc::new(Shut)))
    }
}

#[async_trait]
impl Engine for Guarded {
    fn address(&self) -> String {
        self.engine.address()
    }

    async fn system(&self) -> Answer<System> {
        self.engine.system().await
    }

    async fn services(&self) -> Answer<Arc<[Service]>> {
        self.engine.services().await
    }

    fn left_out(&self) -> LeftOut {
        self.engine.left_out()
    }

    async fn nodes(&self) -> Answer<Arc<[Node]>> {
        self.engine.nodes().await
    }

    async fn tasks(&self, scope: &TaskScope) -> Answer<Vec<Task>> {
        self.engine.tasks(scope).await
    }

    async fn inspect(&self, object: &Object) -> Answer<Value> {
        self.engine.inspect(object).await
    }

    async fn list(&self, kind: Kind, stack: Option<&str>) -> Answer<Vec<Value>> {
        self.engine.list(kind, stack).await
    }

    async fn volumes(&self, stack: &str) -> Answer<Vec<String>> {
        self.engine.volumes(stack).await
    }

    async fn distribution(&self, image: &str, auth: Option<&RegistryAuth>) -> Answer<Value> {
        self.engine.distribution(image, auth).await
    }

    fn read_only(&self) -> bool {
        self.guard.is_shut() || self.engine.read_only()
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let _until_answered = self.guard.may(change).await?;
        self.engine.apply(change).await
    }

    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
        self.engine.events(since)
    }

    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
        self.engine.logs(request)
    }

    fn log_streams(&self) -> usize {
        self.engine.log_streams()
    }
}
