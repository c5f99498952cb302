//! All secret values that are known of a stack: those of today, and those of its releases.

use crate::{
    domain::{project::Secrets, swarm::names::StackName},
    projects::load::look,
    store::Store,
};
use std::collections::BTreeMap;

/// Returns the values that must not be shown of a stack: what its project sets and calls
/// secret, and what went into its releases, as far as it can be unsealed here. Blocks.
pub fn known_secrets(store: &Store, stack: &StackName) -> Secrets {
    let mut all = store.released_values(stack).unwrap_or_else(|err| {
        tracing::warn!(%err, "the secret values of earlier releases are not known");
        Secrets::default()
    });
    let Ok(catalog) = store.catalog() else { return all };
    for managed in catalog.stacks.values().filter(|it| it.swarm == *stack) {
        all.join(store.set_values(&catalog, &managed.path.owners().into_iter().collect()));
        // Files of variables hold some too, where they can be read.
        if let Ok((sources, _)) = look(store, &managed.path, &BTreeMap::new()) {
            all.join(sources.secrets());
        }
    }
    all
}
