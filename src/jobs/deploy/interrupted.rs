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
        archive::{Obstacle, cluster, on_disk},
        deploy::{prepare::ids, write::same},
        session::Session,
    },
    store::{Replaced, Store, StoreError},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The newest release of a stack that nobody drives any more, though it has no end.
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
    /// Finds that of a stack. A release that takes over what an earlier one owes closes
    /// it; one that did not know of it, as it was made elsewhere, hides nothing.
    pub async fn of(session: &Session, stack: &StackName) -> Result<Option<Self>, Obstacle> {
        let stack = stack.clone();
        let all = move |store: &Store, cluster: &str| store.releases(cluster, &stack);
        let found = Self::among(&session.store, &*session.engine, all).await?;
        Ok(found.into_iter().next())
    }

    /// Finds those of a cluster.
    pub async fn all(store: &Store, engine: &dyn Engine) -> Result<Vec<Self>, Obstacle> {
        Self::among(store, engine, Store::all_releases).await
    }

    /// Finds the newest of each stack, among releases that come the newest first.
    async fn among(
        store: &Store,
        engine: &dyn Engine,
        all: impl FnOnce(&Store, &str) -> Result<Vec<Release>, StoreError> + Send + 'static,
    ) -> Result<Vec<Self>, Obstacle> {
        let cluster = cluster(engine).await?;
        let found = on_disk(store.clone(), move |store| {
            let read = |release: Release| {
                let ReleaseKey { cluster, stack, .. } = &release.key;
                let journal = store.journal_of(&release.key)?;
                let mut known = Vec::new();
                let earlier = store.releases(cluster, stack)?.into_iter();
                let earlier = earlier.skip_while(|it| it.key.revision > release.key.revision);
                for Release { key, .. } in earlier.take(IN_A_ROW) {
                    known.extend(store.snapshot(&key)?.map(|it| it.specs.services));
                }
                Ok(Self { release, journal, known })
            };
            let mut found = all(store, &cluster)?;
            found.retain(|it| it.state == ReleaseState::Interrupted);
            found.dedup_by(|next, newest| next.key.stack == newest.key.stack);
            found.into_iter().map(read).collect()
        });
        Ok(found.await?)
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
