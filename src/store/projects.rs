//! Projects, environments and stacks, and the files that stacks are made of.

use crate::{
    domain::project::{Catalog, Content, Environment, ManagedStack, Project, StackPath},
    store::{
        Store, StoreError,
        error::Fault,
        record::{Record, Table, decode, encode, opened},
    },
};
use redb::{ReadOnlyTable, ReadableTable, TableHandle, WriteTransaction};
use std::collections::BTreeMap;

pub(in crate::store) const PROJECTS: Table<&str> = Table::new("projects");
pub(in crate::store) const ENVIRONMENTS: Table<&str> = Table::new("environments");
pub(in crate::store) const STACKS: Table<&str> = Table::new("stacks");
/// Id of the stack, name of the file.
pub(in crate::store) const FILES: Table<(u64, &str)> = Table::new("files");

impl Record for Project {
    const VERSION: u32 = 1;
}

impl Record for Environment {
    const VERSION: u32 = 1;
}

impl Record for ManagedStack {
    const VERSION: u32 = 1;
}

impl Record for Content {
    const VERSION: u32 = 1;
}

/// The files of a stack, by name.
pub type Texts = BTreeMap<String, Content>;

/// What becomes of kept files together with a change of the catalog.
#[derive(Debug, Default)]
pub struct Shelf(Vec<(u64, Shelved)>);

#[derive(Debug)]
enum Shelved {
    Put(String, Content),
    Clear,
}

impl Shelf {
    /// Keeps a file of a stack.
    pub fn put(&mut self, stack: u64, name: &str, content: Content) {
        self.0.push((stack, Shelved::Put(name.to_owned(), content)));
    }

    /// Lets all files of a stack go.
    pub fn clear(&mut self, stack: u64) {
        self.0.push((stack, Shelved::Clear));
    }
}

impl Store {
    /// Reads all projects, environments and stacks.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        self.read(|transaction| {
            let mut catalog = Catalog::default();
            if let Some(table) = opened(transaction, PROJECTS)? {
                for it in all::<Project>(&table, PROJECTS)? {
                    catalog.projects.insert(it.slug.clone(), it);
                }
            }
            if let Some(table) = opened(transaction, ENVIRONMENTS)? {
                for it in all::<Environment>(&table, ENVIRONMENTS)? {
                    catalog.environments.insert(it.path.clone(), it);
                }
            }
            if let Some(table) = opened(transaction, STACKS)? {
                for it in all::<ManagedStack>(&table, STACKS)? {
                    catalog.stacks.insert(it.path.clone(), it);
                }
            }
            Ok(catalog)
        })
    }

    /// Changes the catalog and kept files: all of it, or nothing if `work` refuses. No
    /// other process gets in between reading and writing.
    pub fn change_catalog<T, E>(
        &self,
        work: impl FnOnce(&mut Catalog, &mut Shelf) -> Result<T, E>,
    ) -> Result<Result<T, E>, StoreError> {
        self.write(|transaction| {
            let before = Catalog {
                projects: load(transaction, PROJECTS, |it: &Project| it.slug.clone())?,
                environments: load(transaction, ENVIRONMENTS, |it: &Environment| it.path.clone())?,
                stacks: load(transaction, STACKS, |it: &ManagedStack| it.path.clone())?,
            };
            let (mut after, mut shelf) = (before.clone(), Shelf::default());
            let answer = match work(&mut after, &mut shelf) {
                Ok(answer) => answer,
                Err(refused) => return Ok(Err(refused)),
            };
            write(transaction, PROJECTS, &before.projects, &after.projects)?;
            write(transaction, ENVIRONMENTS, &before.environments, &after.environments)?;
            write(transaction, STACKS, &before.stacks, &after.stacks)?;
            write_files(transaction, shelf)?;
            Ok(Ok(answer))
        })
    }

    /// Reads the kept files of a stack.
    pub fn texts(&self, stack: u64) -> Result<Texts, StoreError> {
        Ok(self.texts_of(&[stack])?.remove(&stack).unwrap_or_default())
    }

    /// Reads the kept files of several stacks, by their ids.
    pub fn texts_of(&self, stacks: &[u64]) -> Result<BTreeMap<u64, Texts>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, FILES)? else { return Ok(BTreeMap::new()) };
            let mut all = BTreeMap::new();
            for stack in stacks {
                let texts: &mut Texts = all.entry(*stack).or_default();
                for entry in table.range((*stack, "")..(stack + 1, ""))? {
                    let (place, bytes) = entry?;
                    let name = place.value().1.to_owned();
                    texts.insert(name, decode(bytes.value(), FILES.name())?);
                }
            }
            Ok(all)
        })
    }

    /// Keeps a new version of a file, if it still is as `before` says; returns what it is
    /// otherwise.
    pub fn replace_text(
        &self,
        stack: u64,
        name: &str,
        before: Option<&Content>,
        after: &Content,
    ) -> Result<Result<(), Option<Content>>, StoreError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(FILES)?;
            let found: Option<Content> =
                table.get((stack, name))?.map(|it| decode(it.value(), FILES.name())).transpose()?;
            if found.as_ref() != before {
                return Ok(Err(found));
            }
            table.insert((stack, name), encode(after)?.as_slice())?;
            Ok(Ok(()))
        })
    }

    /// Reads a stack and its kept files.
    pub fn managed(&self, path: &StackPath) -> Result<Option<(ManagedStack, Texts)>, StoreError> {
        let Some(stack) = self.catalog()?.stacks.remove(path) else { return Ok(None) };
        let texts = self.texts(stack.id)?;
        Ok(Some((stack, texts)))
    }
}

fn all<R: Record>(
    table: &ReadOnlyTable<&'static str, &'static [u8]>,
    of: Table<&'static str>,
) -> Result<Vec<R>, Fault> {
    table.iter()?.map(|entry| decode(entry?.1.value(), of.name())).collect()
}

fn load<K: Ord, R: Record>(
    transaction: &WriteTransaction,
    of: Table<&'static str>,
    key: impl Fn(&R) -> K,
) -> Result<BTreeMap<K, R>, Fault> {
    let table = transaction.open_table(of)?;
    let mut found = BTreeMap::new();
    for entry in table.iter()? {
        let record: R = decode(entry?.1.value(), of.name())?;
        found.insert(key(&record), record);
    }
    Ok(found)
}

/// Writes what is not as it was.
fn write<K: Ord + ToString, R: Record + PartialEq>(
    transaction: &WriteTransaction,
    of: Table<&'static str>,
    before: &BTreeMap<K, R>,
    after: &BTreeMap<K, R>,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(of)?;
    for gone in before.keys().filter(|it| !after.contains_key(it)) {
        table.remove(gone.to_string().as_str())?;
    }
    for (key, record) in after.iter().filter(|(key, it)| before.get(key) != Some(it)) {
        table.insert(key.to_string().as_str(), encode(record)?.as_slice())?;
    }
    Ok(())
}

fn write_files(transaction: &WriteTransaction, shelf: Shelf) -> Result<(), Fault> {
    let mut table = transaction.open_table(FILES)?;
    for (stack, change) in shelf.0 {
        match change {
            Shelved::Put(name, content) => {
                table.insert((stack, name.as_str()), encode(&content)?.as_slice())?;
            }
            Shelved::Clear => {
                table.retain_in((stack, "")..(stack + 1, ""), |_, _| false)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::project::{Refused, SourcePlace, StackSource};
    use jiff::Timestamp;
    use std::thread;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn add(store: &Store, path: &str) -> Result<u64, Refused> {
        let path: StackPath = path.parse().unwrap();
        let made = store.change_catalog(|catalog, shelf| {
            if !catalog.projects.contains_key(&path.project) {
                catalog.create_project(&path.project, "", NOW)?;
                catalog.create_environment(&path.environment(), None, NOW)?;
            }
            let source = StackSource {
                place: SourcePlace::Kept,
                dir: "/srv".to_owned(),
                compose: vec!["web.yml".to_owned()],
                env_files: Vec::new(),
            };
            let id =
                catalog.create_stack(&path, path.stack.as_str().parse().unwrap(), source, NOW)?;
            shelf.put(id, "web.yml", text(path.stack.as_str()));
            Ok(id)
        });
        made.unwrap()
    }

    fn text(text: &str) -> Content {
        Content::Text(text.to_owned())
    }

    #[test]
    fn a_stack_and_its_files_are_kept_together() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        assert_eq!(store.catalog().unwrap(), Catalog::default());
        let id = add(&store, "shop/production/web").unwrap();
        let (stack, texts) =
            store.managed(&"shop/production/web".parse().unwrap()).unwrap().unwrap();
        assert_eq!((stack.id, stack.swarm.as_str()), (id, "web"));
        assert_eq!(texts, Texts::from([("web.yml".to_owned(), text("web"))]));
    }

    #[test]
    fn what_is_refused_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        add(&store, "shop/production/web").unwrap();
        let before = store.catalog().unwrap();
        assert!(add(&store, "shop/production/web").is_err());
        assert_eq!(store.catalog().unwrap(), before);
    }

    #[test]
    fn a_file_is_not_written_over_somebody_elses_version() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let id = add(&store, "shop/production/web").unwrap();
        let save = |before: &str, after: &str| {
            store.replace_text(id, "web.yml", Some(&text(before)), &text(after)).unwrap()
        };
        assert_eq!(save("web", "mine"), Ok(()));
        assert_eq!(save("web", "yours"), Err(Some(text("mine"))));
        assert_eq!(store.texts(id).unwrap()["web.yml"], text("mine"));
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        add(&store, "shop/production/first").unwrap();
        thread::scope(|scope| {
            for it in 0..12 {
                let store = Store::in_dir(dir.path());
                scope.spawn(move || add(&store, &format!("shop/production/s{it}")).unwrap());
            }
        });
        let catalog = store.catalog().unwrap();
        assert_eq!(catalog.stacks.len(), 13);
        let mut ids: Vec<u64> = catalog.stacks.values().map(|it| it.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, (1..=13).collect::<Vec<_>>());
    }
}
