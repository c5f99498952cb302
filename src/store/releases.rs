//! The releases of stacks, what they deployed, and the journals of their steps.

use crate::{
    domain::{
        deployment::release::{JournalEntry, Order, Release, ReleaseKey, ReleaseState, Snapshot},
        project::vault::Sealed,
        swarm::names::StackName,
    },
    store::{
        Became, Store, StoreError,
        error::Fault,
        record::{Record, Table, decode, encode, opened},
        release_tables::{
            DETAIL, JOURNAL, KeptSnapshot, RELEASES, ReleaseKeyParts, SEALED, SNAPSHOTS, SOURCES,
            SPECS, place, revisions, steps,
        },
    },
};
use redb::{ReadableTable, TableHandle};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{cmp::Reverse, collections::BTreeMap, mem};

/// A release as it begins.
pub struct Opening {
    pub cluster: String,
    pub stack: StackName,
    pub order: Order,
    pub snapshot: Snapshot,
    /// The token of who deploys it.
    pub driver: String,
    pub replaces: Option<Replaced>,
}

/// An interrupted release of the same stack, and what it leaves to the next one.
pub struct Replaced {
    pub revision: u32,
    /// Why it failed.
    pub why: String,
    /// What the journal of the next one begins with.
    pub journal: Vec<JournalEntry>,
}

impl Store {
    /// Writes down an order as the next release of its stack, deploying, together
    /// with what it will deploy; and closes the one that it takes the place of. Nothing
    /// is written where that one is not interrupted any more.
    pub fn open_release(&self, opening: Opening) -> Result<Option<Release>, StoreError> {
        let Opening { cluster, stack, order, mut snapshot, driver, mut replaces } = opening;
        let before = self.releases(&cluster, &stack)?;
        let private = &mut snapshot.provenance.private;
        // What is live may have come of a private release.
        *private = *private || before.first().is_some_and(|it| it.private);
        let private = *private;
        if private && before.iter().any(|it| !it.private) {
            self.seal_older(&stack, snapshot.provenance.hidden.as_ref());
        }
        let snapshot = self.kept(snapshot)?;
        if let Some(replaced) = &mut replaces {
            replaced.journal = self.sealed(private, mem::take(&mut replaced.journal))?;
        }
        self.write(|transaction| {
            let mut releases = transaction.open_table(RELEASES)?;
            let newest = releases.range(revisions(&cluster, &stack))?.next_back().transpose()?;
            let revision = newest.map_or(1, |(place, _)| place.value().2 + 1);
            let key = ReleaseKey { cluster, stack, revision };
            let mut begun = Vec::new();
            if let Some(Replaced { revision: old, why, journal }) = replaces {
                let old = ReleaseKey { revision: old, ..key.clone() };
                let old = get::<Release>(&releases, RELEASES, &old)?;
                let Some(mut old) = old.filter(|it| self.is_interrupted(it)) else {
                    return Ok(None);
                };
                old.state = ReleaseState::Failed;
                old.reason = Some(format!("{why}; replaced by release {revision}"));
                old.replaced_by = Some(revision);
                old.finished = Some(order.queued);
                releases.insert(place(&old.key), encode(&old)?.as_slice())?;
                begun = journal;
            }
            let started = Some(order.queued);
            let release = Release {
                state: ReleaseState::Deploying,
                driver: Some(driver),
                private,
                started,
                ..Release::queued(key, order)
            };
            releases.insert(place(&release.key), encode(&release)?.as_slice())?;
            let mut snapshots = transaction.open_table(SNAPSHOTS)?;
            snapshots.insert(place(&release.key), encode(&snapshot)?.as_slice())?;
            let mut steps = transaction.open_table(JOURNAL)?;
            let (cluster, stack, revision) = place(&release.key);
            for (step, entry) in (0..).zip(&begun) {
                steps.insert((cluster, stack, revision, step), encode(entry)?.as_slice())?;
            }
            Ok(Some(release))
        })
    }

    /// Takes an interrupted release over for a new driver; nobody else can do so at the
    /// same time. Returns whether there was one to take.
    pub fn resume_release(&self, key: &ReleaseKey, driver: &str) -> Result<bool, StoreError> {
        let mut taken = false;
        self.update_release(key, |release| {
            taken = self.is_interrupted(release);
            if taken {
                release.driver = Some(driver.to_owned());
            }
        })?;
        Ok(taken)
    }

    /// Changes a release and returns what became of it; nothing where it does
    /// not exist. No other process gets in between reading and writing.
    pub fn update_release(
        &self,
        key: &ReleaseKey,
        change: impl FnOnce(&mut Release),
    ) -> Result<Option<Release>, StoreError> {
        self.write(|transaction| {
            let mut releases = transaction.open_table(RELEASES)?;
            let Some(mut release) = get::<Release>(&releases, RELEASES, key)? else {
                return Ok(None);
            };
            change(&mut release);
            releases.insert(place(key), encode(&release)?.as_slice())?;
            Ok(Some(release))
        })
    }

    pub fn release(&self, key: &ReleaseKey) -> Result<Option<Release>, StoreError> {
        Ok(self.lookup(RELEASES, key)?.map(|it| self.as_it_is(it)))
    }

    /// Reads what a release deployed.
    pub fn snapshot(&self, key: &ReleaseKey) -> Result<Option<Snapshot>, StoreError> {
        let kept: Option<KeptSnapshot> = self.lookup(SNAPSHOTS, key)?;
        kept.map(|it| self.opened_snapshot(it)).transpose()
    }

    /// Makes it whole; not inside of a transaction, because the key may lie in the file.
    pub(in crate::store) fn opened_snapshot(
        &self,
        kept: KeptSnapshot,
    ) -> Result<Snapshot, StoreError> {
        let KeptSnapshot { mut snapshot, sealed, sealed_sources } = kept;
        if let Some(sealed) = sealed {
            snapshot.specs = self.parsed(&self.unseal(SPECS, &sealed)?.0)?;
        }
        if let Some(sealed) = sealed_sources {
            snapshot.sources = self.parsed(&self.unseal(SOURCES, &sealed)?.0)?;
        }
        Ok(snapshot)
    }

    /// Reads the newest release that stayed of each of these stacks, and how it was made:
    /// of a private one without what it deployed.
    pub fn applied(
        &self,
        cluster: &str,
        stacks: &[StackName],
    ) -> Result<BTreeMap<StackName, (u32, Snapshot)>, StoreError> {
        let found: BTreeMap<StackName, (u32, KeptSnapshot)> = self.read(|transaction| {
            let (releases, snapshots) =
                (opened(transaction, RELEASES)?, opened(transaction, SNAPSHOTS)?);
            let (Some(releases), Some(snapshots)) = (releases, snapshots) else {
                return Ok(BTreeMap::new());
            };
            let mut found = BTreeMap::new();
            for stack in stacks {
                for entry in releases.range(revisions(cluster, stack))?.rev() {
                    let release: Release = decode(entry?.1.value(), RELEASES.name())?;
                    if !release.stayed() {
                        continue;
                    }
                    let kept: Option<KeptSnapshot> = get(&snapshots, SNAPSHOTS, &release.key)?;
                    found.insert(stack.clone(), (release.key.revision, kept.unwrap_or_default()));
                    break;
                }
            }
            Ok(found)
        })?;
        // What it deployed stays sealed, its files are wanted.
        let bare = |(stack, (revision, kept))| {
            let snapshot = self.opened_snapshot(KeptSnapshot { sealed: None, ..kept })?;
            Ok((stack, (revision, snapshot)))
        };
        found.into_iter().map(bare).collect()
    }

    /// Reads how releases of a stack were made, without what they deployed.
    pub fn provenance(&self, key: &ReleaseKey) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.lookup::<KeptSnapshot>(SNAPSHOTS, key)?.map(|it| it.snapshot))
    }

    /// Reads the releases of a stack, the newest first.
    pub fn releases(&self, cluster: &str, stack: &StackName) -> Result<Vec<Release>, StoreError> {
        self.read(|transaction| {
            let Some(releases) = opened(transaction, RELEASES)? else { return Ok(Vec::new()) };
            let newest_first = releases.range(revisions(cluster, stack))?.rev();
            let read = |bytes: &[u8]| decode(bytes, RELEASES.name()).map(|it| self.as_it_is(it));
            newest_first.map(|entry| read(entry?.1.value())).collect()
        })
    }

    /// Reads the releases of all stacks of a cluster, by stack, the newest first.
    pub fn all_releases(&self, cluster: &str) -> Result<Vec<Release>, StoreError> {
        self.read(|transaction| {
            let Some(releases) = opened(transaction, RELEASES)? else { return Ok(Vec::new()) };
            let mut all: Vec<Release> = Vec::new();
            for entry in releases.range((cluster, "", 0)..)? {
                let (place, bytes) = entry?;
                if place.value().0 != cluster {
                    break;
                }
                all.push(self.as_it_is(decode(bytes.value(), RELEASES.name())?));
            }
            all.sort_by_key(|it| (it.key.stack.clone(), Reverse(it.key.revision)));
            Ok(all)
        })
    }

    /// Reads the newest release of each stack of a cluster, by stack.
    pub fn newest_releases(&self, cluster: &str) -> Result<Vec<Release>, StoreError> {
        let mut releases = self.all_releases(cluster)?;
        releases.dedup_by(|next, newest| next.key.stack == newest.key.stack);
        Ok(releases)
    }

    /// Adds entries to the journal of a release: all of them, or none. Those of a private
    /// one are sealed.
    pub fn journal(
        &self,
        key: &ReleaseKey,
        private: bool,
        entries: Vec<JournalEntry>,
    ) -> Result<(), StoreError> {
        let entries = self.sealed(private, entries)?;
        self.write(|transaction| {
            let mut journal = transaction.open_table(JOURNAL)?;
            let last = journal.range(steps(key))?.next_back().transpose()?;
            let next = last.map_or(0, |(place, _)| place.value().3 + 1);
            let (cluster, stack, revision) = place(key);
            for (step, entry) in (next..).zip(&entries) {
                journal.insert((cluster, stack, revision, step), encode(entry)?.as_slice())?;
            }
            Ok(())
        })
    }

    /// Reads the journal of a release, the oldest entry first.
    pub fn journal_of(&self, key: &ReleaseKey) -> Result<Vec<JournalEntry>, StoreError> {
        let kept: Vec<JournalEntry> = self.read(|transaction| {
            let Some(journal) = opened(transaction, JOURNAL)? else { return Ok(Vec::new()) };
            let entries = journal.range(steps(key))?;
            entries.map(|entry| decode(entry?.1.value(), JOURNAL.name())).collect()
        })?;
        self.opened_steps(kept)
    }

    /// Makes steps whole; not inside of a transaction, because the key may lie in the file.
    pub(in crate::store) fn opened_steps(
        &self,
        kept: Vec<JournalEntry>,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let open = |mut entry: JournalEntry| {
            if let Some(sealed) = entry.detail.get(SEALED) {
                let sealed: Sealed = self.parsed(sealed.to_string().as_bytes())?;
                entry.detail = self.parsed(&self.unseal(DETAIL, &sealed)?.0)?;
            }
            Ok(entry)
        };
        kept.into_iter().map(open).collect()
    }

    /// Counts the releases that are sealed.
    pub(in crate::store) fn sealed_releases(&self) -> Result<usize, StoreError> {
        self.read(|transaction| {
            let Some(snapshots) = opened(transaction, SNAPSHOTS)? else { return Ok(0) };
            let sealed = snapshots.iter()?.map(|entry| {
                let kept: KeptSnapshot = decode(entry?.1.value(), SNAPSHOTS.name())?;
                Ok::<_, Fault>(usize::from(kept.sealed.is_some()))
            });
            sealed.sum()
        })
    }

    /// Seals releases from before their stack had anything secret. No deployment waits
    /// for a disk that does not take it; the next one tries again.
    fn seal_older(&self, stack: &StackName, hidden: Option<&Sealed>) {
        let sealed = self.hidden(hidden).and_then(|secrets| {
            let stacks = vec![stack.clone()];
            self.seal_past(Became { stacks, secrets, setting: None })
        });
        if let Err(err) = sealed {
            tracing::warn!(%err, "older releases stay as they are");
        }
    }

    pub(in crate::store) fn kept(
        &self,
        mut snapshot: Snapshot,
    ) -> Result<KeptSnapshot, StoreError> {
        let mut sealed = None;
        if snapshot.provenance.private {
            let specs = serde_json::to_vec(&mem::take(&mut snapshot.specs));
            sealed = Some(self.seal(SPECS, &specs.unwrap_or_default())?);
        }
        Ok(KeptSnapshot { snapshot, sealed, sealed_sources: None })
    }

    fn sealed(
        &self,
        private: bool,
        mut entries: Vec<JournalEntry>,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        for entry in entries.iter_mut().filter(|it| private && !it.detail.is_null()) {
            let sealed = self.seal(DETAIL, entry.detail.to_string().as_bytes())?;
            entry.detail = json!({ SEALED: sealed });
        }
        Ok(entries)
    }

    fn parsed<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, StoreError> {
        serde_json::from_slice(bytes).map_err(|err| {
            let why = format!("a sealed record: {err}");
            StoreError::Corrupt { path: self.path(), why }
        })
    }

    /// Finds out whether somebody is at a release still.
    pub(in crate::store) fn as_it_is(&self, mut release: Release) -> Release {
        if self.is_interrupted(&release) {
            release.state = ReleaseState::Interrupted;
        }
        release
    }

    fn is_interrupted(&self, release: &Release) -> bool {
        let driven = || release.driver.as_ref().is_some_and(|it| self.is_driven(it));
        release.state == ReleaseState::Deploying && !driven()
    }

    fn lookup<R: Record>(
        &self,
        table: Table<ReleaseKeyParts<'static>>,
        key: &ReleaseKey,
    ) -> Result<Option<R>, StoreError> {
        self.read(|transaction| match opened(transaction, table)? {
            Some(rows) => get(&rows, table, key),
            None => Ok(None),
        })
    }
}

fn get<R: Record>(
    rows: &impl ReadableTable<ReleaseKeyParts<'static>, &'static [u8]>,
    table: Table<ReleaseKeyParts<'static>>,
    key: &ReleaseKey,
) -> Result<Option<R>, Fault> {
    let bytes = rows.get(place(key))?;
    bytes.map(|bytes| decode(bytes.value(), table.name())).transpose()
}
