//! Fencing: a check in front of the engine that permits or refuses each change.
//!
//! A job writes behind the fence of its gate and of its lease; whoever may only look stands
//! behind one that lets nothing pass.

use crate::{
    domain::swarm::change::{Applied, Change},
    engine::{Answer, Engine, EngineError, ReadEngine},
};
use async_trait::async_trait;
use std::sync::Arc;

/// A fence before an engine: says before each change whether it may be sent.
#[async_trait]
pub trait Fence: Send + Sync {
    /// Returns whether it lets no change pass, whatever it is.
    fn is_shut(&self) -> bool {
        false
    }

    /// Returns a permit that is held until the engine has answered.
    async fn check(&self, change: &Change) -> Answer<Permit>;
}

/// Held while a change is on its way.
#[derive(Default)]
pub struct Permit {
    _until_answered: Option<Box<dyn Send>>,
}

impl Permit {
    /// Makes a permit that drops something once the engine has answered.
    pub fn until_answered(held: impl Send + 'static) -> Self {
        Self { _until_answered: Some(Box::new(held)) }
    }
}

/// An engine behind a fence, which it asks before each change.
pub struct FencedEngine {
    engine: Arc<dyn Engine>,
    fence: Arc<dyn Fence>,
}

impl FencedEngine {
    pub fn new(engine: Arc<dyn Engine>, fence: Arc<dyn Fence>) -> Self {
        Self { engine, fence }
    }

    /// Returns an engine that changes nothing: the last door of a context that one may
    /// only look at, whichever way a change comes.
    pub fn read_only(engine: Arc<dyn Engine>) -> Arc<dyn Engine> {
        Arc::new(Self::new(engine, Arc::new(ReadOnly)))
    }
}

#[async_trait]
impl Engine for FencedEngine {
    fn reading(&self) -> &(dyn ReadEngine + 'static) {
        self.engine.reading()
    }

    fn read_only(&self) -> bool {
        self.fence.is_shut() || self.engine.read_only()
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let _until_answered = self.fence.check(change).await?;
        self.engine.apply(change).await
    }
}

/// Where one may only look.
struct ReadOnly;

#[async_trait]
impl Fence for ReadOnly {
    fn is_shut(&self) -> bool {
        true
    }

    async fn check(&self, change: &Change) -> Answer<Permit> {
        let why = "read-only: nothing is changed here".to_owned();
        Err(EngineError::Conflict { what: format!("did not {change}"), why })
    }
}
