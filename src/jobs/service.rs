//! Service jobs: scale, restart, roll back, remove.

use crate::{
    domain::{
        deployment::deploy::Goal,
        health::{
            converge::{Phase, Progress},
            exit,
        },
        swarm::{
            change::{Change, ServiceRef},
            cluster::{Object, Task, TaskScope},
            names::NodeId,
            objects::ServiceObject,
            spec::{Edit, UpdateBody},
            states::UpdateState,
        },
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        convergence::{Watch, Watched},
        ended_tasks::{TasksEnded, wait_until_ended},
        retry::{Aborted, WRITE_ATTEMPTS, failed},
    },
};
use serde_json::Value;
use std::{collections::BTreeSet, future::pending, time::Duration};
use tokio::time::sleep;

/// Between two looks whether somebody changed a service again.
const AGAIN: Duration = Duration::from_secs(1);

/// Scales, restarts or rolls back: sends it, and waits for nothing.
pub async fn make(
    engine: &dyn Engine,
    target: &ServiceRef,
    edit: &Edit,
    context: &JobContext,
) -> Result<(), Verdict> {
    if *edit == Edit::Nothing {
        has_previous(engine, target).await?;
    }
    context.say(News::Step { done: 0, doing: format!("update {}", target.name) });
    let warnings = write(engine, target, edit).await.map_err(|err| failed(&err))?;
    for warning in warnings {
        context.say(News::Note(warning));
    }
    Ok(())
}

/// The engine has to keep a spec that could come back.
async fn has_previous(engine: &dyn Engine, target: &ServiceRef) -> Result<(), Verdict> {
    let live = engine.inspect(&Object::Service(target.id.clone())).await;
    if ServiceObject(&live.map_err(|err| failed(&err))?).previous_spec().is_there() {
        return Ok(());
    }
    Err(no_previous(target))
}

/// Refuses to roll a service back that the engine keeps no previous spec of.
pub fn no_previous(target: &ServiceRef) -> Verdict {
    let hint = "it keeps only one, and none after a rollback; deploy the version you want";
    Verdict::Failed {
        why: format!("the engine keeps no previous spec of {}", target.name),
        hint: Some(hint.to_owned()),
    }
}

/// Removes the service and waits until its tasks are gone.
pub async fn remove(engine: &dyn Engine, target: &ServiceRef, context: &JobContext) -> Verdict {
    context.say(News::Step { done: 0, doing: format!("remove {}", target.name) });
    // The engine forgets a removed service at once; its nodes still know its tasks.
    let nodes = match nodes_of(engine, target).await {
        Ok(nodes) => nodes,
        Err(err) => return failed(&err),
    };
    let change = Change::RemoveService { id: target.id.clone(), name: target.name.clone() };
    match engine.apply(&change).await {
        Ok(_) | Err(EngineError::NotFound { .. }) => {}
        Err(err) => return failed(&err),
    }
    let mut gone = format!("{} is gone", target.name);
    let its = |task: &Task| task.service.as_ref() == Some(&target.id);
    for node in nodes {
        match wait_until_ended(engine, &TaskScope::Node(node), its, 1, context).await {
            Ok(TasksEnded::All) => {}
            Ok(TasksEnded::Unheard(tasks)) => {
                gone.push_str(&format!("; the state of {tasks} is not known"));
            }
            Ok(TasksEnded::Late(tasks)) => {
                let why = format!("{} is removed, but {tasks}", target.name);
                let hint = Some("look at the nodes they run on".to_owned());
                return Verdict::Failed { why, hint };
            }
            Err(Aborted::OnRequest) => {
                let why = "it is removed; its tasks may still be stopping";
                return Verdict::Stopped(why.to_owned());
            }
            Err(Aborted::ByError(err)) => return failed(&err),
        }
    }
    Verdict::Succeeded(gone)
}

async fn nodes_of(engine: &dyn Engine, target: &ServiceRef) -> Answer<BTreeSet<NodeId>> {
    let tasks = engine.tasks(&TaskScope::Services(vec![target.id.clone()])).await?;
    Ok(tasks.into_iter().filter(|it| !it.state.is_over()).filter_map(|it| it.node).collect())
}

/// Reads, edits and writes; starts over where somebody else was faster. What is
/// stopped or started already is not written again: the engine would forget its
/// previous spec.
pub async fn write(engine: &dyn Engine, target: &ServiceRef, edit: &Edit) -> Answer<Vec<String>> {
    let mut attempt = 1;
    loop {
        let live = engine.inspect(&Object::Service(target.id.clone())).await?;
        let change = change(&live, target, edit)?;
        let is_done = matches!(&change, Change::UpdateService { body, .. }
            if matches!(edit, Edit::Stop | Edit::Start) && body.json() == ServiceObject(&live).spec().0);
        if is_done {
            return Ok(Vec::new());
        }
        match engine.apply(&change).await {
            Ok(applied) => return Ok(applied.warnings),
            Err(EngineError::OutOfSequence { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
            Err(err) => return Err(err),
        }
    }
}

fn change(live: &Value, target: &ServiceRef, edit: &Edit) -> Answer<Change> {
    let refused =
        |why: String| EngineError::Invalid { what: format!("the update of {}", target.name), why };
    let body = UpdateBody::edit(live, edit).map_err(|err| refused(err.to_string()))?;
    let version =
        ServiceObject(live).version().ok_or_else(|| refused("it has no version".to_owned()))?;
    let (id, name) = (target.id.clone(), target.name.clone());
    Ok(match edit {
        Edit::Nothing => Change::RollBackService { id, name, version, body },
        Edit::Scale { .. } | Edit::Restart | Edit::Stop | Edit::Start => {
            Change::UpdateService { id, name, version, body, auth: None }
        }
    })
}

/// Waits until the service is what it should be, or clearly will not be, or somebody
/// changed it again.
pub async fn wait(
    engine: &dyn Engine,
    target: &ServiceRef,
    edit: &Edit,
    context: &JobContext,
) -> Verdict {
    // A roll-back that was asked for ends in the phase that is a failure otherwise.
    let goal = if *edit == Edit::Nothing { Goal::HealthyAgain } else { Goal::Healthy };
    let targets = [target.clone()];
    let watch = Watch::of(&targets, goal, 1);
    let watched = tokio::select! {
        biased;
        watched = watch.run(engine, context) => watched,
        () = superseded(engine, target, edit) => {
            let why = format!("superseded: {} was changed again before this was done", target.name);
            return Verdict::Stopped(why);
        }
    };
    let watched = match watched {
        Ok(watched) => watched,
        Err(Aborted::OnRequest) => {
            return Verdict::Stopped(
                "the change is made; skep did not wait for its end".to_owned(),
            );
        }
        Err(Aborted::ByError(err)) => return failed(&err),
    };
    verdict(&watched)
}

/// Completes once what was changed has another value than after the change, and the engine
/// did not bring the previous spec back by itself.
async fn superseded(engine: &dyn Engine, target: &ServiceRef, edit: &Edit) {
    let changed = match edit {
        Edit::Scale { .. } => "/Spec/Mode",
        Edit::Restart => "/Spec/TaskTemplate/ForceUpdate",
        // The engine changes the spec of its own roll-back when it likes.
        Edit::Nothing | Edit::Stop | Edit::Start => return pending().await,
    };
    let mut ours: Option<Value> = None;
    loop {
        if let Ok(live) = engine.inspect(&Object::Service(target.id.clone())).await {
            let state = ServiceObject(&live).update_state();
            let back = state.is_some_and(UpdateState::is_rollback);
            let now = live.pointer(changed).cloned().unwrap_or_default();
            match &ours {
                None => ours = Some(now),
                Some(ours) if now != *ours && !back => return,
                Some(_) => {}
            }
        }
        sleep(AGAIN).await;
    }
}

/// Says what can be done about services that did not get there.
fn what_now(watched: &[Watched], why: &str) -> &'static str {
    let any = |is: fn(&Progress) -> bool| {
        watched.iter().any(|it| it.lost().is_some() && it.track.seen.as_ref().is_some_and(is))
    };
    if any(|it| matches!(it.phase, Phase::Paused(_))) {
        return "skep does nothing more: roll it back, or fix it and deploy again; its logs and its page (`d`) say more";
    }
    if exit::says_never_started(why) {
        return "the change stays: fix what the engine says; there is no log, as it never started";
    }
    if any(|it| it.pending > 0) {
        return "the change stays, and no task of it started: give it what is missing, or change it back; `skep nodes` shows the nodes";
    }
    "its logs say more"
}

/// Says how it ended for one service or several.
pub fn verdict(watched: &[Watched]) -> Verdict {
    let lost: Vec<String> = watched.iter().filter_map(Watched::lost).collect();
    if !lost.is_empty() {
        let why = lost.join("; ");
        let hint = Some(what_now(watched, &why).to_owned());
        return Verdict::Failed { why, hint };
    }
    let words = watched.iter().map(|it| {
        let (running, desired) = it.running();
        let took = it.track.arrived.unwrap_or_default().as_secs();
        format!("{running}/{desired} tasks run after {took}s{}", it.remarks())
    });
    Verdict::Succeeded(words.collect::<Vec<_>>().join("; "))
}
