//! Changes to one node.

use crate::{
    domain::{
        change::Change,
        cluster::{Object, TaskScope},
        names::NodeId,
    },
    engine::{Answer, Engine, EngineError},
    jobs::{JobContext, News, Verdict, service::failed, work::Availability},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::{self, Instant};

const POLL: Duration = Duration::from_millis(500);
const DEADLINE: Duration = Duration::from_secs(600);

/// Sets the availability; a drain waits until no task runs there any more.
pub async fn set_availability(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    availability: Availability,
    context: &JobContext,
) -> Verdict {
    context.say(News::Step { done: 0, doing: format!("update node {hostname}") });
    if let Err(err) = write(engine, node, hostname, availability).await {
        return failed(&err);
    }
    match availability {
        Availability::Drain => drained(engine, node, hostname, context).await,
        Availability::Pause => Verdict::Succeeded(format!(
            "{hostname} is paused: it keeps its tasks and takes no new ones"
        )),
        Availability::Active => {
            Verdict::Succeeded(format!("{hostname} is active: it takes tasks again"))
        }
    }
}

async fn write(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    availability: Availability,
) -> Answer<()> {
    let live = engine.inspect(&Object::Node(node.clone())).await?;
    let mut spec = live["Spec"].clone();
    spec["Availability"] = json!(availability.to_string());
    let version = live["Version"]["Index"].as_u64().ok_or_else(|| EngineError::Invalid {
        what: format!("the update of {hostname}"),
        why: "it has no version".to_owned(),
    })?;
    let change =
        Change::UpdateNode { id: node.clone(), hostname: hostname.to_owned(), version, spec };
    engine.apply(&change).await.map(drop)
}

async fn drained(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    context: &JobContext,
) -> Verdict {
    let start = Instant::now();
    loop {
        match engine.tasks(&TaskScope::Node(node.clone())).await {
            Ok(tasks) => {
                let left = tasks.iter().filter(|it| !it.state.is_over()).count();
                if left == 0 {
                    let took = start.elapsed().as_secs();
                    return Verdict::Succeeded(format!("{hostname} is drained after {took} s"));
                }
                context.say(News::Step {
                    done: 1,
                    doing: format!("{left} tasks still run on {hostname}"),
                });
            }
            Err(err) if err.is_transient() => context.say(News::Note(err.to_string())),
            Err(err) => return failed(&err),
        }
        if start.elapsed() > DEADLINE {
            let why = format!("{hostname} still runs tasks after 10 min");
            return Verdict::Failed {
                why,
                hint: Some("the node's tasks say what holds them".to_owned()),
            };
        }
        tokio::select! {
            () = time::sleep(POLL) => {}
            () = context.stop_requested() => {
                return Verdict::Stopped(format!("{hostname} is set to drain; nobody waited for its end"));
            }
        }
    }
}
