//! Pending changes: compares a stack of a project with its last deployment.

use crate::{
    domain::{
        deployment::release::Snapshot,
        project::{
            Catalog, Content, Inputs, ManagedStack, Owner, Setting, SettingChange, Settings,
            SourcePlace, StackPath,
            pending::{Pending, StackContent, Undo, pending},
        },
        swarm::names::StackName,
    },
    files,
    projects::{Trouble, load::bytes},
    store::{Store, StoreError, Texts},
};
use std::{collections::BTreeMap, path::Path};

/// What is deployed of a stack, and what is not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PendingChanges {
    /// The release that is applied; none where this machine knows of none.
    pub release: Option<u32>,
    /// In the order of files, then settings.
    pub pending: Vec<Pending>,
    /// Linked files that were changed by somebody else since skep saw them last.
    pub foreign: Vec<Foreign>,
    applied: StackContent,
    now: StackContent,
}

/// A linked file that is not as skep saw it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub file: String,
    pub seen: String,
    /// Nothing where it cannot be read any more.
    pub now: Option<String>,
}

impl PendingChanges {
    /// Returns whether something is there to be deployed: also what never was.
    pub fn is_pending(&self) -> bool {
        self.release.is_none() || !self.pending.is_empty()
    }

    /// Returns what discarding a change writes.
    pub fn undo(&self, change: &Pending) -> Undo {
        change.undo(&self.applied, &self.now)
    }
}

/// Holds a stack against the newest release of it that stayed. Blocks.
pub fn pending_changes(
    store: &Store,
    cluster: &str,
    path: &StackPath,
) -> Result<PendingChanges, Trouble> {
    let catalog = store.catalog()?;
    let stack = catalog.stack(path)?;
    let found = all(store, cluster, &catalog, &[stack])?.remove(path);
    found.unwrap_or_else(|| Ok(PendingChanges::default()))
}

/// Holds all stacks against what was deployed of them; one that cannot be read does not
/// keep the others from it. Blocks.
pub fn all_pending_changes(
    store: &Store,
    cluster: &str,
    catalog: &Catalog,
) -> Result<BTreeMap<StackPath, Result<PendingChanges, Trouble>>, Trouble> {
    let stacks: Vec<&ManagedStack> = catalog.stacks.values().collect();
    all(store, cluster, catalog, &stacks)
}

fn all(
    store: &Store,
    cluster: &str,
    catalog: &Catalog,
    stacks: &[&ManagedStack],
) -> Result<BTreeMap<StackPath, Result<PendingChanges, Trouble>>, Trouble> {
    let names: Vec<StackName> = stacks.iter().map(|it| it.swarm.clone()).collect();
    let ids: Vec<u64> = stacks.iter().map(|it| it.id).collect();
    let (applied, mut texts) = (store.applied(cluster, &names)?, store.texts_of(&ids)?);
    let stand = |stack: &&ManagedStack| {
        let texts = texts.remove(&stack.id).unwrap_or_default();
        let release = applied.get(&stack.swarm).cloned();
        (stack.path.clone(), one(store, catalog, stack, &texts, release))
    };
    Ok(stacks.iter().map(stand).collect())
}

fn one(
    store: &Store,
    catalog: &Catalog,
    stack: &ManagedStack,
    texts: &Texts,
    release: Option<(u32, Snapshot)>,
) -> Result<PendingChanges, Trouble> {
    let files = files(store, stack, texts)?;
    let settings = stack.path.owners().into_iter().filter_map(|owner: Owner| {
        let found: Settings = catalog.settings(&owner).ok()?.clone();
        (!found.is_empty()).then_some((owner, found))
    });
    let inputs = Inputs { id: stack.id, path: stack.path.clone(), settings: settings.collect() };
    let now = StackContent { files, inputs: Some(inputs) };
    let foreign = foreign(stack, texts, &now);
    let Some((revision, snapshot)) = release else {
        return Ok(PendingChanges { foreign, now, ..PendingChanges::default() });
    };
    // Another stack of another cluster may have the same name.
    if snapshot.provenance.inputs.as_ref().is_some_and(|it| it.id != stack.id) {
        return Ok(PendingChanges { foreign, now, ..PendingChanges::default() });
    }
    let applied = version_of(snapshot, stack, &now);
    let pending = pending(&applied, &now);
    Ok(PendingChanges { release: Some(revision), pending, foreign, applied, now })
}

/// Returns what a release was made of. One that was deployed from other files, as those
/// on a disk before the state kept them, is compared file by file in their order.
fn version_of(snapshot: Snapshot, stack: &ManagedStack, now: &StackContent) -> StackContent {
    let known = snapshot.sources.iter().all(|it| now.files.contains_key(&it.path));
    let names: Vec<String> = stack.source.compose.iter().map(|it| key(stack, it)).collect();
    let renamed = !known && snapshot.sources.len() == names.len();
    let name = |at: usize, path: String| if renamed { names[at].clone() } else { path };
    let sources = snapshot.sources.into_iter().enumerate();
    StackContent {
        files: sources.map(|(at, it)| (name(at, it.path), it.text)).collect(),
        inputs: snapshot.provenance.inputs,
    }
}

/// Returns the name under which a release remembers a compose file.
fn key(stack: &ManagedStack, name: &str) -> String {
    match stack.source.place {
        SourcePlace::Kept => name.to_owned(),
        SourcePlace::Linked => Path::new(&stack.source.dir).join(name).display().to_string(),
    }
}

/// Returns the compose files by the names that releases remember.
fn files(
    store: &Store,
    stack: &ManagedStack,
    texts: &Texts,
) -> Result<BTreeMap<String, String>, Trouble> {
    let mut files = BTreeMap::new();
    for name in &stack.source.compose {
        let (key, bytes) = match stack.source.place {
            SourcePlace::Kept => {
                let Some(content) = texts.get(name) else { continue };
                (name.clone(), bytes(store, &stack.path, name, content)?.0)
            }
            SourcePlace::Linked => {
                let path = Path::new(&stack.source.dir).join(name);
                // A file that is gone is a change like any other.
                let Ok(bytes) = files::read(&path, files::STACK) else { continue };
                (path.display().to_string(), bytes)
            }
        };
        files.insert(key, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(files)
}

fn foreign(stack: &ManagedStack, texts: &Texts, now: &StackContent) -> Vec<Foreign> {
    if stack.source.place == SourcePlace::Kept {
        return Vec::new();
    }
    let changed = |name: &String| {
        let file = Path::new(&stack.source.dir).join(name).display().to_string();
        let Content::Text(seen) = texts.get(name)? else { return None };
        let now = now.files.get(&file).cloned();
        (now.as_ref() != Some(seen)).then(|| Foreign { file, seen: seen.clone(), now })
    };
    stack.source.compose.iter().filter_map(changed).collect()
}

/// Discards a change: the text or the setting is again what is applied. Blocks.
///
/// Settings of projects and environments concern other stacks too and stay.
pub fn discard(store: &Store, path: &StackPath, undo: Undo) -> Result<(), Trouble> {
    match undo {
        Undo::Setting(change) => {
            if change.owner != Owner::Stack(path.clone()) {
                let hint = format!(
                    "change it with `skep var set {} {}`",
                    change.owner,
                    change.name.arguments()
                );
                let why = format!("{} is set for all stacks of {}", change.name, change.owner);
                return Err(Trouble::new(why, hint));
            }
            still_opens(store, &change)?;
            store.change_catalog(|catalog, _| -> Result<(), Trouble> {
                let settings = catalog.settings_mut(&change.owner)?;
                if settings.get(&change.name) != change.new.as_ref() {
                    return Err(overtaken(&change.name.to_string()));
                }
                settings.set(&change.name, change.old.clone());
                Ok(())
            })?
        }
        Undo::Text { file, before, after } => {
            let Some(after) = after else {
                let why = format!("{file} is not one of the stack's files");
                return Err(Trouble::new(why, "give the stack other files with `skep stack keep`"));
            };
            replace(store, path, &file, &before, &after)
        }
    }
}

/// Refuses to bring back a secret value that is sealed for another place: that of the stack
/// before it was renamed, or of another one.
fn still_opens(store: &Store, change: &SettingChange) -> Result<(), Trouble> {
    let Some(Setting::Secret(old)) = &change.old else { return Ok(()) };
    let SettingChange { owner, name, .. } = change;
    match store.unseal_at(&name.place(&owner.to_string()), &name.seal(), old) {
        Err(StoreError::OtherKey { .. }) if old.place().is_some() => {
            let why =
                format!("the value of {name} before was encrypted for another name of {owner}");
            let again = format!("skep var set --secret {owner} {}", name.arguments());
            Err(Trouble::new(why, format!("set it again with `{again}`")))
        }
        // What cannot be read for want of a key comes back as it was.
        _ => Ok(()),
    }
}

/// Writes a new version of a compose file, where it still is as `before` says.
pub fn replace(
    store: &Store,
    path: &StackPath,
    file: &str,
    before: &str,
    after: &str,
) -> Result<(), Trouble> {
    let catalog = store.catalog()?;
    let stack = catalog.stack(path)?;
    let text = |it: &str| Content::Text(it.to_owned());
    if stack.source.place == SourcePlace::Kept {
        let kept = store.replace_text(stack.id, file, Some(&text(before)), &text(after))?;
        return kept.map_err(|_| overtaken(file));
    }
    if files::read(Path::new(file), files::STACK).ok().as_deref() != Some(before.as_bytes()) {
        return Err(overtaken(file));
    }
    files::replace(Path::new(file), after.as_bytes())
        .map_err(|err| Trouble { why: format!("cannot write {file}: {err}"), hint: None })?;
    see(store, path)
}

/// Remembers linked files as they are now: what is changed later was somebody else.
pub fn see(store: &Store, path: &StackPath) -> Result<(), Trouble> {
    let catalog = store.catalog()?;
    let stack = catalog.stack(path)?.clone();
    if stack.source.place == SourcePlace::Kept {
        return Ok(());
    }
    store.change_catalog(|_, shelf| -> Result<(), Trouble> {
        for name in &stack.source.compose {
            let full = Path::new(&stack.source.dir).join(name);
            if let Ok(text) = files::read_text(&full, files::STACK) {
                shelf.put(stack.id, name, Content::Text(text));
            }
        }
        Ok(())
    })?
}

fn overtaken(what: &str) -> Trouble {
    Trouble::new(format!("somebody changed {what} meanwhile"), "look again; nothing was written")
}
