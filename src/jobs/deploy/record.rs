//! The release that a deployment leaves behind.

use crate::{
    domain::{
        compose::{DesiredFile, DesiredService},
        names::StackName,
        plan::Effect,
        release::{
            self, JournalEntry, Release, ReleaseKey, ReleaseState, ResolvedSpecs, SecretReference,
            ServiceOutcome, Snapshot, SourceFile,
        },
    },
    jobs::{
        JobContext, News, Verdict,
        archive::{cluster, on_disk},
        deploy::{Order, Prepared, interrupted::Interrupted},
        driving::Driving,
        session::Session,
    },
    store::{Opening, Replaced, Store, StoreError},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is written down of a running deployment; nothing where there is no store, or
/// where nobody would see it die: it would seem dead already.
///
/// A state file that cannot be written is told and does not stop a deployment.
pub struct Book {
    place: Option<Place>,
    /// The release that is deployed now.
    open: Option<ReleaseKey>,
}

struct Place {
    store: Store,
    cluster: String,
    stack: StackName,
}

impl Book {
    /// Finds the place of a stack in the store.
    pub async fn of(session: &Session, stack: &StackName) -> Self {
        let Some(store) = session.store.clone() else { return Self { place: None, open: None } };
        // Without a name of its own, releases of the cluster are still together.
        let cluster = cluster(&*session.engine).await.unwrap_or_default();
        Self { place: Some(Place { store, cluster, stack: stack.clone() }), open: None }
    }

    /// Returns the specs with which services were seen healthy last, by full name.
    pub async fn healthy_specs(&self, services: &[&String]) -> BTreeMap<String, Value> {
        let Some(Place { store, cluster, stack }) = &self.place else { return BTreeMap::new() };
        let (cluster, stack) = (cluster.clone(), stack.clone());
        let mut wanted: BTreeSet<String> = services.iter().copied().cloned().collect();
        let found = on_disk(store.clone(), move |store| {
            let mut found = BTreeMap::new();
            for release in store.releases(&cluster, &stack)? {
                let healthy = |it: &&String| {
                    release.services.get(*it).is_some_and(|it| it.state == ReleaseState::Healthy)
                };
                let here: Vec<String> = wanted.iter().filter(healthy).cloned().collect();
                if here.is_empty() {
                    continue;
                }
                let Some(mut snapshot) = store.snapshot(&release.key)? else { continue };
                for name in here {
                    wanted.remove(&name);
                    let spec = snapshot.specs.services.remove(&name);
                    found.extend(spec.map(|it| (name, it)));
                }
            }
            Ok(found)
        });
        // Without a memory, what is live is what there is to go back to.
        found.await.unwrap_or_default()
    }

    /// Writes the release down as deploying, in the place of an interrupted one where
    /// there is one: its debts are those of this one from now on.
    pub async fn open(
        &mut self,
        session: &Session,
        driving: &Driving,
        order: &Order,
        prepared: &Prepared,
        replaces: Option<Replaced>,
        context: &JobContext,
    ) {
        let Some(Place { store, cluster, stack }) = &self.place else { return };
        if !driving.is_seen() {
            return;
        }
        let asked = release::Order {
            who: session.who.clone(),
            context: Some(session.context.clone()),
            address: session.engine.address(),
            message: order.message.clone(),
            queued: Timestamp::now(),
        };
        let opening = Opening {
            cluster: cluster.clone(),
            stack: stack.clone(),
            order: asked,
            snapshot: snapshot(order, prepared),
            driver: driving.driver.token.clone(),
            replaces,
        };
        match on_disk(store.clone(), move |store| store.open_release(opening)).await {
            Ok(release) => self.open = Some(release.key),
            Err(err) => tell(&err, context),
        }
    }

    /// Takes an interrupted release over, to finish or undo it. Returns whether it is
    /// still there to be taken.
    pub async fn resume(
        &mut self,
        driving: &Driving,
        interrupted: &Interrupted,
    ) -> Result<bool, StoreError> {
        let Some(Place { store, .. }) = &self.place else { return Ok(false) };
        let (key, token) = (interrupted.release.key.clone(), driving.driver.token.clone());
        self.open = Some(key.clone());
        on_disk(store.clone(), move |store| store.resume_release(&key, &token)).await
    }

    /// Adds entries to the journal of the release; before the steps, and after.
    pub async fn journal(&self, entries: Vec<JournalEntry>, context: &JobContext) {
        let (Some(Place { store, .. }), Some(key)) = (&self.place, self.open.clone()) else {
            return;
        };
        let written = on_disk(store.clone(), move |store| {
            entries.iter().try_for_each(|it| store.journal(&key, it))
        });
        if let Err(err) = written.await {
            tell(&err, context);
        }
    }

    /// Writes the end down; the remark where the verdict gives no reason.
    pub async fn close(
        self,
        verdict: &Verdict,
        services: BTreeMap<String, ServiceOutcome>,
        remark: Option<String>,
        context: &JobContext,
    ) {
        let (Some(Place { store, .. }), Some(key)) = (self.place, self.open) else { return };
        let verdict = verdict.clone();
        let written = on_disk(store, move |store| {
            let end = |it: &mut Release| {
                end(it, &verdict, services);
                it.reason = it.reason.take().or(remark);
            };
            store.update_release(&key, end).map(drop)
        });
        if let Err(err) = written.await {
            tell(&err, context);
        }
    }
}

fn end(release: &mut Release, verdict: &Verdict, services: BTreeMap<String, ServiceOutcome>) {
    release.finished = Some(Timestamp::now());
    release.services = services;
    release.restored = match verdict {
        Verdict::RolledBack(_) => Some(true),
        Verdict::NeedsPerson { .. } => Some(false),
        _ => None,
    };
    (release.state, release.reason) = match verdict {
        // Only a detached deployment succeeds without having seen its services to an end.
        Verdict::Succeeded(_)
            if release.services.values().any(|it| it.state == ReleaseState::Cancelled) =>
        {
            (ReleaseState::Sent, None)
        }
        Verdict::Succeeded(_) => (ReleaseState::Healthy, None),
        Verdict::Failed { why, .. } => (ReleaseState::Failed, Some(why.clone())),
        Verdict::Stopped(why) => (ReleaseState::Cancelled, Some(why.clone())),
        Verdict::RolledBack(why) => (ReleaseState::RolledBack, Some(why.clone())),
        Verdict::NeedsPerson { .. } => (ReleaseState::Failed, Some(verdict.to_string())),
    };
}

fn snapshot(order: &Order, prepared: &Prepared) -> Snapshot {
    let desired = &prepared.desired;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let path = |name: &str| {
        std::path::absolute(name).map_or_else(|_| name.to_owned(), |it| it.display().to_string())
    };
    let sources = order
        .sources
        .files
        .iter()
        .map(|it| SourceFile { path: path(&it.name), text: text(&it.bytes) });
    let bodies = |files: &[DesiredFile]| {
        files.iter().map(|it| (it.name.clone(), it.body.0.clone())).collect()
    };
    let reference = |it: &DesiredFile| {
        let labels = it.body.0["Labels"].as_object().into_iter().flatten();
        let labels =
            labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        (it.name.clone(), SecretReference { id: String::new(), labels: labels.collect() })
    };
    let goes = prepared.plan.steps.iter().filter(|it| it.effect == Effect::Remove);
    let specs = ResolvedSpecs {
        services: desired.services.iter().map(|it| (it.name.clone(), it.spec.clone())).collect(),
        networks: desired.networks.iter().map(|it| (it.name.clone(), it.body.clone())).collect(),
        configs: bodies(&desired.configs),
        secrets: desired.secrets.iter().map(reference).collect(),
        depends_on: depends_on(&desired.services),
        gone: goes.map(|it| it.name.clone()).collect(),
    };
    Snapshot { sources: sources.collect(), specs }
}

/// Returns the services that each service waits for, all by their full names.
fn depends_on(services: &[DesiredService]) -> BTreeMap<String, Vec<String>> {
    let named = |key: &String| services.iter().find(|it| it.key == *key).map(|it| it.name.clone());
    let waits = services.iter().filter(|it| !it.depends_on.is_empty());
    waits.map(|it| (it.name.clone(), it.depends_on.iter().filter_map(named).collect())).collect()
}

fn tell(err: &StoreError, context: &JobContext) {
    tracing::warn!(%err, "the release could not be written");
    context.say(News::Note(format!("this release is not remembered: {err}; {}", err.hint())));
}
