//! Deployments whose process died on the way, as this machine remembers them.

use crate::{
    domain::{
        deploy::{Debt, debts, stood},
        names::StackName,
        release::{JournalEntry, Release, ReleaseState},
    },
    engine::Engine,
    jobs::{
        archive::{cluster, on_disk},
        session::Session,
    },
    store::{Replaced, Store, StoreError},
};
use jiff::Timestamp;

/// The newest release of a stack, where nobody drives it any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Interrupted {
    pub release: Release,
    journal: Vec<JournalEntry>,
}

impl Interrupted {
    /// Finds that of a stack. A later release has taken over what an earlier one owes.
    pub async fn of(session: &Session, stack: &StackName) -> Result<Option<Self>, StoreError> {
        let stack = stack.clone();
        let newest = move |store: &Store, cluster: &str| {
            Ok(store.releases(cluster, &stack)?.into_iter().take(1).collect())
        };
        let found = Self::among(session.store.as_ref(), &*session.engine, newest).await?;
        Ok(found.into_iter().next())
    }

    /// Finds those of a cluster.
    pub async fn all(store: Option<&Store>, engine: &dyn Engine) -> Result<Vec<Self>, StoreError> {
        Self::among(store, engine, Store::newest_releases).await
    }

    async fn among(
        store: Option<&Store>,
        engine: &dyn Engine,
        newest: impl FnOnce(&Store, &str) -> Result<Vec<Release>, StoreError> + Send + 'static,
    ) -> Result<Vec<Self>, StoreError> {
        let (Some(store), Ok(cluster)) = (store.cloned(), cluster(engine).await) else {
            return Ok(Vec::new());
        };
        on_disk(store, move |store| {
            let read = |release: Release| {
                let journal = store.journal_of(&release.key)?;
                Ok(Self { release, journal })
            };
            let newest = newest(store, &cluster)?.into_iter();
            newest.filter(|it| it.state == ReleaseState::Interrupted).map(read).collect()
        })
        .await
    }

    /// Says what is owed.
    pub fn debts(&self) -> Vec<Debt> {
        debts(&self.journal)
    }

    /// Says where it stood, as `interrupted after "update service shop_web"`.
    pub fn stood(&self) -> String {
        format!("interrupted {}", stood(&self.journal))
    }

    /// Says all that a person has to know.
    pub fn words(&self) -> String {
        let Release { key, order, started, .. } = &self.release;
        let since = started.unwrap_or(order.queued);
        let stood = self.stood();
        format!(
            "release {} of {} was {stood} ({}, begun {since:.0})",
            key.revision, key.stack, order.who
        )
    }

    /// Returns what the release that takes its place takes over.
    pub fn replaced(&self) -> Replaced {
        let (now, revision) = (Timestamp::now(), self.release.key.revision);
        let journal = self.debts().iter().map(|it| it.entry(now, revision)).collect();
        Replaced { revision, why: self.stood(), journal }
    }
}
