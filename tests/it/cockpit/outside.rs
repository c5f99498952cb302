//! What the outside answers a cockpit in memory.

use crate::cockpit::harness::noon;
use futures_util::StreamExt;
use skep::{
    domain::{
        cluster::TaskScope,
        compose::Finding,
        logs::{LogLine, LogSource},
        names::StackName,
        plan::Outline,
    },
    engine::{Engine, EngineError, fake::FakeEngine},
    jobs::{
        JobId,
        deploy::{Order, prepare},
        feed::{Of, Subscription},
        source::Sources,
        watch::Tasks,
    },
    tui::event::{Effect, Event, Remark},
};
use std::path::Path;

/// Reads the tasks of a scope.
pub async fn tasks(engine: &FakeEngine, scope: Option<TaskScope>) -> Result<Tasks, EngineError> {
    let list = match &scope {
        Some(scope) => engine.tasks(scope).await?,
        None => Vec::new(),
    };
    Ok(Tasks { scope, list: list.into() })
}

/// Reads what stands in the logs now, in the order of a feed; nothing is waited
/// for.
pub async fn lines(engine: &FakeEngine, subscription: &Subscription) -> Vec<LogLine> {
    let sources = match &subscription.of {
        Of::Service(id) => vec![LogSource::Service(id.clone())],
        Of::Task(id) => vec![LogSource::Task(id.clone())],
        Of::Stack(stack) => {
            let services = engine.services().await.unwrap_or_default();
            let of_stack = services.iter().filter(|it| it.stack.as_ref() == Some(stack));
            of_stack.map(|it| LogSource::Service(it.id.clone())).collect()
        }
    };
    let mut lines = Vec::new();
    for source in sources {
        let mut request = subscription.window.request(source, noon(), subscription.tail);
        request.follow = false;
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

/// Plans a deployment as the cockpit does.
pub async fn plan(engine: &FakeEngine, order: &Order) -> Event {
    let answer = match prepare(engine, order).await {
        Ok(prepared) => Ok((Outline::new(&prepared.plan), prepared.notes)),
        Err(verdict) => Err(verdict.to_string()),
    };
    Event::Planned(order.stack.clone(), answer)
}

/// Checks a text as the cockpit does.
pub fn remarks(path: &Path, text: String) -> Vec<Remark> {
    let stack: StackName = "stack".parse().unwrap();
    let remark = |it: &Finding| Remark {
        line: it.place.line,
        column: it.place.column,
        severity: it.severity(),
        message: it
            .hint
            .as_ref()
            .map_or_else(|| it.message.clone(), |hint| format!("{}; {hint}", it.message)),
    };
    Sources::one(path, text).understand(&stack).findings.iter().map(remark).collect()
}

/// Says what an effect would do to the outside.
pub fn words(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Start(work) => work.title(),
        Effect::Quit => "quit".to_owned(),
        Effect::Suspend => "suspend".to_owned(),
        Effect::Cancel(JobId(id)) => format!("cancel job {id}"),
        Effect::EditStack(stack) => format!("edit {stack}"),
        Effect::Copy(text) => format!("copy {text}"),
        Effect::Dump { name, .. } => format!("dump {name}"),
        Effect::Remember(line) => format!("remember {line}"),
        Effect::Switch(context) => format!("switch to {context}"),
        _ => return None,
    })
}
