//! Interrupted deployments of this machine.

use crate::{
    domain::{
        compose::bind_spec,
        deployment::{
            deploy::{Act, Debt, ObjectName, debts, stood},
            plan::Live,
            release::{JournalEntry, Release, ReleaseState, Snapshot},
        },
        swarm::{cluster::ObjectKind, names::StackName, objects::ServiceObject},
    },
    engine::Engine,
    jobs::{
        deploy::live::same,
        release_reader::{HistoryError, cluster_id, on_disk},
        session::Session,
    },
    store::{Parts, Remembered, Replaced, Store, StoreError},
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

/// Says what of a release is wanted beside it.
type Wanted<'a> = &'a mut dyn FnMut(&Release) -> Parts;

impl Interrupted {
    /// Finds that of a stack. A release that takes over what an earlier one owes closes
    /// it; one that did not know of it, as it was made elsewhere, hides nothing.
    pub async fn of(session: &Session, stack: &StackName) -> Result<Option<Self>, HistoryError> {
        let stack = stack.clone();
        let all = move |store: &Store, cluster: &str, parts: Wanted<'_>| {
            store.remembered(cluster, &stack, parts)
        };
        let found = Self::among(&session.store, &*session.engine, all).await?;
        Ok(found.into_iter().next())
    }

    /// Finds those of a cluster.
    pub async fn all(store: &Store, engine: &dyn Engine) -> Result<Vec<Self>, HistoryError> {
        let all =
            |store: &Store, cluster: &str, parts: Wanted<'_>| store.all_remembered(cluster, parts);
        Self::among(store, engine, all).await
    }

    /// Finds the newest of each stack, among releases that come the newest first.
    async fn among(
        store: &Store,
        engine: &dyn Engine,
        all: impl FnOnce(&Store, &str, Wanted<'_>) -> Result<Vec<Remembered>, StoreError>
        + Send
        + 'static,
    ) -> Result<Vec<Self>, HistoryError> {
        let cluster = cluster_id(engine).await?;
        let found = on_disk(store.clone(), move |store| {
            // The stack of the newest one, and how many releases up to it were wanted.
            let mut at: Option<(StackName, usize)> = None;
            let mut wants = |it: &Release| match &mut at {
                Some((stack, count)) if *stack == it.key.stack => {
                    *count += 1;
                    Parts { snapshot: *count <= IN_A_ROW, ..Parts::NONE }
                }
                _ if it.state == ReleaseState::Interrupted => {
                    at = Some((it.key.stack.clone(), 1));
                    Parts { snapshot: true, ..Parts::JOURNAL }
                }
                _ => Parts::NONE,
            };
            let mut found: Vec<Self> = Vec::new();
            for Remembered { release, snapshot, journal } in all(store, &cluster, &mut wants)? {
                let known = found.last_mut().filter(|it| it.release.key.stack == release.key.stack);
                let specs = |it: Option<Snapshot>| it.map(|it| it.specs.services);
                match known {
                    Some(interrupted) => interrupted.known.extend(specs(snapshot?)),
                    None if release.state == ReleaseState::Interrupted => {
                        let known = specs(snapshot?).into_iter().collect();
                        found.push(Self { release, journal: journal?, known });
                    }
                    None => {}
                }
            }
            Ok(found)
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
                bind_spec(name, &mut spec, &live.ids()).is_ok() && same(&spec, found, live)
            });
            known || before.is_some_and(|it| same(it, found, live))
        };
        let debts = self.debts().into_iter().filter(|it| it.object.kind == ObjectKind::Services);
        let overtaken = debts.filter(|it| match live.services.get(&it.object.name) {
            Some(found) => {
                !is_ours(&it.object.name, ServiceObject(found).spec().0, it.before.as_ref())
            }
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
