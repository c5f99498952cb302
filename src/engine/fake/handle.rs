//! A handle on a swarm, and how a call gets through to it.

use crate::{
    domain::swarm::cluster::{Node, Service},
    engine::{
        Answer, EngineError,
        fake::{swarm::Swarm, trouble::Outage},
    },
};
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// A handle on a swarm in memory; clones share the swarm.
#[derive(Debug, Clone)]
pub struct FakeEngine {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub struct Shared {
    pub(super) state: Mutex<State>,
    /// Changes when streams should look again.
    pub(super) stirred: watch::Sender<u64>,
}

#[derive(Debug)]
pub struct State {
    pub(super) swarm: Swarm,
    pub(super) trouble: Outage,
    /// A moment of tokio's clock, and what the swarm's clock showed then.
    pub(super) clock: (Instant, Timestamp),
    pub(super) writes: Vec<String>,
    pub(super) services: Option<Arc<[Service]>>,
    pub(super) nodes: Option<Arc<[Node]>>,
}

impl FakeEngine {
    /// Lets a call through, or not, and brings the swarm up to now.
    pub(super) async fn meet(&self, call: &'static str) -> Answer<MutexGuard<'_, State>> {
        let delay = self.lock().trouble.delay;
        if delay > Duration::ZERO {
            sleep(delay).await;
        }
        let met = self.lock().trouble.meet(call);
        if met.is_err() {
            self.stir();
        }
        met?;
        let mut state = self.lock();
        state.catch_up();
        if call != "system" && !state.swarm.has_quorum() {
            return Err(EngineError::NoLeader);
        }
        Ok(state)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a test thread leaves the swarm as good as it was.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stir(&self) {
        self.shared.stirred.send_modify(|it| *it += 1);
    }
}

impl State {
    /// Lets the swarm move until now.
    pub(super) fn catch_up(&mut self) {
        let (origin, start) = self.clock;
        self.swarm.advance(start + origin.elapsed());
    }

    /// Returns when tokio's clock shows the moment `at` of the swarm.
    pub(super) fn instant(&self, at: Timestamp) -> Instant {
        let (origin, start) = self.clock;
        let after = Duration::try_from(at.duration_since(start)).unwrap_or_default();
        origin + after
    }
}
