//! Bulk reads of releases and their records in one transaction.

use crate::{
    domain::{
        deployment::release::{JournalEntry, Release, ReleaseKey, Snapshot},
        swarm::names::StackName,
    },
    store::{
        Store, StoreError,
        error::Fault,
        record::{Record, Table, decode, opened},
        release_tables::{
            JOURNAL, KeptSnapshot, RELEASES, ReleaseKeyParts, SNAPSHOTS, StepKeyParts, place,
            revisions, steps,
        },
    },
};
use redb::{ReadOnlyTable, TableHandle};
use std::cmp::Reverse;

/// What of a release is wanted beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    pub snapshot: bool,
    /// Of the snapshot only where it comes from.
    pub provenance: bool,
    pub journal: bool,
}

/// A release, and what was wanted of what it left behind.
#[derive(Debug)]
pub struct Remembered {
    pub release: Release,
    /// Nothing where none was wanted or kept; an error where it cannot be unsealed.
    pub snapshot: Result<Option<Snapshot>, StoreError>,
    /// The oldest entry first; an error where it cannot be unsealed.
    pub journal: Result<Vec<JournalEntry>, StoreError>,
}

/// The same before it is unsealed.
struct Kept {
    release: Release,
    snapshot: Option<KeptSnapshot>,
    journal: Vec<JournalEntry>,
}

type Rows<K> = ReadOnlyTable<K, &'static [u8]>;

impl Parts {
    /// Nothing beside the release.
    pub const NONE: Self = Self { snapshot: false, provenance: false, journal: false };
    pub const SNAPSHOT: Self = Self { snapshot: true, ..Self::NONE };
    pub const PROVENANCE: Self = Self { provenance: true, ..Self::NONE };
    pub const JOURNAL: Self = Self { journal: true, ..Self::NONE };
}

impl Store {
    /// Reads the releases of a stack, the newest first, and what is wanted of each.
    pub fn remembered(
        &self,
        cluster: &str,
        stack: &StackName,
        wants: impl FnMut(&Release) -> Parts,
    ) -> Result<Vec<Remembered>, StoreError> {
        self.together(revisions(cluster, stack), cluster, wants)
    }

    /// Reads the releases of all stacks of a cluster, by stack, the newest first, and what
    /// is wanted of each; it is asked for in that order.
    pub fn all_remembered(
        &self,
        cluster: &str,
        wants: impl FnMut(&Release) -> Parts,
    ) -> Result<Vec<Remembered>, StoreError> {
        self.together((cluster, "", 0).., cluster, wants)
    }

    fn together<'a>(
        &self,
        range: impl std::ops::RangeBounds<ReleaseKeyParts<'a>> + 'a,
        cluster: &str,
        mut wants: impl FnMut(&Release) -> Parts,
    ) -> Result<Vec<Remembered>, StoreError> {
        let kept = self.read(|transaction| {
            let Some(releases) = opened(transaction, RELEASES)? else { return Ok(Vec::new()) };
            let (snapshots, journal) =
                (opened(transaction, SNAPSHOTS)?, opened(transaction, JOURNAL)?);
            let mut found: Vec<Release> = Vec::new();
            for entry in releases.range(range)? {
                let (at, bytes) = entry?;
                if at.value().0 != cluster {
                    break;
                }
                found.push(self.as_it_is(decode(bytes.value(), RELEASES.name())?));
            }
            found.sort_by_key(|it| (it.key.stack.clone(), Reverse(it.key.revision)));
            let with_parts = |release: Release| {
                let parts = wants(&release);
                let mut snapshot: Option<KeptSnapshot> = match parts {
                    Parts { snapshot: false, provenance: false, .. } => None,
                    _ => one(snapshots.as_ref(), SNAPSHOTS, &release.key)?,
                };
                if !parts.snapshot
                    && let Some(kept) = &mut snapshot
                {
                    // What is sealed stays so.
                    (kept.sealed, kept.sealed_sources) = (None, None);
                }
                let journal = match parts.journal {
                    true => all_steps(journal.as_ref(), &release.key)?,
                    false => Vec::new(),
                };
                Ok(Kept { release, snapshot, journal })
            };
            found.into_iter().map(with_parts).collect::<Result<Vec<_>, Fault>>()
        })?;
        // The key may lie in the same file.
        let open = |Kept { release, snapshot, journal }| Remembered {
            release,
            snapshot: snapshot.map(|it| self.opened_snapshot(it)).transpose(),
            journal: self.opened_steps(journal),
        };
        Ok(kept.into_iter().map(open).collect())
    }
}

fn one<R: Record>(
    rows: Option<&Rows<ReleaseKeyParts<'static>>>,
    table: Table<ReleaseKeyParts<'static>>,
    key: &ReleaseKey,
) -> Result<Option<R>, Fault> {
    let Some(rows) = rows else { return Ok(None) };
    let bytes = rows.get(place(key))?;
    bytes.map(|it| decode(it.value(), table.name())).transpose()
}

fn all_steps(
    rows: Option<&Rows<StepKeyParts<'static>>>,
    key: &ReleaseKey,
) -> Result<Vec<JournalEntry>, Fault> {
    let Some(rows) = rows else { return Ok(Vec::new()) };
    rows.range(steps(key))?.map(|it| decode(it?.1.value(), JOURNAL.name())).collect()
}
