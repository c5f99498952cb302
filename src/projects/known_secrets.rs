//! All secret values that are known of a stack: those of today, and those of its releases.

use crate::{
    domain::{project::Secrets, swarm::names::StackName},
    projects::load::look,
    store::{Store, StoreError},
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the values that must not be shown of a stack: what its project sets and calls
/// secret, and what went into its releases, as far as it can be unsealed here. Blocks.
pub fn known_secrets(store: &Store, stack: &StackName) -> Secrets {
    let mut all = live_secrets(store, &BTreeSet::from([stack.clone()])).unwrap_or_else(|err| {
        tracing::warn!(%err, "the secret values of earlier releases are not known");
        BTreeMap::new()
    });
    let mut all = all.remove(stack).unwrap_or_default();
    let Ok(catalog) = store.catalog() else { return all };
    for managed in catalog.stacks.values().filter(|it| it.swarm == *stack) {
        // Files of variables hold some too, where they can be read.
        if let Ok((sources, _)) = look(store, &managed.path, &BTreeMap::new()) {
            all.join(sources.secrets());
        }
    }
    all
}

/// Returns those that may live in the cluster, by stack: what is set, and what went into
/// releases. No file but the state is read. Blocks.
pub fn live_secrets(
    store: &Store,
    stacks: &BTreeSet<StackName>,
) -> Result<BTreeMap<StackName, Secrets>, StoreError> {
    let mut all = store.released_values(stacks)?;
    let catalog = store.catalog()?;
    for managed in catalog.stacks.values().filter(|it| stacks.contains(&it.swarm)) {
        let set = store.set_values(&catalog, &managed.path.owners().into_iter().collect());
        all.entry(managed.swarm.clone()).or_default().join(set);
    }
    Ok(all)
}
