//! The release reader: reads records of releases without blocking.

use crate::{
    domain::{
        deployment::{
            deploy::debts,
            release::{JournalEntry, Provenance, Release, ReleaseKey, Snapshot},
            rollback::{self, LiveRelease},
        },
        project::Secrets,
        swarm::{cluster::Object, names::StackName, objects::AnyObject},
    },
    engine::{Answer, Engine, EngineError},
    jobs::Verdict,
    projects::known_secrets,
    store::{Parts, Remembered, Store, StoreError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{task::spawn_blocking, time::timeout};

/// How long secret values are read before a job goes on without them.
const PATIENCE: Duration = Duration::from_secs(5);

/// The releases of one stack in one cluster, as this machine remembers them.
#[derive(Debug, Clone)]
pub struct ReleaseReader {
    store: Store,
    cluster: String,
    stack: StackName,
}

/// Why nobody can say what releases left behind: what is not known is not "nothing".
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReleaseReader {
    /// Finds the place of a stack; asks the engine which cluster it is.
    pub async fn of(engine: &dyn Engine, store: &Store, stack: &StackName) -> Answer<Self> {
        let cluster = cluster_id(engine).await?;
        Ok(Self { store: store.clone(), cluster, stack: stack.clone() })
    }

    /// Reads all releases, the newest first.
    pub async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        self.read(|it| it.store.releases(&it.cluster, &it.stack)).await
    }

    pub async fn release(&self, revision: u32) -> Result<Option<Release>, StoreError> {
        self.read(move |it| it.store.release(&it.key(revision))).await
    }

    /// Reads what a release deployed.
    pub async fn snapshot(&self, revision: u32) -> Result<Option<Snapshot>, StoreError> {
        self.read(move |it| it.store.snapshot(&it.key(revision))).await
    }

    /// Reads the steps of a release, the oldest first.
    pub async fn journal(&self, revision: u32) -> Result<Vec<JournalEntry>, StoreError> {
        self.read(move |it| it.store.journal_of(&it.key(revision))).await
    }

    /// Reads all releases, the newest first, and which of them is live.
    pub async fn history(&self) -> Result<(Vec<Release>, Option<LiveRelease>), StoreError> {
        self.read(|it| {
            let found = it.store.remembered(&it.cluster, &it.stack, journal_in_doubt)?;
            let live = live_release(&found);
            Ok((found.into_iter().map(|it| it.release).collect(), live))
        })
        .await
    }

    /// Reads where private releases come from.
    pub async fn provenances(&self) -> Result<Vec<Provenance>, StoreError> {
        let private = |it: &Release| if it.private { Parts::PROVENANCE } else { Parts::NONE };
        self.read(move |it| {
            let found = it.store.remembered(&it.cluster, &it.stack, private)?.into_iter();
            let found = found.filter(|it| it.release.private);
            found.map(|it| Ok(it.snapshot?.unwrap_or_default().provenance)).collect()
        })
        .await
    }

    /// Returns the release to go back to where nobody names one.
    pub async fn target(&self) -> Result<Option<u32>, StoreError> {
        self.read(|it| {
            let wants = |it: &Release| Parts { snapshot: true, ..journal_in_doubt(it) };
            let found = it.store.remembered(&it.cluster, &it.stack, wants)?;
            let wrote = written(&found);
            let mut specs = BTreeMap::new();
            let mut releases = Vec::new();
            for Remembered { release, snapshot, .. } in found {
                // One that cannot be read is another: it may still be asked for.
                let snapshot = snapshot.ok().flatten();
                specs.extend(snapshot.map(|it| (release.key.revision, it.specs)));
                releases.push(release);
            }
            let same = |one: &Release, other: &Release| {
                let of = |it: &Release| specs.get(&it.key.revision);
                matches!((of(one), of(other)), (Some(a), Some(b)) if rollback::is_same(a, b))
            };
            let target = rollback::target(&releases, |it| wrote.contains(&it.key), same);
            Ok(target.map(|it| it.key.revision))
        })
        .await
    }

    /// Reads which services each release had, by their full names.
    pub async fn services(&self) -> Result<BTreeMap<u32, BTreeSet<String>>, StoreError> {
        let services = |it: &Self| {
            let found = it.store.remembered(&it.cluster, &it.stack, |_| Parts::SNAPSHOT)?;
            let names = |it: Remembered| {
                let specs = it.snapshot?.unwrap_or_default().specs;
                Ok((it.release.key.revision, specs.services.into_keys().collect()))
            };
            found.into_iter().map(names).collect()
        };
        self.read(services).await
    }

    /// Reads the names of the stacks that have releases in this cluster.
    pub async fn stacks(&self) -> Result<Vec<StackName>, StoreError> {
        let newest = self.read(|it| it.store.newest_releases(&it.cluster)).await?;
        Ok(newest.into_iter().map(|it| it.key.stack).collect())
    }

    fn key(&self, revision: u32) -> ReleaseKey {
        ReleaseKey { cluster: self.cluster.clone(), stack: self.stack.clone(), revision }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = self.clone();
        on_disk(self.store.clone(), move |_| work(&reader)).await
    }
}

impl HistoryError {
    /// Returns what the operator can do now.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Engine(err) => err.hint(),
            Self::Store(err) => Some(err.hint()),
        }
    }
}

impl From<HistoryError> for Verdict {
    fn from(err: HistoryError) -> Self {
        Self::Failed { why: err.to_string(), hint: err.hint() }
    }
}

/// Returns which release of a stack is live; the newest comes first.
pub fn live_release(found: &[Remembered]) -> Option<LiveRelease> {
    let wrote = written(found);
    let releases = found.iter().map(|it| &it.release);
    rollback::live(releases, |it| wrote.contains(&it.key))
}

/// Returns which release of each stack is live, by stack the newest first; a stack of
/// which none is live is there too.
pub fn live_releases(found: &[Remembered]) -> BTreeMap<StackName, Option<LiveRelease>> {
    let by_stack = found.chunk_by(|a, b| a.release.key.stack == b.release.key.stack);
    let live = by_stack.filter_map(|of_stack| {
        Some((of_stack.first()?.release.key.stack.clone(), live_release(of_stack)))
    });
    live.collect()
}

/// The journal is wanted where it says whether a release wrote anything.
pub fn journal_in_doubt(release: &Release) -> Parts {
    if rollback::may_have_written(release) { Parts::JOURNAL } else { Parts::NONE }
}

/// Returns the releases that wrote something which is not known to be refused. What cannot
/// be read may have.
fn written(found: &[Remembered]) -> BTreeSet<ReleaseKey> {
    let wrote = |it: &&Remembered| match &it.journal {
        Ok(journal) => !debts(journal).is_empty(),
        Err(_) => true,
    };
    found.iter().filter(wrote).map(|it| it.release.key.clone()).collect()
}

/// Returns the id of the swarm, the same on all its managers. An engine that does not tell
/// it fails: nothing may be read or written as that of a cluster without a name.
pub async fn cluster_id(engine: &dyn Engine) -> Answer<String> {
    let swarm = engine.inspect(&Object::Swarm).await?;
    let id = AnyObject(&swarm).id().filter(|it| !it.is_empty());
    id.map(str::to_owned).ok_or_else(|| EngineError::Failed {
        what: "GET /swarm".to_owned(),
        why: "the engine does not say which swarm it is; does a proxy hide that?".to_owned(),
    })
}

/// Works on the state file where that holds nobody up.
pub async fn on_disk<T: Send + 'static>(
    store: Store,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let path = store.path();
    let done = spawn_blocking(move || work(&store)).await;
    done.unwrap_or_else(|err| Err(StoreError::Io { path, why: err.to_string() }))
}

/// Returns the secret values of a stack, so that they can be hidden: as far as they can be
/// read, and in time. Files of variables may lie on a disk that does not answer.
pub async fn secrets_of_stack(store: &Store, stack: &StackName) -> Secrets {
    let of = stack.clone();
    let reading = on_disk(store.clone(), move |it| Ok(known_secrets(it, &of)));
    match timeout(PATIENCE, reading).await {
        Ok(Ok(secrets)) => secrets,
        Ok(Err(err)) => {
            tracing::warn!(%err, %stack, "its secret values are not known");
            Secrets::default()
        }
        Err(_) => {
            tracing::warn!(%stack, "its secret values could not be read in time");
            Secrets::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::deployment::{
            audit::Operator,
            release::{Order, ReleaseState},
        },
        store::Opening,
    };
    use jiff::Timestamp;

    /// A stack of which all but the first of so many releases failed.
    fn reader(dir: &tempfile::TempDir, count: u32) -> ReleaseReader {
        let store = Store::in_dir(dir.path());
        let (cluster, stack) = ("c1".to_owned(), "shop".parse::<StackName>().unwrap());
        for number in 0..count {
            let order = Order {
                who: Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() },
                context: None,
                address: "demo".to_owned(),
                message: String::new(),
                queued: Timestamp::UNIX_EPOCH,
            };
            let opening = Opening {
                cluster: cluster.clone(),
                stack: stack.clone(),
                order,
                snapshot: Snapshot::default(),
                driver: "nobody".to_owned(),
                replaces: None,
            };
            let key = store.open_release(opening).unwrap().unwrap().key;
            let end = if number == 0 { ReleaseState::Healthy } else { ReleaseState::Failed };
            store.update_release(&key, |it| it.state = end).unwrap();
        }
        ReleaseReader { store, cluster, stack }
    }

    #[tokio::test]
    async fn however_many_releases_there_are_the_file_is_opened_once() {
        let dir = tempfile::tempdir().unwrap();
        let reader = reader(&dir, 12);
        let opened = || reader.store.opened();
        let before = opened();
        let (releases, live) = reader.history().await.unwrap();
        assert_eq!((releases.len(), opened() - before), (12, 1));
        assert_eq!(live, Some(LiveRelease { revision: 1, whole: true }));
        let before = opened();
        assert_eq!(reader.target().await.unwrap(), None);
        assert_eq!(reader.services().await.unwrap().len(), 12);
        assert_eq!(reader.provenances().await.unwrap(), []);
        assert_eq!(opened() - before, 3);
    }
}
