//! Whether what was deployed is still well: releases turn unhealthy, and healthy again.

use crate::{
    domain::{
        cluster::Service,
        release::{Release, ReleaseState, judged},
    },
    jobs::archive::on_disk,
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
    on_disk(store.clone(), move |store| {
        let now = Timestamp::now();
        for release in store.newest_releases(&cluster)? {
            let Some((state, reason)) = judged(&release, &services, now) else { continue };
            let seen = release.state;
            store.update_release(&release.key, |it: &mut Release| {
                // Somebody may have deployed or removed meanwhile.
                if it.state == seen
                    && matches!(seen, ReleaseState::Healthy | ReleaseState::Unhealthy)
                {
                    (it.state, it.reason) = (state, reason);
                }
            })?;
        }
        Ok(())
    })
    .await
}
