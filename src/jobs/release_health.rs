//! Release health: releases become unhealthy, and healthy again.

use crate::{
    domain::{
        deployment::{judgement::judged, release::Release},
        swarm::{
            cluster::{Node, Service},
            names::StackName,
        },
    },
    engine::Engine,
    jobs::{
        masked_engine::MaskedEngine,
        release_reader::{cluster_id, on_disk},
        session::Session,
        survey::Surveyor,
    },
    store::{Store, StoreError},
};
use jiff::Timestamp;
use std::sync::Arc;

/// Holds the newest release of each stack of a cluster against what its services do, and
/// writes down where that is another judgement than before.
pub async fn judge(
    store: &Store,
    cluster: String,
    services: Arc<[Service]>,
) -> Result<(), StoreError> {
    judge_some(store, cluster, None, services).await
}

/// Judges what is live of a stack before something else takes its place: afterwards nobody
/// can tell any more. What cannot be read or written holds up no deployment.
pub async fn judge_before(
    session: &Session,
    stack: &StackName,
    services: &[Service],
    nodes: &Arc<[Node]>,
) {
    let shown = MaskedEngine::new(Arc::clone(&session.engine), session.store.clone());
    let (engine, store): (&dyn Engine, _) = (&shown, &session.store);
    let of_stack = |it: &&Service| it.stack.as_ref() == Some(stack);
    let its: Vec<Service> = services.iter().filter(of_stack).cloned().collect();
    if its.is_empty() {
        return;
    }
    let Ok(cluster) = cluster_id(engine).await else { return };
    let mut surveyor = Surveyor::default();
    let survey = surveyor.judge(engine, &its, Arc::clone(nodes), Timestamp::now()).await;
    let Ok(survey) = survey else { return };
    let only = Some(stack.clone());
    if let Err(err) = judge_some(store, cluster, only, survey.services).await {
        tracing::warn!(%err, "the release before could not be judged");
    }
}

async fn judge_some(
    store: &Store,
    cluster: String,
    only: Option<StackName>,
    services: Arc<[Service]>,
) -> Result<(), StoreError> {
    on_disk(store.clone(), move |store| {
        let now = Timestamp::now();
        let releases = store.newest_releases(&cluster)?.into_iter();
        for release in releases.filter(|it| only.as_ref().is_none_or(|only| it.key.stack == *only))
        {
            let Some((state, reason)) = judged(&release, &services, now) else { continue };
            let seen = release.state;
            store.update_release(&release.key, |it: &mut Release| {
                // Somebody may have deployed or removed meanwhile.
                if it.state == seen {
                    it.judge(state, reason, &services);
                }
            })?;
        }
        Ok(())
    })
    .await
}
