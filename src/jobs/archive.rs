//! What releases left behind, read without making anybody wait.

use crate::{
    domain::{
        cluster::Object,
        names::StackName,
        release::{JournalEntry, Release, ReleaseKey, ReleaseState, Snapshot},
        rollback,
    },
    engine::{Answer, Engine, EngineError},
    jobs::Verdict,
    store::{Store, StoreError},
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::spawn_blocking;

/// The releases of one stack in one cluster, as this machine remembers them.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Store,
    cluster: String,
    stack: StackName,
}

/// Why nobody can say what releases left behind: what is not known is not "nothing".
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Archive {
    /// Finds the place of a stack; asks the engine which cluster it is.
    pub async fn of(engine: &dyn Engine, store: &Store, stack: &StackName) -> Answer<Self> {
        let cluster = cluster(engine).await?;
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

    /// Returns the release to go back to where nobody names one.
    pub async fn target(&self) -> Result<Option<u32>, StoreError> {
        self.read(|it| {
            let releases = it.store.releases(&it.cluster, &it.stack)?;
            let mut silent = BTreeSet::new();
            let mut specs = BTreeMap::new();
            for Release { key, state, .. } in &releases {
                let ended = matches!(state, ReleaseState::Failed | ReleaseState::Cancelled);
                if ended && it.store.journal_of(key)?.is_empty() {
                    silent.insert(key.revision);
                }
                // One that cannot be read is another: it may still be asked for.
                let snapshot = it.store.snapshot(key).ok().flatten();
                specs.extend(snapshot.map(|it| (key.revision, it.specs)));
            }
            let same = |one: &Release, other: &Release| {
                let of = |it: &Release| specs.get(&it.key.revision);
                matches!((of(one), of(other)), (Some(a), Some(b)) if rollback::is_same(a, b))
            };
            let wrote = |it: &Release| !silent.contains(&it.key.revision);
            Ok(rollback::target(&releases, wrote, same).map(|it| it.key.revision))
        })
        .await
    }

    /// Reads which services each release had, by their full names.
    pub async fn services(&self) -> Result<BTreeMap<u32, BTreeSet<String>>, StoreError> {
        let services = |it: &Self| {
            let mut found = BTreeMap::new();
            for Release { key, .. } in it.store.releases(&it.cluster, &it.stack)? {
                let specs = it.store.snapshot(&key)?.unwrap_or_default().specs;
                found.insert(key.revision, specs.services.into_keys().collect());
            }
            Ok(found)
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
        let archive = self.clone();
        on_disk(self.store.clone(), move |_| work(&archive)).await
    }
}

impl Obstacle {
    /// Returns what the operator can do now.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Engine(err) => err.hint(),
            Self::Store(err) => Some(err.hint()),
        }
    }
}

impl From<Obstacle> for Verdict {
    fn from(err: Obstacle) -> Self {
        Self::Failed { why: err.to_string(), hint: err.hint() }
    }
}

/// Returns the id of the swarm, the same on all its managers. An engine that does not tell
/// it fails: nothing may be read or written as that of a cluster without a name.
pub async fn cluster(engine: &dyn Engine) -> Answer<String> {
    let swarm = engine.inspect(&Object::Swarm).await?;
    let id = swarm["ID"].as_str().filter(|it| !it.is_empty());
    id.map(str::to_owned).ok_or_else(|| EngineError::Failed {
        what: "GET /swarm".to_owned(),
        why: "it does not say which swarm it is; is there a proxy that hides it?".to_owned(),
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
