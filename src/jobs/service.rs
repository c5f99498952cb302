//! Changes to one service: scale, restart, the engine's roll-back, removal.

use crate::{
    domain::{
        change::Change,
        cluster::{Object, Task, TaskScope},
        converge::{Known, Phase, Progress, Tasks, progress},
        names::{NodeId, ServiceId},
        spec::{Edit, UpdateBody},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        stack::{
            Halt,
            tasks::{Ended, ended},
        },
        work::Target,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{self, Instant};

/// Between two looks at what a change does.
pub const POLL: Duration = Duration::from_millis(500);
/// How long tasks may wait for a node before that counts as failure.
pub const PENDING_PATIENCE: Duration = Duration::from_secs(30);
/// So long all tasks must run before that counts: docker waits as long by itself.
/// An update takes a moment to begin, and what crashes at once ran for a moment.
pub const SETTLES: Duration = Duration::from_secs(5);
/// When waiting ends in any case.
pub const DEADLINE: Duration = Duration::from_secs(600);
/// Somebody else may write at the same time; the spec is read anew each time.
const WRITE_ATTEMPTS: usize = 4;

/// Scales and waits until that many tasks run.
pub async fn scale(
    engine: &dyn Engine,
    target: &Target,
    replicas: u64,
    context: &JobContext,
) -> Verdict {
    change_and_wait(engine, target, &Edit::Scale { replicas }, context).await
}

/// Replaces every task and waits until all run again.
pub async fn restart(engine: &dyn Engine, target: &Target, context: &JobContext) -> Verdict {
    change_and_wait(engine, target, &Edit::Restart, context).await
}

/// Has the engine bring the previous spec back, and waits until it runs.
pub async fn roll_back(engine: &dyn Engine, target: &Target, context: &JobContext) -> Verdict {
    match engine.inspect(&Object::Service(target.id.clone())).await {
        Err(err) => return failed(&err),
        Ok(live) if !live["PreviousSpec"].is_object() => {
            return Verdict::Failed {
                why: format!("the engine keeps no previous spec of {}", target.name),
                hint: Some("it keeps one step only, and none after a roll-back; deploy the version you want".to_owned()),
            };
        }
        Ok(_) => {}
    }
    change_and_wait(engine, target, &Edit::Nothing, context).await
}

/// Removes the service and waits until its tasks are gone.
pub async fn remove(engine: &dyn Engine, target: &Target, context: &JobContext) -> Verdict {
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
        match ended(engine, &TaskScope::Node(node), its, 1, context).await {
            Ok(Ended::All) => {}
            Ok(Ended::Unheard(tasks)) => gone.push_str(&format!("; nobody hears of {tasks}")),
            Ok(Ended::Late(tasks)) => {
                let why = format!("{} is removed, but {tasks}", target.name);
                let hint = Some("look at the nodes they run on".to_owned());
                return Verdict::Failed { why, hint };
            }
            Err(Halt::Asked) => {
                let why = "it is removed; its tasks may still be stopping";
                return Verdict::Stopped(why.to_owned());
            }
            Err(Halt::Broken(err)) => return failed(&err),
        }
    }
    Verdict::Succeeded(gone)
}

async fn nodes_of(engine: &dyn Engine, target: &Target) -> Answer<BTreeSet<NodeId>> {
    let tasks = engine.tasks(&TaskScope::Services(vec![target.id.clone()])).await?;
    Ok(tasks.into_iter().filter(|it| !it.state.is_over()).filter_map(|it| it.node).collect())
}

async fn change_and_wait(
    engine: &dyn Engine,
    target: &Target,
    edit: &Edit,
    context: &JobContext,
) -> Verdict {
    context.say(News::Step { done: 0, doing: format!("update {}", target.name) });
    match write(engine, target, edit).await {
        Ok(warnings) => warnings.into_iter().for_each(|it| context.say(News::Note(it))),
        Err(err) => return failed(&err),
    }
    wait(engine, target, edit, 1, context).await
}

/// Reads, edits and writes; starts over where somebody else was faster. What is
/// stopped or started already is not written again: the engine would forget its
/// previous spec.
pub async fn write(engine: &dyn Engine, target: &Target, edit: &Edit) -> Answer<Vec<String>> {
    let mut attempt = 1;
    loop {
        let live = engine.inspect(&Object::Service(target.id.clone())).await?;
        let change = change(&live, target, edit)?;
        let is_done = matches!(&change, Change::UpdateService { body, .. }
            if matches!(edit, Edit::Stop | Edit::Start) && *body.json() == live["Spec"]);
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

fn change(live: &Value, target: &Target, edit: &Edit) -> Answer<Change> {
    let refused =
        |why: String| EngineError::Invalid { what: format!("the update of {}", target.name), why };
    let body = UpdateBody::edit(live, edit).map_err(|err| refused(err.to_string()))?;
    let version =
        live["Version"]["Index"].as_u64().ok_or_else(|| refused("it has no version".to_owned()))?;
    let (id, name) = (target.id.clone(), target.name.clone());
    Ok(match edit {
        Edit::Nothing => Change::RollBackService { id, name, version, body },
        Edit::Scale { .. } | Edit::Restart | Edit::Stop | Edit::Start => {
            Change::UpdateService { id, name, version, body, auth: None }
        }
    })
}

/// Waits until the service is what it should be, or clearly will not be; so many steps
/// are `done` before.
pub async fn wait(
    engine: &dyn Engine,
    target: &Target,
    edit: &Edit,
    done: usize,
    context: &JobContext,
) -> Verdict {
    let start = Instant::now();
    let mut waiting_since = None;
    let mut changed = None;
    let mut arrived_at = None;
    loop {
        match look(engine, &target.id, &mut changed).await {
            Ok(seen) if arrived(&seen, edit) => {
                let run = format!("{}/{} tasks run", seen.running, seen.desired);
                let since = *arrived_at.get_or_insert_with(Instant::now);
                if since.elapsed() >= SETTLES {
                    let took = since.duration_since(start).as_secs();
                    return Verdict::Succeeded(format!("{run} after {took} s"));
                }
                let doing = format!("{}: {run}; seeing whether they keep running", target.name);
                context.say(News::Step { done, doing });
            }
            Ok(seen) => {
                arrived_at = None;
                context.say(News::Step {
                    done,
                    doing: format!("{}: {}/{} tasks run", target.name, seen.running, seen.desired),
                });
                waiting_since = if seen.pending > 0 {
                    waiting_since.or_else(|| Some(Instant::now()))
                } else {
                    None
                };
                let stuck = waiting_since.is_some_and(|it| it.elapsed() > PENDING_PATIENCE);
                if let Some(why) = given_up(&seen, edit, stuck, start) {
                    let hint = "the cluster keeps trying; logs and describe say more".to_owned();
                    return Verdict::Failed {
                        why: format!("{}: {why}", target.name),
                        hint: Some(hint),
                    };
                }
            }
            Err(err) if err.is_transient() && start.elapsed() < DEADLINE => {
                context.say(News::Note(err.to_string()));
            }
            Err(err) => return failed(&err),
        }
        tokio::select! {
            () = time::sleep(POLL) => {}
            () = context.stop_requested() => {
                return Verdict::Stopped("the change is made; nobody waited for its end".to_owned());
            }
        }
    }
}

/// Reads a service and its tasks, and what they say of its progress since it was
/// changed. The first look, right after the change, remembers when that was: by the
/// clock of the engine, for that of this machine may be another.
pub async fn look(
    engine: &dyn Engine,
    id: &ServiceId,
    changed: &mut Option<Timestamp>,
) -> Answer<Progress> {
    let live = engine.inspect(&Object::Service(id.clone())).await?;
    let all = engine.tasks(&TaskScope::Services(vec![id.clone()])).await?;
    let current = engine.tasks(&TaskScope::Current(vec![id.clone()])).await?;
    let updated = || live["UpdatedAt"].as_str().and_then(|it| it.parse().ok());
    let since = *changed.get_or_insert_with(|| updated().unwrap_or(Timestamp::MIN));
    let known = Known { changed: since, own_subnet: false, nodes: &[] };
    Ok(progress(&live, Tasks { all: &all, current: &current }, &known))
}

/// A roll-back that was asked for ends in the phase that is a failure otherwise.
fn arrived(seen: &Progress, edit: &Edit) -> bool {
    let rolled_back = *edit == Edit::Nothing && matches!(seen.phase, Phase::RolledBack(_));
    seen.done() || rolled_back && seen.running == seen.desired
}

fn given_up(seen: &Progress, edit: &Edit, stuck: bool, start: Instant) -> Option<String> {
    let trouble = seen.trouble.as_deref().unwrap_or("no reason given");
    if stuck {
        return Some(format!(
            "{} of {} tasks wait for a node: {trouble}",
            seen.pending, seen.desired
        ));
    }
    if start.elapsed() > DEADLINE {
        return Some(format!(
            "{} of {} tasks run after 10 min: {trouble}",
            seen.running, seen.desired
        ));
    }
    if *edit == Edit::Nothing && matches!(seen.phase, Phase::RolledBack(_)) {
        return None;
    }
    seen.hopeless()
}

/// Turns an error of the engine into the end of a job.
pub fn failed(err: &EngineError) -> Verdict {
    Verdict::Failed { why: err.to_string(), hint: err.hint() }
}
