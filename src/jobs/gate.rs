//! The job gate: a fence that remembers whether anything was sent.
//!
//! A job that is asked to stop, and does not within a moment, is let go where it does no
//! harm: where nothing was sent, or where nothing has to be taken back. The gate is closed
//! first, so that nothing is sent afterwards.

use crate::{
    domain::{deployment::lease, swarm::change::Change},
    engine::{Answer, EngineError},
    jobs::fence::{Fence, Permit},
};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

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

/// A change that is on its way.
struct UnderWay(Arc<Gate>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
    }
}

/// The gate of a job, as its engine knows it.
pub struct GateFence(pub Arc<Gate>);

#[async_trait]
impl Fence for GateFence {
    async fn check(&self, change: &Change) -> Answer<Permit> {
        if is_lease(change) {
            return Ok(Permit::default());
        }
        let mut state = self.0.state();
        if state.closed {
            let why = "the job was cancelled".to_owned();
            return Err(EngineError::Conflict { what: format!("did not {change}"), why });
        }
        state.sent = true;
        state.under_way += 1;
        drop(state);
        Ok(Permit::until_answered(UnderWay(self.0.clone())))
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
