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
        service::{self, DEADLINE, PENDING_PATIENCE, POLL},
    },
};
use jiff::Timestamp;
use tokio::time::{self, Instant};

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
    started: Timestamp,
    book: &mut Book,
    context: &JobContext,
) -> Verdict {
    let start = Instant::now();
    let mut open: Vec<(Applied, Option<Instant>)> =
        applied.iter().map(|it| (it.clone(), None)).collect();
    loop {
        let mut still = Vec::new();
        let mut doing = Vec::new();
        for (service, waiting) in open {
            match look(engine, &service, started, waiting, start).await {
                Err(err) if err.is_transient() => {
                    context.say(News::Note(err.to_string()));
                    still.push((service, waiting));
                }
                Err(err) => return lost(&service.name, &err.to_string()),
                Ok((State::Fine(seen), _)) => {
                    book.note(&service.name, outcome(&seen, ReleaseState::Healthy, None))
                }
                Ok((State::Lost(seen, why), _)) => {
                    book.note(
                        &service.name,
                        outcome(&seen, ReleaseState::Failed, Some(why.clone())),
                    );
                    return lost(&service.name, &why);
                }
                Ok((State::Moving(words), waiting)) => {
                    doing.push(words);
                    still.push((service, waiting));
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

async fn look(
    engine: &dyn Engine,
    service: &Applied,
    started: Timestamp,
    waiting: Option<Instant>,
    start: Instant,
) -> Answer<(State, Option<Instant>)> {
    let seen: Progress = service::look(engine, &service.id, started).await?;
    if seen.done() {
        return Ok((State::Fine(seen), None));
    }
    let waiting = if seen.pending > 0 { waiting.or_else(|| Some(Instant::now())) } else { None };
    let trouble = || seen.trouble.clone().unwrap_or_else(|| "no reason given".to_owned());
    let why = if waiting.is_some_and(|it| it.elapsed() > PENDING_PATIENCE) {
        Some(format!("{} of {} tasks wait for a node: {}", seen.pending, seen.desired, trouble()))
    } else if start.elapsed() > DEADLINE {
        Some(format!("{} of {} tasks run after 10 min: {}", seen.running, seen.desired, trouble()))
    } else {
        seen.hopeless()
    };
    let words = format!("{} {}/{}", service.name, seen.running, seen.desired);
    Ok((why.map_or(State::Moving(words), |it| State::Lost(seen, it)), waiting))
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
