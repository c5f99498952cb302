//! Release lifecycle without a deployment: adoption and removal.

use crate::{
    domain::{
        deployment::release::{Order, Release, ReleaseKey, Snapshot},
        swarm::names::StackName,
    },
    store::{
        Store, StoreError,
        record::{decode, encode, opened},
        release_tables::{JOURNAL, KeptSnapshot, RELEASES, SNAPSHOTS, place, revisions, steps},
    },
};
use redb::{ReadableTable, TableHandle};

/// What is made of a snapshot, or the snapshot where it is sealed.
enum Read<T> {
    Now(T),
    Later(Box<KeptSnapshot>),
}

impl Store {
    /// Writes down the first release of a stack as it is already; nothing where there
    /// is any release of it.
    pub fn first_release(
        &self,
        cluster: &str,
        stack: &StackName,
        order: Order,
        snapshot: Snapshot,
        adopt: impl FnOnce(&mut Release),
    ) -> Result<Option<Release>, StoreError> {
        let snapshot = self.kept(snapshot)?;
        self.write(|transaction| {
            let mut releases = transaction.open_table(RELEASES)?;
            if releases.range(revisions(cluster, stack))?.next().is_some() {
                return Ok(None);
            }
            let key = ReleaseKey { cluster: cluster.to_owned(), stack: stack.clone(), revision: 1 };
            let mut release = Release::queued(key, order);
            adopt(&mut release);
            releases.insert(place(&release.key), encode(&release)?.as_slice())?;
            let mut snapshots = transaction.open_table(SNAPSHOTS)?;
            snapshots.insert(place(&release.key), encode(&snapshot)?.as_slice())?;
            Ok(Some(release))
        })
    }

    /// Reads all releases of a cluster, of each stack the newest first, with what is
    /// made of their snapshots.
    pub fn releases_with<T>(
        &self,
        cluster: &str,
        mut read: impl FnMut(&Snapshot) -> T,
    ) -> Result<Vec<(Release, T)>, StoreError> {
        let kept: Vec<(Release, Read<T>)> = self.read(|transaction| {
            let Some(releases) = opened(transaction, RELEASES)? else { return Ok(Vec::new()) };
            let snapshots = opened(transaction, SNAPSHOTS)?;
            let mut all = Vec::new();
            for entry in releases.range((cluster, "", 0)..)? {
                let (at, bytes) = entry?;
                if at.value().0 != cluster {
                    break;
                }
                let snapshot = snapshots.as_ref().map(|it| it.get(at.value())).transpose()?;
                let snapshot = snapshot.flatten();
                let snapshot: Option<KeptSnapshot> =
                    snapshot.map(|it| decode(it.value(), SNAPSHOTS.name())).transpose()?;
                let release: Release = decode(bytes.value(), RELEASES.name())?;
                // Few are sealed; the others are read one at a time.
                let found = match snapshot {
                    Some(kept) if kept.sealed.is_some() => Read::Later(Box::new(kept)),
                    Some(kept) => Read::Now(read(&kept.snapshot)),
                    None => Read::Now(read(&Snapshot::default())),
                };
                all.push((release, found));
            }
            all.sort_by(|(a, _), (b, _)| {
                let newest_first = b.key.revision.cmp(&a.key.revision);
                a.key.stack.cmp(&b.key.stack).then(newest_first)
            });
            Ok(all)
        })?;
        let open = |(release, found)| {
            let found = match found {
                Read::Now(found) => found,
                Read::Later(kept) => read(&self.opened_snapshot(*kept)?),
            };
            Ok((release, found))
        };
        kept.into_iter().map(open).collect()
    }

    /// Removes releases with all that belongs to them, unless they are open by now.
    /// Returns how many went.
    pub fn remove_releases(&self, keys: &[ReleaseKey]) -> Result<usize, StoreError> {
        self.write(|transaction| {
            let mut releases = transaction.open_table(RELEASES)?;
            let mut snapshots = transaction.open_table(SNAPSHOTS)?;
            let mut journal = transaction.open_table(JOURNAL)?;
            let mut gone = 0;
            for key in keys {
                let found = releases.get(place(key))?;
                let found: Option<Release> =
                    found.map(|it| decode(it.value(), RELEASES.name())).transpose()?;
                if found.is_none_or(|it| it.state.is_open()) {
                    continue;
                }
                releases.remove(place(key))?;
                snapshots.remove(place(key))?;
                journal.retain_in(steps(key), |_, _| false)?;
                gone += 1;
            }
            Ok(gone)
        })
    }
}
