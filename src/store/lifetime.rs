//! How releases begin without a deployment, and how they go.

use crate::{
    domain::{
        names::StackName,
        release::{Order, Release, ReleaseKey, Snapshot},
    },
    store::{
        Store, StoreError,
        record::encode,
        releases::{RELEASES, SNAPSHOTS, place, revisions},
    },
};
use redb::ReadableTable;

impl Store {
    /// Writes down the first release of a stack as it is already; nothing where there
    /// is any release of it.
    pub fn first_release(
        &self,
        cluster: &str,
        stack: &StackName,
        order: Order,
        snapshot: &Snapshot,
        adopt: impl FnOnce(&mut Release),
    ) -> Result<Option<Release>, StoreError> {
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
            snapshots.insert(place(&release.key), encode(snapshot)?.as_slice())?;
            Ok(Some(release))
        })
    }
}
