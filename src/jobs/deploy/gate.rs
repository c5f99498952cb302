//! Watches the services of a deployment until each is what it should be, or
//! clearly will not be.

use crate::{
    domain::{
        converge::Progress,
        release::{ReleaseState, ServiceOutcome},
    },
    engine::{Answer, Engine},
    jobs::{
        JobContext, News, Verdict,
        deploy::{apply::Applied, record::Book},
        service::{self, DEADLINE, PENDING_PATIENCE, POLL, SETTLES},
    },
};
use jiff::Timestamp;
use tokio::time::{self, Instant};

/// A service that is not yet what it should be.
struct Open {
    service: Applied,
    /// When it was changed, by the clock of the engine.
    changed: Option<Timestamp>,
    /// Since when tasks wait for a node.
    waiting: Option<Instant>,
    /// Since when all its tasks run.
    arrived: Option<Instant>,
}

/// What became of one service.
enum State {
    Moving(String),
    Fine(Progress),
    Lost(Progress, String),
}

/// Waits for all services; the first that is lost ends it.
pub async fn watch(
    engine: &dyn Engine,
    applied: &[Applied],
    book: &mut Book,
    context: &JobContext,
) -> Verdict {
    let start = Instant::now();
    let mut open: Vec<Open> = applied.iter().map(Open::new).collect();
    loop {
        let mut still = Vec::new();
        let mut doing = Vec::new();
        for mut one in open {
            match one.look(engine, start).await {
                Err(err) if err.is_transient() => {
                    context.say(News::Note(err.to_string()));
                    still.push(one);
                }
                Err(err) => return lost(&one.service.name, &err.to_string()),
                Ok(State::Fine(seen)) => {
                    book.note(&one.service.name, outcome(&seen, ReleaseState::Healthy, None));
                }
                Ok(State::Lost(seen, why)) => {
                    let outcome = outcome(&seen, ReleaseState::Failed, Some(why.clone()));
                    book.note(&one.service.name, outcome);
                    return lost(&one.service.name, &why);
                }
                Ok(State::Moving(words)) => {
                    doing.push(words);
                    still.push(one);
                }
            }
        }
        if still.is_empty() {
            let took = start.elapsed().as_secs();
            return Verdict::Succeeded(format!("{} services run after {took} s", applied.len()));
        }
        let done = 2 * applied.len() - still.len();
        context.say(News::Step { done, doing: doing.join(", ") });
        open = still;
        tokio::select! {
            () = time::sleep(POLL) => {}
            () = context.stop_requested() => {
                return Verdict::Stopped("everything was sent; nobody waited for the tasks".to_owned());
            }
        }
    }
}

impl Open {
    fn new(service: &Applied) -> Self {
        // What failed long ago in a service that was left alone is no news.
        let changed = (!service.touched).then(Timestamp::now);
        Self { service: service.clone(), changed, waiting: None, arrived: None }
    }

    async fn look(&mut self, engine: &dyn Engine, start: Instant) -> Answer<State> {
        let Self { service, changed, waiting, arrived } = self;
        let seen: Progress = service::look(engine, &service.id, changed).await?;
        if seen.done() {
            let since = *arrived.get_or_insert_with(Instant::now);
            let words = format!("{} seems to run", service.name);
            let settled = !service.touched || since.elapsed() >= SETTLES;
            return Ok(if settled { State::Fine(seen) } else { State::Moving(words) });
        }
        *arrived = None;
        *waiting = if seen.pending > 0 { waiting.or_else(|| Some(Instant::now())) } else { None };
        let Progress { pending, running, desired, .. } = seen;
        let trouble = seen.trouble.as_deref().unwrap_or("no reason given");
        let why = if waiting.is_some_and(|it| it.elapsed() > PENDING_PATIENCE) {
            Some(format!("{pending} of {desired} tasks wait for a node: {trouble}"))
        } else if start.elapsed() > DEADLINE {
            Some(format!("{running} of {desired} tasks run after 10 min: {trouble}"))
        } else {
            seen.hopeless()
        };
        let words = format!("{} {running}/{desired}", service.name);
        Ok(why.map_or(State::Moving(words), |it| State::Lost(seen, it)))
    }
}

fn outcome(seen: &Progress, state: ReleaseState, error: Option<String>) -> ServiceOutcome {
    ServiceOutcome {
        state,
        desired: seen.desired,
        running: seen.running,
        updated: Timestamp::now(),
        error,
    }
}

fn lost(name: &str, why: &str) -> Verdict {
    Verdict::Failed {
        why: format!("{name}: {why}"),
        hint: Some(
            "what was sent stays; mend the file and deploy again, or roll the service back"
                .to_owned(),
        ),
    }
}
