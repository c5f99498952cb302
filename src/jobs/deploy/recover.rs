//! Recovery of an interrupted deployment: undoes it, or finishes it.
//!
//! Both go through the machine that drives every deployment, hold the lease, and may be
//! interrupted themselves: the journal of the release goes on.

use crate::{
    domain::{
        compose::Desired,
        deployment::{
            deploy::{Deployment, Mode, inherit},
            driver::Driver,
            plan::Plan,
            preflight::Preflight,
            release::{Provenance, Release, ReleaseState},
            resolve::Resolve,
        },
        swarm::{cluster::ObjectKind, names::StackName},
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::{
            DeployOrder, DeployRequest, Prepared, RecoveryOrder, RecoveryWay,
            drive::{DeploymentEnd, Drive},
            interrupted::Interrupted,
            live::read,
            outcome::with_way_back,
            recorder::Recorder,
            restore_point::RestorePoint,
            run,
        },
        lease,
        release_reader::{HistoryError, cluster_id, on_disk},
        retry::{failed, store_failed},
        session::Session,
    },
    projects::Sources,
    store::Store,
};
use jiff::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// Undoes or finishes what is left of a release.
pub async fn run(request: &RecoveryOrder, session: &Session, context: &JobContext) -> Verdict {
    match request.way {
        RecoveryWay::Finish => {
            run::run_request(session, request.title(), DeployRequest::Rest(request), context).await
        }
        RecoveryWay::Undo => {
            match lease::hold(session, &request.stack, request.title(), context).await {
                Err(verdict) => verdict,
                Ok(guard) => {
                    let ended = undo(request, &guard.fenced(session), &guard, context).await;
                    guard.give_back().await;
                    ended.unwrap_or_else(|verdict| verdict)
                }
            }
        }
    }
}

async fn undo(
    request: &RecoveryOrder,
    session: &Session,
    guard: &lease::LeaseGuard,
    context: &JobContext,
) -> Result<Verdict, Verdict> {
    let interrupted = Interrupted::of(session, &request.stack).await?;
    let interrupted = interrupted
        .filter(|it| request.is_about(&it.release.key))
        .ok_or_else(|| request.missed())?;
    let live = read(&*session.engine, &request.stack).await.map_err(|err| failed(&err))?;
    request.refuse_over(&interrupted.overtaken(&live))?;
    let plan = Plan::of(request.stack.clone(), Vec::new());
    let (desired, notes) = (Desired::default(), Vec::new());
    let preflight = Preflight::default();
    let jobs = Vec::new();
    let prepared = Prepared { plan, desired, live, notes, preflight, jobs };
    let mut recorder = Recorder::of(session, &request.stack).await?;
    if !recorder.resume(guard.owner(), &interrupted).await.map_err(|err| store_failed(&err))? {
        return Err(request.missed());
    }
    let (debts, mut aims, mut restore_point) =
        (interrupted.debts(), Vec::new(), RestorePoint::default());
    inherit(&mut aims, &debts);
    restore_point.inherit(&debts);
    context.say(News::Steps(2 * aims.len()));
    let (order, deployment) = (way_back(request), Deployment::back(aims, interrupted.stood()));
    let drive =
        Drive::new(session, &order, &prepared, &restore_point, deployment, &recorder, context);
    let before = recorder.live().await;
    let DeploymentEnd { verdict, services, left } = drive.run().await;
    recorder.close(&verdict, services, None, context).await;
    Ok(if left { with_way_back(verdict, &request.stack, before) } else { verdict })
}

/// Returns what a rollback needs of an order.
fn way_back(request: &RecoveryOrder) -> DeployOrder {
    let sources = Sources {
        files: Vec::new(),
        working_dir: PathBuf::new(),
        environment: Arc::default(),
        managed: None,
        provenance: Provenance::default(),
    };
    DeployOrder {
        resolve: Resolve::Never,
        with_registry_auth: request.with_registry_auth,
        mode: Mode::Safe,
        ..DeployOrder::of(request.stack.clone(), sources)
    }
}

/// Returns whether nobody is at a stack, and nobody who died there left anything: then
/// it is what it seems to be.
pub async fn is_settled(session: &Session, stack: &StackName) -> Result<bool, Verdict> {
    let interrupted = Interrupted::of(session, stack).await?;
    let free = lease::is_free(&*session.engine, stack).await.map_err(|err| failed(&err))?;
    let dead = dead(session).await?;
    Ok(interrupted.is_none() && free && dead.iter().all(|it| it.stack != *stack))
}

/// Finds who died on this machine at a stack of this cluster.
pub async fn dead(session: &Session) -> Result<Vec<Driver>, HistoryError> {
    let cluster = cluster_id(&*session.engine).await?;
    let mut dead = on_disk(session.store.clone(), Store::dead_drivers).await?;
    dead.retain(|it| it.cluster == cluster);
    Ok(dead)
}

/// Closes the release of a stack that is gone, whether it was interrupted or lived.
pub async fn forget(session: &Session, stack: &StackName, context: &JobContext) {
    for closed in [close(session, stack).await, end(session, stack).await] {
        if let Err(err) = closed {
            let hint = err.hint().map(|it| format!("; {it}")).unwrap_or_default();
            context.say(News::Note(format!("its release stays as it is: {err}{hint}")));
        }
    }
}

/// Writes down that what the newest release deployed is no more.
async fn end(session: &Session, stack: &StackName) -> Result<(), HistoryError> {
    // What could not be removed is there still.
    let left = session.engine.list(ObjectKind::Services, Some(stack.as_str())).await?;
    if !left.is_empty() {
        return Ok(());
    }
    let cluster = cluster_id(&*session.engine).await?;
    let (stack, who) = (stack.clone(), session.who.clone());
    let written = on_disk(session.store.clone(), move |store| {
        use ReleaseState::{Healthy, Sent, Unhealthy};
        let releases = store.releases(&cluster, &stack)?;
        let lives = |it: &&Release| matches!(it.state, Healthy | Sent | Unhealthy);
        let Some(release) = releases.iter().find(lives) else { return Ok(()) };
        let at = Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
        store.update_release(&release.key, |it| {
            it.state = ReleaseState::Removed;
            it.reason = Some(format!("the stack was removed by {who}, {at}"));
        })?;
        Ok(())
    });
    Ok(written.await?)
}

async fn close(session: &Session, stack: &StackName) -> Result<(), HistoryError> {
    let Some(interrupted) = Interrupted::of(session, stack).await? else { return Ok(()) };
    let why = format!("{}; the stack was removed", interrupted.stood());
    let closed = on_disk(session.store.clone(), move |store| {
        store.update_release(&interrupted.release.key, |it| {
            (it.state, it.reason) = (ReleaseState::Removed, Some(why));
            it.finished = Some(Timestamp::now());
        })
    });
    closed.await?;
    Ok(())
}
