//! Finds engines, as the settings let one use them.

use crate::{
    cli::{Failure, Reached},
    config::Config,
    engine::{
        Engine,
        context::{ContextEntry, ContextError, Surroundings, Wish, find, list},
        docker::{Limits, connect_within},
        fake::FakeEngine,
    },
    jobs::{fence::FencedEngine, session::Neighbours},
};
use jiff::Timestamp;
use std::sync::Arc;

/// The name that leads to the demo cluster, where one switches contexts.
pub const DEMO: &str = "demo";
/// The demo tells the same story each time.
const DEMO_SEED: u64 = 7;

/// Returns the engine of the demo.
pub fn demo_engine(config: &Config, now: Timestamp) -> Reached {
    let engine = Arc::new(FakeEngine::demo(DEMO_SEED, now));
    Reached { engine: allowed(config, DEMO, engine), context: DEMO.to_owned() }
}

/// Returns the engine of a context, as far as the settings let one use it.
fn allowed(config: &Config, context: &str, engine: Arc<dyn Engine>) -> Arc<dyn Engine> {
    if config.read_only_in(context) { FencedEngine::read_only(engine) } else { engine }
}

/// Finds the engine of a docker context, whatever the settings say.
pub fn reach_context(config: &Config, context: &str) -> Result<Reached, Failure> {
    if context == DEMO {
        return Ok(demo_engine(config, Timestamp::now()));
    }
    let wish = Wish { host: None, context: Some(context.to_owned()) };
    reach(config, &wish, &Surroundings::of_process())
}

/// Finds the engine that somebody wishes for.
pub fn reach(config: &Config, wish: &Wish, around: &Surroundings) -> Result<Reached, Failure> {
    let found = find(wish, around).map_err(|err| refused(&err))?;
    let patience = config.engine.timeout.get();
    let usual = Limits::default();
    let limits = Limits { connect: usual.connect.min(patience), read: patience, ..usual };
    let context = found.context().to_owned();
    let engine = Arc::new(connect_within(found.endpoint, limits));
    Ok(Reached { engine: allowed(config, &context, engine), context })
}

/// Returns the engines of all docker contexts; nothing is read or asked yet.
pub fn neighbours(config: Config) -> Neighbours {
    Neighbours::new(move || {
        let patience = config.engine.timeout.get();
        let usual = Limits::default();
        let limits = Limits { connect: usual.connect.min(patience), read: patience, ..usual };
        let known = list(&Surroundings::of_process()).into_iter();
        let engine = |it: ContextEntry| -> Option<Arc<dyn Engine>> {
            let engine = Arc::new(connect_within(it.endpoint.ok()?, limits));
            Some(allowed(&config, &it.name, engine))
        };
        known.filter_map(engine).collect()
    })
}

fn refused(err: &ContextError) -> Failure {
    Failure::new(err.to_string(), err.hint())
}
