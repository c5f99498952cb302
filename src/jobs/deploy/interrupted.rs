//! Deployments whose process died on the way, as this machine remembers them.

use crate::{
    domain::{
        cluster::Kind,
        compose::bind_spec,
        deploy::{Act, Debt, ObjectName, debts, stood},
        names::StackName,
        plan::Live,
        release::{JournalEntry, Release, ReleaseKey, ReleaseState},
    },
    engine::Engine,
    jobs::{
        archive::{cluster, on_disk},
        deploy::{prepare::ids, write::same},
        session::Session,
    },
    store::{Replaced, Store, StoreError},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The newest release of a stack, where nobody drives it any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Interrupted {
    pub release: Release,
    journal: Vec<JournalEntry>,
    /// The specs that services had in this release and in those before it.
    known: Vec<BTreeMap<String, Value>>,
}

/// So many releases may have been interrupted in a row, one taking the place of the
/// other, before what they wrote is somebody else's.
const IN_A_ROW: usize = 8;

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
                let ReleaseKey { cluster, stack, .. } = &release.key;
                let journal = store.journal_of(&release.key)?;
                let mut known = Vec::new();
                for Release { key, .. } in store.releases(cluster, stack)?.iter().take(IN_A_ROW) {
                    known.extend(store.snapshot(key)?.map(|it| it.specs.services));
                }
                Ok(Self { release, journal, known })
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

    /// Returns the services that are neither as they were before nor as we ever wanted
    /// them: somebody else changed them since, and they are nobody's debt any more.
    pub fn overtaken(&self, live: &Live) -> Vec<ObjectName> {
        let is_ours = |name: &str, found: &Value, before: Option<&Value>| {
            let known = self.known.iter().filter_map(|it| it.get(name)).any(|it| {
                let mut spec = it.clone();
                bind_spec(name, &mut spec, &ids(live)).is_ok() && same(&spec, found, live)
            });
            known || before.is_some_and(|it| same(it, found, live))
        };
        let debts = self.debts().into_iter().filter(|it| it.object.kind == Kind::Services);
        let overtaken = debts.filter(|it| match live.services.get(&it.object.name) {
            Some(found) => !is_ours(&it.object.name, &found["Spec"], it.before.as_ref()),
            None => it.undo == Act::Update,
        });
        overtaken.map(|it| it.object).collect()
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

    /// Returns what the release that takes its place and these debts begins with.
    pub fn replaced(&self, debts: &[Debt]) -> Replaced {
        let (now, revision) = (Timestamp::now(), self.release.key.revision);
        let journal = debts.iter().map(|it| it.entry(now, revision)).collect();
        Replaced { revision, why: self.stood(), journal }
    }
}
