//! What commands work with.

use crate::{
    cli::{Failure, Options},
    config::{Loaded, Places},
    domain::{deployment::audit::Operator, swarm::context::KnownContext},
    engine::Engine,
    jobs::{
        masked_engine::MaskedEngine,
        session::{Neighbours, Session},
    },
    store::Store,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{fs, sync::Arc};

/// What commands work with.
pub struct Desk {
    pub options: Options,
    pub settings: Loaded,
    pub places: Places,
    /// Why there is none counts only for commands that need one.
    pub engine: Result<Reached, Failure>,
    pub store: Store,
    pub contexts: Vec<KnownContext>,
    pub neighbours: Neighbours,
    pub who: Operator,
    pub now: Timestamp,
    pub zone: TimeZone,
}

/// An engine, and the name under which it was found.
pub struct Reached {
    pub engine: Arc<dyn Engine>,
    /// A docker context, or `demo`.
    pub context: String,
}

impl Desk {
    pub fn engine(&self) -> Result<&dyn Engine, Failure> {
        self.engine.as_ref().map(|it| &*it.engine).map_err(Clone::clone)
    }

    /// Returns the engine as people see it: without the secret values of stacks.
    pub fn shown(&self) -> Result<Arc<dyn Engine>, Failure> {
        let reached = self.engine.as_ref().map_err(Clone::clone)?;
        Ok(Arc::new(MaskedEngine::new(Arc::clone(&reached.engine), self.store.clone())))
    }

    pub fn store(&self) -> Result<&Store, Failure> {
        Ok(self.store.placed()?)
    }

    /// Returns in whose name something is changed here, unless nothing may be.
    pub fn session(&self) -> Result<Session, Failure> {
        let reached = self.engine.as_ref().map_err(Clone::clone)?;
        if self.is_read_only() {
            let hint = "it is set in the settings, or with --read-only; `skep config` says where";
            return Err(Failure::new("read-only: nothing is changed", Some(hint.to_owned()))
                .named("read-only"));
        }
        Ok(Session {
            engine: reached.engine.clone(),
            store: self.store.clone(),
            who: self.who.clone(),
            context: reached.context.clone(),
            neighbours: self.neighbours.clone(),
        })
    }

    /// Returns whether nothing may be changed in the swarm at hand.
    pub fn is_read_only(&self) -> bool {
        let config = &self.settings.config;
        config.read_only || self.names().any(|it| config.read_only_in(it))
    }

    /// Returns the docker context that says that the swarm at hand is one of production.
    pub fn production(&self) -> Option<&str> {
        self.names().find(|it| self.settings.config.production_in(it))
    }

    /// Returns whether there is a docker context of that name.
    pub fn knows_context(&self, name: &str) -> bool {
        self.contexts.iter().any(|it| it.name == name) || self.names().any(|it| it == name)
    }

    /// Names the docker contexts that lead to the engine at hand, whatever it was called:
    /// the way to it guards nothing.
    fn names(&self) -> impl Iterator<Item = &str> {
        let reached = self.engine.as_ref().ok();
        let address = reached.map(|it| it.engine.address());
        let same = move |it: &&KnownContext| {
            it.address.as_ref().is_ok_and(|other| {
                address.as_ref().is_some_and(|address| same_engine(address, other))
            })
        };
        let own = reached.map(|it| it.context.as_str());
        own.into_iter().chain(self.contexts.iter().filter(same).map(|it| it.name.as_str()))
    }
}

/// Compares addresses of engines; a socket may have several paths.
fn same_engine(one: &str, other: &str) -> bool {
    let real = |it: &str| it.strip_prefix("unix://").and_then(|it| fs::canonicalize(it).ok());
    one == other || real(one).is_some_and(|it| Some(it) == real(other))
}
