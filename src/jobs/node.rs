//! Node jobs: change the availability of a node.

use crate::{
    domain::{
        deployment::deploy::Goal,
        swarm::{
            change::{Change, ServiceRef},
            cluster::{Mode, Object, ObjectKind, Service, Task, TaskScope},
            drain::{Grounds, outlook},
            names::NodeId,
            objects::NodeObject,
            raw,
            states::Availability,
        },
        text::count::plural,
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        convergence::{Watch, Watched},
        retry::{Aborted, DEADLINE, POLL, WRITE_ATTEMPTS, failed},
    },
};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, sleep};

/// Reads what a drain of some nodes would do: lines for each of them.
pub async fn foresee(
    engine: &dyn Engine,
    nodes: &[NodeId],
) -> Answer<BTreeMap<NodeId, Vec<String>>> {
    let scope = TaskScope::Nodes(nodes.to_vec());
    let (tasks, services, all, specs) = tokio::try_join!(
        engine.tasks(&scope),
        engine.services(),
        engine.nodes(),
        engine.list(ObjectKind::Services, None),
    )?;
    let grounds =
        Grounds { nodes: &all, services: &services, specs: &specs, tasks: &tasks, together: nodes };
    Ok(nodes.iter().map(|it| (it.clone(), outlook(it, &grounds))).collect())
}

/// Sets the availability; a drain waits until its tasks run elsewhere.
pub async fn set_availability(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    availability: Availability,
    context: &JobContext,
) -> Verdict {
    context.say(News::Step { done: 0, doing: format!("update node {hostname}") });
    let leaving = match availability {
        Availability::Drain => Leaving::read(engine, node).await,
        _ => Ok(Leaving::default()),
    };
    let leaving = match leaving {
        Ok(leaving) => leaving,
        Err(err) => return failed(&err),
    };
    if let Err(err) = write(engine, node, hostname, availability).await {
        return failed(&err);
    }
    match availability {
        Availability::Active => {
            Verdict::Succeeded(format!("{hostname} is active: it takes tasks again"))
        }
        Availability::Pause => Verdict::Succeeded(format!(
            "{hostname} is paused: it keeps its tasks and takes no new ones"
        )),
        Availability::Drain => {
            let drained = drained(engine, node, hostname, &leaving, context).await;
            match drained {
                Ok(words) => Verdict::Succeeded(words),
                Err(verdict) => verdict,
            }
        }
    }
}

/// Reads, changes and writes; starts over where somebody else was faster.
async fn write(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    availability: Availability,
) -> Answer<()> {
    let mut attempt = 1;
    loop {
        let live = engine.inspect(&Object::Node(node.clone())).await?;
        let odd = |why: &str| EngineError::Invalid {
            what: format!("the update of {hostname}"),
            why: why.to_owned(),
        };
        let live = NodeObject(&live);
        let mut spec = live.spec().0.clone();
        if !spec.is_object() {
            return Err(odd("it has no spec"));
        }
        raw::set(&mut spec, &["Availability"], json!(availability.word()));
        let version = live.version().ok_or_else(|| odd("it has no version"))?;
        let change =
            Change::UpdateNode { id: node.clone(), hostname: hostname.to_owned(), version, spec };
        match engine.apply(&change).await {
            Err(EngineError::OutOfSequence { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
            written => return written.map(drop),
        }
    }
}

/// What a node has to give away.
#[derive(Debug, Default)]
struct Leaving {
    /// Services whose tasks there should run elsewhere.
    services: Vec<ServiceRef>,
    /// So many tasks of them.
    tasks: usize,
    /// Tasks of global services, which have no other place.
    global: usize,
}

impl Leaving {
    async fn read(engine: &dyn Engine, node: &NodeId) -> Answer<Self> {
        let scope = TaskScope::Node(node.clone());
        let (tasks, services) = tokio::try_join!(engine.tasks(&scope), engine.services())?;
        let mut leaving = Self::default();
        for service in services.iter() {
            let runs = |it: &&Task| {
                it.service.as_ref() == Some(&service.id)
                    && !it.state.is_over()
                    && !it.desired.is_over()
            };
            let here = tasks.iter().filter(runs).count();
            match service.mode {
                _ if here == 0 => {}
                Mode::Global => leaving.global += here,
                Mode::Replicated { .. } => {
                    leaving.tasks += here;
                    leaving.services.push(target(service));
                }
                // What is left of jobs may take as long as it likes.
                Mode::ReplicatedJob { .. } | Mode::GlobalJob => {}
            }
        }
        Ok(leaving)
    }

    fn words(&self) -> String {
        let tasks = plural(self.tasks as u64, "task");
        let run = if self.tasks == 1 { "runs" } else { "run" };
        let moved =
            if self.tasks == 0 { String::new() } else { format!("; its {tasks} {run} elsewhere") };
        let global = plural(self.global as u64, "task");
        match self.global {
            0 => moved,
            _ => format!("{moved}; {global} of global services ended"),
        }
    }
}

fn target(service: &Service) -> ServiceRef {
    ServiceRef { id: service.id.clone(), name: service.name.to_string() }
}

/// Waits until the node has no task, and until what it had runs elsewhere.
async fn drained(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    leaving: &Leaving,
    context: &JobContext,
) -> Result<String, Verdict> {
    let start = Instant::now();
    empty(engine, node, hostname, context).await?;
    let drained = |start: Instant| {
        let took = start.elapsed().as_secs();
        format!("{hostname} is drained after {took}s")
    };
    if leaving.services.is_empty() {
        return Ok(drained(start) + &leaving.words());
    }
    let watch = Watch {
        window: Duration::ZERO,
        until_gone: false,
        ..Watch::of(&leaving.services, Goal::StillHealthy, 1)
    };
    let watched = watch.run(engine, context).await.map_err(|cut| match cut {
        Aborted::OnRequest => {
            let why =
                format!("{hostname} is drained; skep did not wait for its tasks to run elsewhere");
            Verdict::Stopped(why)
        }
        Aborted::ByError(err) => failed(&err),
    })?;
    let lost: Vec<String> = watched.iter().filter_map(Watched::lost).collect();
    if lost.is_empty() {
        return Ok(drained(start) + &leaving.words());
    }
    let missing: u64 = watched.iter().map(missing).sum();
    let tasks = plural(missing, "task");
    let run = if missing == 1 { "does" } else { "do" };
    let lost = lost.join("; ");
    Ok(format!("{}, but {tasks} {run} not run elsewhere: {lost}", drained(start)))
}

fn missing(watched: &Watched) -> u64 {
    let (running, desired) = watched.running();
    if watched.track.is_lost() { desired.saturating_sub(running) } else { 0 }
}

/// Waits until no task runs on a node.
async fn empty(
    engine: &dyn Engine,
    node: &NodeId,
    hostname: &str,
    context: &JobContext,
) -> Result<(), Verdict> {
    let start = Instant::now();
    loop {
        match engine.tasks(&TaskScope::Node(node.clone())).await {
            Ok(tasks) => {
                let left = tasks.iter().filter(|it| !it.state.is_over()).count();
                if left == 0 {
                    return Ok(());
                }
                let tasks = plural(left as u64, "task");
                let run = if left == 1 { "runs" } else { "run" };
                let doing = format!("{tasks} still {run} on {hostname}");
                context.say(News::Step { done: 1, doing });
            }
            Err(err) if err.is_transient() => context.say(News::Note(err.to_string())),
            Err(err) => return Err(failed(&err)),
        }
        if start.elapsed() > DEADLINE {
            let why = format!("{hostname} still runs tasks after 10 min");
            let hint = Some("`skep ps` shows what holds its tasks".to_owned());
            return Err(Verdict::Failed { why, hint });
        }
        tokio::select! {
            () = sleep(POLL) => {}
            () = context.stop_requested() => {
                let why = format!("{hostname} is set to drain; skep did not wait for its end");
                return Err(Verdict::Stopped(why));
            }
        }
    }
}
