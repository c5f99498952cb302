//! The session of jobs: operator, engine and state.

use crate::{domain::deployment::audit::Operator, engine::Engine, store::Store};
use std::sync::Arc;

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
