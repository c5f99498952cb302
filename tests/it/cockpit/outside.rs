//! What the outside answers a cockpit in memory.

use crate::cockpit::harness::noon;
use futures_util::StreamExt;
use jiff::SignedDuration;
use skep::{
    domain::{
        deployment::{
            audit::Operator,
            gc::Bounds,
            lease::Occupied,
            release::{
                JournalEntry, Order as Asked, Release, ReleaseKey, ReleaseState, ServiceOutcome,
                StepStage,
            },
            rollback::LiveRelease,
        },
        logs::{LogLine, LogRequest, LogSource},
        swarm::{
            cluster::{ObjectKind, TaskScope},
            write::Write,
        },
    },
    engine::{EngineError, ReadEngine, fake::FakeEngine},
    jobs::{
        JobId,
        deploy::{DeployOrder, Proposal, outline},
        gc::Sweep,
        log_follower::{LogScope, Subscription},
        watch::WatchedTasks,
    },
    projects::Sources,
    store::Store,
    tui::{
        document::Copied,
        event::{Effect, Response},
        past::{Lookback, Past},
    },
};
use std::{path::Path, sync::Arc};

/// Reads the tasks of a scope.
pub async fn tasks(
    engine: &FakeEngine,
    scope: Option<TaskScope>,
) -> Result<WatchedTasks, EngineError> {
    let list = match &scope {
        Some(scope) => engine.tasks(scope).await?,
        None => Vec::new(),
    };
    Ok(WatchedTasks { scope, list: list.into() })
}

/// Reads which stacks somebody is at.
pub async fn occupied(engine: &FakeEngine) -> Arc<[Occupied]> {
    let configs = engine.list(ObjectKind::Configs, None).await.unwrap_or_default();
    configs.iter().filter_map(Occupied::read).collect()
}

/// Reads what stands in the logs now, in the order of a feed; nothing is waited
/// for.
pub async fn lines(engine: &FakeEngine, subscription: &Subscription) -> Vec<LogLine> {
    let sources = match &subscription.of {
        LogScope::Service(id) | LogScope::Slot(id, _) => vec![LogSource::Service(id.clone())],
        LogScope::Task(id) => vec![LogSource::Task(id.clone())],
        LogScope::Stack(stack) => {
            let services = engine.services().await.unwrap_or_default();
            let of_stack = services.iter().filter(|it| it.stack.as_ref() == Some(stack));
            of_stack.map(|it| LogSource::Service(it.id.clone())).collect()
        }
    };
    let mut lines = Vec::new();
    for source in sources {
        let ask = subscription.ask(noon());
        let request = LogRequest { since: ask.since, tail: ask.tail, ..LogRequest::all(source) };
        lines.extend(
            engine
                .logs(&request)
                .filter_map(|it| std::future::ready(it.ok()))
                .collect::<Vec<_>>()
                .await,
        );
    }
    lines.sort_by_key(|it: &LogLine| it.at);
    lines
}

/// Looks for waste as the cockpit does; a demo remembers no releases.
pub async fn survey(engine: &FakeEngine, bounds: Bounds) -> Response {
    let found = Sweep::of(engine, &Store::in_memory(), bounds).await;
    Response::Waste(found.map_err(|verdict| verdict.to_string()))
}

/// Plans a deployment as the cockpit does. The demo keeps no releases: an earlier one is
/// like a file that has one service.
pub async fn plan(engine: &FakeEngine, proposal: &Proposal) -> Response {
    let proposal = match proposal {
        Proposal::Files(_) => proposal.clone(),
        Proposal::Earlier(wish) => {
            let text = "services:\n  web:\n    image: nginx:1.27\n".to_owned();
            let sources = Sources::one(Path::new("/srv/shop/compose.yml"), text);
            Proposal::Files(Box::new(DeployOrder::of(wish.stack.clone(), sources)))
        }
    };
    Response::Plan(outline(engine, &Store::in_memory(), &proposal).await)
}

/// What is remembered of a stack: four releases of the shop, none of any other.
pub fn past(at: &Lookback) -> Past {
    if at.stack.as_str() != "shop-production-web" {
        return Past::default();
    }
    let lost = "service shop-production-web_api: the engine paused the update: update paused due to failure or early termination of task 8x2k0q: task: non-zero exit (1); all is as it was, after 38s";
    let releases = vec![
        release(at, 4, ReleaseState::Healthy, "back to release 2: checkout is slow", None),
        release(at, 3, ReleaseState::RolledBack, "new search", Some(lost)),
        release(at, 2, ReleaseState::Healthy, "smaller images", None),
        release(at, 1, ReleaseState::Healthy, "", None),
    ];
    let live = Some(LiveRelease { revision: 4, whole: true });
    if at.revision.is_none() {
        return Past { releases, live, ..Past::default() };
    }
    let step = |stage, second: i64| JournalEntry {
        at: noon() - SignedDuration::from_secs(7_190 - second),
        step: Write::parse("update service shop-production-web_api").unwrap().into(),
        stage,
        detail: serde_json::Value::Null,
    };
    let journal = vec![
        step(StepStage::Intended, 0),
        step(StepStage::Done, 1),
        step(StepStage::Intended, 20),
        step(StepStage::Undone, 21),
    ];
    Past { releases, live, sources: vec!["/srv/shop/compose.yml".to_owned()], journal }
}

fn release(
    at: &Lookback,
    revision: u32,
    state: ReleaseState,
    message: &str,
    lost: Option<&str>,
) -> Release {
    let stack = at.stack.clone();
    let key = ReleaseKey { cluster: "c1".to_owned(), stack, revision };
    let from = Some("10.20.0.7".to_owned());
    let order = Asked {
        who: Operator { user: "ann".to_owned(), from, host: "m1".to_owned() },
        context: Some("prod-eu".to_owned()),
        address: "ssh://ops@m1.prod-eu.bees.example".to_owned(),
        message: message.to_owned(),
        queued: noon() - SignedDuration::from_hours(i64::from(5 - revision)),
    };
    let finished = order.queued + SignedDuration::from_secs(41);
    let outcome = |name: &str, state| ServiceOutcome {
        state,
        desired: 2,
        running: 2,
        updated: finished,
        error: lost.filter(|_| name.ends_with("api")).map(|_| "task: non-zero exit (1)".to_owned()),
        failed: None,
    };
    let services = ["shop-production-web_api", "shop-production-web_web"];
    let services = services.map(|name| (name.to_owned(), outcome(name, state)));
    Release {
        state,
        reason: lost.map(ToOwned::to_owned),
        services: services.into(),
        started: Some(order.queued),
        finished: Some(finished),
        ..Release::queued(key, order)
    }
}

/// Says what an effect would do to the outside.
pub fn words(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Start(work) => work.title(),
        Effect::Quit => "quit".to_owned(),
        Effect::LookForInterrupted => "look for interrupted deployments".to_owned(),
        Effect::Suspend => "suspend".to_owned(),
        Effect::Cancel(JobId(id)) => format!("cancel job {id}"),
        Effect::Pause(JobId(id), true) => format!("pause job {id}"),
        Effect::Pause(JobId(id), false) => format!("resume job {id}"),
        Effect::EditStack(stack) => format!("edit {stack}"),
        Effect::HandOff(document, _) => format!("hand off {}", document.name()),
        Effect::Copy(text) => format!("copy {text}"),
        Effect::CopyUnquoted(text, Copied::Stays) => format!("copy unquoted {text}"),
        Effect::CopyUnquoted(text, Copied::Cut) => format!("cut unquoted {text}"),
        Effect::Dump { name, .. } => format!("dump {name}"),
        Effect::Remember(line) => format!("remember {line}"),
        Effect::Switch(context) => format!("switch to {context}"),
        _ => return None,
    })
}
