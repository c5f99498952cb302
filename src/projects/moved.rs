//! Seals secret values anew whose owners get another name: they are bound to it.

use crate::{
    domain::project::{
        Catalog, Content, EnvironmentPath, Owner, Setting, SettingName, Slug, StackPath,
        vault::{Place, Sealed},
    },
    projects::Trouble,
    store::{Shelf, Store, StoreError},
};

/// What was sealed under an old name, and how it is under the new one.
#[derive(Debug, Default)]
pub struct Moved {
    settings: Vec<(Owner, SettingName, Renewed)>,
    /// Stack, file.
    files: Vec<(u64, String, Sealed)>,
}

#[derive(Debug)]
struct Renewed {
    before: Sealed,
    after: Sealed,
}

impl Moved {
    /// Seals what an owner and all below it hold, for the names they get. Blocks.
    pub fn by(store: &Store, owner: &Owner, to: &Slug) -> Result<Self, Trouble> {
        let (catalog, mut moved) = (store.catalog()?, Self::default());
        for old in holders(&catalog).filter(|it| is_within(it, owner)) {
            let new = renamed(&old, owner, to);
            for (name, setting) in catalog.settings(&old)?.all() {
                let Setting::Secret(before) = setting else { continue };
                let [from, there] = [&old, &new].map(|it| name.place(&it.to_string()));
                let Some(after) = renew(store, &from, &there, &name.seal(), before)? else {
                    continue;
                };
                let before = before.clone();
                moved.settings.push((new.clone(), name, Renewed { before, after }));
            }
            let (Owner::Stack(old), Owner::Stack(new)) = (&old, &new) else { continue };
            moved.add_files(store, catalog.stack(old)?.id, old, new)?;
        }
        Ok(moved)
    }

    fn add_files(
        &mut self,
        store: &Store,
        id: u64,
        old: &StackPath,
        new: &StackPath,
    ) -> Result<(), Trouble> {
        for (name, content) in store.texts(id)? {
            let Content::Sealed(before) = content else { continue };
            let [from, there] = [old, new].map(|it| it.place(&name));
            if let Some(after) = renew(store, &from, &there, &name, &before)? {
                self.files.push((id, name, after));
            }
        }
        Ok(())
    }

    /// Puts it in the place of what was there, once the owners have their new names.
    pub fn put(self, catalog: &mut Catalog, shelf: &mut Shelf) -> Result<(), Trouble> {
        for (owner, name, Renewed { before, after }) in self.settings {
            let settings = catalog.settings_mut(&owner)?;
            // Somebody may have set another one meanwhile.
            if settings.get(&name) != Some(&Setting::Secret(before)) {
                let why = format!("{name} of {owner} was changed just now");
                return Err(Trouble::new(why, "nothing was renamed; try again"));
            }
            settings.set(&name, Some(Setting::Secret(after)));
        }
        for (stack, name, after) in self.files {
            shelf.put(stack, &name, Content::Sealed(after));
        }
        Ok(())
    }
}

/// Seals a value for another place; nothing where it cannot be read here, with whatever key.
fn renew(
    store: &Store,
    from: &Place,
    to: &Place,
    name: &str,
    before: &Sealed,
) -> Result<Option<Sealed>, Trouble> {
    match store.unseal_at(from, name, before) {
        Ok(value) => Ok(Some(store.seal_for(to, Some(before), &value.0)?)),
        Err(StoreError::OtherKey { .. }) => Ok(None),
        Err(err) => Err(err.into()),
    }
}

fn holders(catalog: &Catalog) -> impl Iterator<Item = Owner> {
    let projects = catalog.projects.keys().cloned().map(Owner::Project);
    let environments = catalog.environments.keys().cloned().map(Owner::Environment);
    projects.chain(environments).chain(catalog.stacks.keys().cloned().map(Owner::Stack))
}

/// Returns whether something belongs to an owner, or is it.
fn is_within(it: &Owner, owner: &Owner) -> bool {
    match it {
        Owner::Stack(path) => path.owners().contains(owner),
        Owner::Environment(path) => it == owner || *owner == Owner::Project(path.project.clone()),
        Owner::Project(_) => it == owner,
    }
}

/// Returns what something is called once an owner of it has another slug.
fn renamed(it: &Owner, owner: &Owner, to: &Slug) -> Owner {
    let environment = |path: &EnvironmentPath| match owner {
        Owner::Project(_) => EnvironmentPath { project: to.clone(), ..path.clone() },
        _ => EnvironmentPath { environment: to.clone(), ..path.clone() },
    };
    match (it, owner) {
        (Owner::Stack(path), Owner::Stack(_)) => {
            Owner::Stack(StackPath { stack: to.clone(), ..path.clone() })
        }
        (Owner::Stack(path), _) => {
            Owner::Stack(environment(&path.environment()).stack(path.stack.clone()))
        }
        (Owner::Environment(path), _) => Owner::Environment(environment(path)),
        (Owner::Project(_), _) => Owner::Project(to.clone()),
    }
}
