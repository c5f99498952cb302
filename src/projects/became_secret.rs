//! Encrypts older copies of a value that becomes secret.

use crate::{
    domain::{
        project::{
            Catalog, Content, Owner, Secrets, Setting, SettingName, StackPath, Traces,
            vault::Sealed,
        },
        swarm::names::StackName,
        text::count::plural,
    },
    projects::Trouble,
    store::{Became, Resealed, Store, StoreError},
};
use std::collections::BTreeSet;

/// A setting that is secret from now on.
pub struct BecameSecret<'a> {
    pub owner: &'a Owner,
    pub name: &'a SettingName,
    /// What it was before.
    pub before: Option<Setting>,
    pub value: &'a str,
    pub sealed: Sealed,
}

impl BecameSecret<'_> {
    /// Seals what holds the value; returns what is to be added to what was done. Blocks.
    pub fn seal_past(self, store: &Store) -> Result<String, Trouble> {
        let (owner, name) = (self.owner.clone(), self.name.clone());
        self.try_seal(store).map_err(|err| {
            let why = format!(
                "{name} of {owner} is set as a secret, but older copies are not encrypted yet: {err}"
            );
            Trouble::new(why, format!("{}; then set it again", err.hint()))
        })
    }

    fn try_seal(self, store: &Store) -> Result<String, StoreError> {
        let catalog = store.catalog()?;
        let mut values = BTreeSet::from([self.value.to_owned()]);
        let was_plain = matches!(self.before, Some(Setting::Plain(_)));
        if let Some(Setting::Plain(value)) = self.before {
            values.insert(value);
        }
        let secrets = Secrets::new(values);
        let traces = Traces::of(&secrets);
        let stacks = if was_plain { stacks_of(&catalog, self.owner) } else { Vec::new() };
        let setting = was_plain.then(|| (self.owner.clone(), self.name.clone(), self.sealed));
        let sealed = store.seal_past(Became { stacks, setting, secrets })?;
        Ok(words(sealed) + &in_clear(store, &catalog, &traces)?)
    }
}

/// Returns the stacks that a setting counts for, by their names in the swarm.
fn stacks_of(catalog: &Catalog, owner: &Owner) -> Vec<StackName> {
    let stacks = catalog.stacks.values();
    let own = stacks.filter(|it| it.path.owners().contains(owner));
    own.map(|it| it.swarm.clone()).collect()
}

fn words(Resealed { releases, drafts }: Resealed) -> String {
    let counts = [(releases, "release"), (drafts, "draft")];
    let counts = counts.iter().filter(|it| it.0 > 0).map(|it| plural(it.0 as u64, it.1));
    let counts = counts.collect::<Vec<_>>().join(" and ");
    match releases + drafts {
        0 => String::new(),
        1 => format!("; {counts} from before is encrypted now"),
        _ => format!("; {counts} from before are encrypted now"),
    }
}

/// Names what somebody wrote in clear and has to change: nobody else may.
fn in_clear(store: &Store, catalog: &Catalog, traces: &Traces) -> Result<String, StoreError> {
    let mut places = Vec::new();
    let owners = catalog.stacks.keys().flat_map(StackPath::owners).collect::<BTreeSet<_>>();
    for owner in owners {
        let Ok(settings) = catalog.settings(&owner) else { continue };
        for (name, setting) in settings.all() {
            if matches!(setting, Setting::Plain(it) if traces.are_in(it)) {
                places.push(format!("{name} of {owner}"));
            }
        }
    }
    for stack in catalog.stacks.values() {
        for (file, content) in store.texts(stack.id)? {
            if matches!(&content, Content::Text(it) if traces.are_in(it)) {
                places.push(format!("{file} of {}", stack.path));
            }
        }
    }
    if places.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("; the value is still in clear text in {}", places.join(", ")))
}
