//! Secret values that the state holds sealed: whoever knows them can hide them.

use crate::{
    domain::{
        project::{Catalog, Owner, Secrets, Setting, StackPath, Traces, vault::Sealed},
        swarm::names::StackName,
    },
    store::{
        Store, StoreError,
        error::Fault,
        record::{decode, opened},
        release_tables::{KeptSnapshot, ReleaseKeyParts, SNAPSHOTS, revisions},
    },
};
use redb::{ReadableTable, TableHandle};
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// Returns the secret values that these owners set, as far as they can be unsealed
    /// here. Blocks.
    pub fn set_values(&self, catalog: &Catalog, owners: &BTreeSet<Owner>) -> Secrets {
        let mut values = BTreeSet::new();
        for owner in owners {
            let Ok(settings) = catalog.settings(owner) else { continue };
            for (name, setting) in settings.all() {
                let Setting::Secret(sealed) = setting else { continue };
                let place = name.place(&owner.to_string());
                let Ok(opened) = self.unseal_at(&place, &name.seal(), sealed) else { continue };
                values.insert(String::from_utf8_lossy(&opened.0).into_owned());
            }
        }
        Secrets::new(values)
    }

    /// Returns the secret values that went into releases of stacks, in whatever cluster,
    /// as far as they can be unsealed here; each stack has its own. Blocks.
    pub fn released_values(
        &self,
        stacks: &BTreeSet<StackName>,
    ) -> Result<BTreeMap<StackName, Secrets>, StoreError> {
        let sealed = self.read(|transaction| {
            let Some(table) = opened(transaction, SNAPSHOTS)? else { return Ok(Vec::new()) };
            let mut found = Vec::new();
            for stack in stacks {
                found.push((stack, sealed_values(&table, stack)?));
            }
            Ok(found)
        })?;
        let mut all: BTreeMap<StackName, Secrets> =
            stacks.iter().map(|it| (it.clone(), Secrets::default())).collect();
        for (stack, values) in &sealed {
            let of = all.entry((*stack).clone()).or_default();
            for it in values {
                of.join(self.hidden(Some(it)).unwrap_or_default());
            }
        }
        Ok(all)
    }

    /// Returns whether a text gives away what any stack of a project has set and secret.
    pub(in crate::store) fn gives_away(&self, text: &str) -> Result<bool, StoreError> {
        let catalog = self.catalog()?;
        let owners = catalog.stacks.keys().flat_map(StackPath::owners).collect();
        Ok(Traces::of(&self.set_values(&catalog, &owners)).are_in(text))
    }
}

/// Reads what has to be hidden of each release of a stack, as it is sealed.
fn sealed_values(
    table: &impl ReadableTable<ReleaseKeyParts<'static>, &'static [u8]>,
    stack: &StackName,
) -> Result<Vec<Sealed>, Fault> {
    let (mut found, mut from) = (Vec::new(), String::new());
    while let Some(first) = table.range((from.as_str(), "", 0)..)?.next() {
        let cluster = first?.0.value().0.to_owned();
        for entry in table.range(revisions(&cluster, stack))? {
            let kept = decode::<KeptSnapshot>(entry?.1.value(), SNAPSHOTS.name());
            // What cannot be read has nothing that could be hidden.
            found.extend(kept.ok().and_then(|it| it.snapshot.provenance.hidden));
        }
        // The clusters after this one.
        from = cluster + "\0";
    }
    Ok(found)
}
