//! Preflight data: reads what preflight checks need from the cluster.

use crate::{
    domain::{
        compose::{Desired, Finding, codes},
        deployment::{
            plan::Live,
            preflight::{Ground, Image, Preflight, look, rivals},
        },
        swarm::{cluster::TaskScope, names::StackName},
    },
    engine::{Answer, Engine},
    jobs::deploy::live::read_for,
};
use std::sync::Arc;

/// Looks at what checks of files do not see of a cluster; asks no registry.
pub async fn look_around(
    engine: &dyn Engine,
    stack: &StackName,
    desired: &Desired,
) -> Answer<Vec<Finding>> {
    let live = read_for(engine, stack, desired).await?;
    let found = preflight(engine, desired, &live, &[], "", Vec::new()).await?.findings;
    // What the cluster lacks, checks of files know better: they know the line.
    Ok(found.into_iter().filter(|it| *it.code != codes::EXTERNAL_MISSING).collect())
}

/// Looks at everything. One question more than a plan has, at most, and only where a
/// service wants ports of its nodes.
pub async fn preflight(
    engine: &dyn Engine,
    desired: &Desired,
    live: &Live,
    images: &[Image],
    remedy: &str,
    files: Vec<Arc<str>>,
) -> Answer<Preflight> {
    let rivals = rivals(desired, live);
    let mut tasks = Vec::new();
    if !rivals.is_empty() {
        tasks = engine.tasks(&TaskScope::Services(rivals)).await?;
    }
    let ground = Ground { desired, live, images, rivals: &tasks, remedy };
    Ok(Preflight { findings: look(&ground), files })
}
