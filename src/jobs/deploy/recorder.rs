//! The release recorder: stores the release and the journal of a deployment.

use crate::{
    domain::{
        compose::{DesiredFile, DesiredService},
        deployment::{
            deploy::Mode,
            plan::Effect,
            release::{
                self, JournalEntry, Release, ReleaseKey, ReleaseState, ResolvedSpecs,
                SecretReference, ServiceOutcome, Snapshot, SourceFile,
            },
            rollback::{self, LiveRelease},
        },
        project::Secrets,
        swarm::{names::StackName, objects::PayloadSpec},
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::{DeployOrder, Prepared, RecoveryWay, interrupted::Interrupted},
        lease::LocalOwner,
        release_reader::{HistoryError, cluster_id, journal_in_doubt, live_release, on_disk},
        session::Session,
    },
    projects::see,
    store::{Opening, Parts, Replaced, Store, StoreError},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

/// How long to try to write the end of a release, and how often. A disk is cleared in
/// minutes, and nobody else gets the stack until then.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_secs(5);

/// What is written down of a running deployment; nothing where nobody would see it die:
/// it would seem dead already.
///
/// A safe deployment needs it. Where there is no place for a state at all, and where all
/// care was waived, that it is missing is told.
pub struct Recorder {
    place: Place,
    /// The release that is deployed now.
    open: Option<ReleaseKey>,
    /// What is written of it is sealed.
    private: bool,
}

struct Place {
    store: Store,
    cluster: String,
    stack: StackName,
}

impl Recorder {
    /// Finds the place of a stack in the store. What is filed under no cluster is never
    /// found again, so an engine that does not say which it is ends it here.
    pub async fn of(session: &Session, stack: &StackName) -> Result<Self, HistoryError> {
        let (store, stack) = (session.store.clone(), stack.clone());
        let cluster = cluster_id(&*session.engine).await?;
        Ok(Self { place: Place { store, cluster, stack }, open: None, private: false })
    }

    /// Returns the specs with which services were seen healthy last, by full name.
    pub async fn healthy_specs(&self, services: &[&String]) -> BTreeMap<String, Value> {
        let Place { store, cluster, stack } = &self.place;
        let (cluster, stack) = (cluster.clone(), stack.clone());
        let mut wanted: BTreeSet<String> = services.iter().copied().cloned().collect();
        let found = on_disk(store.clone(), move |store| {
            let mut here: BTreeMap<u32, Vec<String>> = BTreeMap::new();
            let remembered = store.remembered(&cluster, &stack, |release| {
                let healthy = |it: &&String| {
                    release.services.get(*it).is_some_and(|it| it.state == ReleaseState::Healthy)
                };
                let found: Vec<String> = wanted.iter().filter(healthy).cloned().collect();
                wanted.retain(|it| !found.contains(it));
                let snapshot = !found.is_empty();
                here.insert(release.key.revision, found);
                Parts { snapshot, ..Parts::NONE }
            })?;
            let mut found = BTreeMap::new();
            for it in remembered {
                let Some(mut snapshot) = it.snapshot? else { continue };
                for name in here.remove(&it.release.key.revision).unwrap_or_default() {
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
    /// there is one: its debts are those of this one from now on. An error says that
    /// somebody else recovered it meanwhile.
    pub async fn open(
        &mut self,
        session: &Session,
        owner: &LocalOwner,
        order: &DeployOrder,
        prepared: &Prepared,
        replaces: Option<Replaced>,
        context: &JobContext,
    ) -> Result<(), Verdict> {
        let Place { store, cluster, stack } = &self.place;
        let writes = replaces.is_some() || !prepared.plan.is_empty();
        if let Some(err) = owner.unseen() {
            return if writes { without_journal(err, order.mode) } else { Ok(()) };
        }
        let asked = release::Order {
            who: session.who.clone(),
            context: Some(session.context.clone()),
            address: session.engine.address(),
            message: context.secrets().hide(&order.message).into_owned(),
            queued: Timestamp::now(),
        };
        let opening = Opening {
            cluster: cluster.clone(),
            stack: stack.clone(),
            order: asked,
            snapshot: snapshot(order, prepared),
            driver: owner.driver.token.clone(),
            replaces,
        };
        match on_disk(store.clone(), move |store| store.open_release(opening)).await {
            Ok(Some(release)) => {
                context.say(News::Released(release.key.clone()));
                (self.open, self.private) = (Some(release.key), release.private);
                self.see(order).await;
            }
            Ok(None) => return Err(outdated(stack)),
            Err(err) => {
                if writes {
                    without_journal(&err, order.mode)?;
                }
                tracing::warn!(%err, "the release could not be written");
                let note = format!("this release is not recorded: {err}; {}", err.hint());
                context.say(News::Note(note));
            }
        }
        Ok(())
    }

    /// Returns the release that is live before this one; nothing where nobody knows.
    pub async fn live(&self) -> Option<LiveRelease> {
        let Place { store, cluster, stack } = &self.place;
        let (cluster, stack) = (cluster.clone(), stack.clone());
        let found =
            on_disk(store.clone(), move |it| it.remembered(&cluster, &stack, journal_in_doubt));
        live_release(&found.await.ok()?)
    }

    /// Returns the number of the release that is written.
    pub fn revision(&self) -> Option<u32> {
        self.open.as_ref().map(|it| it.revision)
    }

    /// Returns the release that this one would be once more: the newest that stayed, where
    /// it came of the same files and has the same specs.
    pub async fn repeats(&self, order: &DeployOrder, prepared: &Prepared) -> Option<u32> {
        let Place { store, cluster, stack } = &self.place;
        let (cluster, stack, wanted) = (cluster.clone(), stack.clone(), snapshot(order, prepared));
        let found = on_disk(store.clone(), move |store| {
            let mut seen = false;
            let newest = |it: &Release| Parts {
                snapshot: it.stayed() && !mem::replace(&mut seen, true),
                ..Parts::NONE
            };
            let remembered = store.remembered(&cluster, &stack, newest)?;
            let Some(newest) = remembered.into_iter().find(|it| it.release.stayed()) else {
                return Ok(None);
            };
            let Some(known) = newest.snapshot? else { return Ok(None) };
            let same = known.sources == wanted.sources
                && known.provenance.inputs == wanted.provenance.inputs
                && rollback::is_same(&known.specs, &wanted.specs);
            Ok(same.then_some(newest.release.key.revision))
        });
        found.await.ok().flatten()
    }

    /// What is deployed of linked files is taken as it is, whoever wrote it.
    async fn see(&self, order: &DeployOrder) {
        let Some(inputs) = &order.sources.provenance.inputs else { return };
        let (store, path) = (self.place.store.clone(), inputs.path.clone());
        match spawn_blocking(move || see(&store, &path)).await {
            Ok(Ok(())) => {}
            Ok(Err(trouble)) => tracing::warn!(%trouble, "linked files seem changed outside"),
            Err(err) => tracing::warn!(%err, "linked files seem changed outside"),
        }
    }

    /// Takes an interrupted release over, to finish or undo it. Returns whether it is
    /// still there to be taken.
    pub async fn resume(
        &mut self,
        owner: &LocalOwner,
        interrupted: &Interrupted,
    ) -> Result<bool, StoreError> {
        let (key, token) = (interrupted.release.key.clone(), owner.driver.token.clone());
        (self.open, self.private) = (Some(key.clone()), interrupted.release.private);
        let store = self.place.store.clone();
        on_disk(store, move |store| store.resume_release(&key, &token)).await
    }

    /// Adds entries to the journal of the release, where there is one; before the steps, and
    /// after.
    pub async fn journal(&self, entries: Vec<JournalEntry>) -> Result<(), StoreError> {
        let Some(key) = self.open.clone() else { return Ok(()) };
        let (store, private) = (self.place.store.clone(), self.private);
        on_disk(store, move |store| store.journal(&key, private, entries)).await
    }

    /// Writes the end down; the remark where the verdict gives no reason. Tries for a
    /// while: without its end it reads as interrupted, and somebody may undo what is well.
    pub async fn close(
        self,
        verdict: &Verdict,
        services: BTreeMap<String, ServiceOutcome>,
        remark: Option<String>,
        context: &JobContext,
    ) {
        let (store, Some(key)) = (self.place.store, self.open) else { return };
        let (verdict, services, remark) = hidden(verdict, services, remark, &context.secrets());
        let verdict = &verdict;
        let (began, finished, mut told) = (Instant::now(), Timestamp::now(), false);
        loop {
            let about = (key.clone(), verdict.clone(), services.clone(), remark.clone());
            let written = on_disk(store.clone(), move |store| {
                let (key, verdict, services, remark) = about;
                let end = |it: &mut Release| {
                    it.finished = Some(finished);
                    end(it, &verdict, services);
                    it.reason = it.reason.take().or(remark);
                };
                store.update_release(&key, end).map(drop)
            });
            let Err(err) = written.await else { return };
            if !err.may_pass() || began.elapsed() > PATIENCE {
                tracing::warn!(%err, "the end of a release could not be written");
                return context.say(News::Note(endless(&key, verdict, &err)));
            }
            if !told {
                told = true;
                let patience = PATIENCE.as_secs();
                let note = format!(
                    "its end cannot be recorded, skep keeps trying for {patience}s: {err}; {}",
                    err.hint()
                );
                context.say(News::Note(note));
            }
            sleep(PAUSE).await;
        }
    }
}

fn end(release: &mut Release, verdict: &Verdict, services: BTreeMap<String, ServiceOutcome>) {
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

/// Returns an end without secret values: engines repeat what they were sent.
fn hidden(
    verdict: &Verdict,
    mut services: BTreeMap<String, ServiceOutcome>,
    mut remark: Option<String>,
    secrets: &Secrets,
) -> (Verdict, BTreeMap<String, ServiceOutcome>, Option<String>) {
    let mut verdict = verdict.clone();
    verdict.each_text(&mut |it| secrets.clean(it));
    let errors = services.values_mut().filter_map(|it| it.error.as_mut());
    errors.chain(&mut remark).for_each(|it| secrets.clean(it));
    for failed in services.values_mut().filter_map(|it| it.failed.as_mut()) {
        failed.lines.iter_mut().chain([&mut failed.image]).for_each(|it| secrets.clean(it));
    }
    (verdict, services, remark)
}

fn snapshot(order: &DeployOrder, prepared: &Prepared) -> Snapshot {
    let desired = &prepared.desired;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_managed = order.sources.provenance.inputs.is_some();
    let path = |name: &str| match is_managed {
        // What the state keeps is nowhere on disk.
        true => name.to_owned(),
        false => std::path::absolute(name)
            .map_or_else(|_| name.to_owned(), |it| it.display().to_string()),
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
        let labels = PayloadSpec(&it.body.0).labels().all();
        let labels = labels.map(|(name, text)| (name.to_owned(), text.to_owned()));
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
    let provenance = order.sources.provenance.clone();
    Snapshot { sources: sources.collect(), specs, provenance }
}

/// Returns the services that each service waits for, all by their full names.
fn depends_on(services: &[DesiredService]) -> BTreeMap<String, Vec<String>> {
    let named = |key: &String| services.iter().find(|it| it.key == *key).map(|it| it.name.clone());
    let waits = services.iter().filter(|it| !it.depends_on.is_empty());
    waits.map(|it| (it.name.clone(), it.depends_on.iter().filter_map(named).collect())).collect()
}

/// Says what to do about a release that has an end which nobody will know.
fn endless(key: &ReleaseKey, verdict: &Verdict, err: &StoreError) -> String {
    let ReleaseKey { stack, revision, .. } = key;
    let way = match verdict {
        Verdict::Succeeded(_) => Some(RecoveryWay::Finish),
        Verdict::RolledBack(_) => Some(RecoveryWay::Undo),
        // What there is was left as it is.
        _ => None,
    };
    let advice = way.map(|way| {
        format!("`skep recover {stack} --{way}` records its end, and changes nothing unless somebody changed the stack")
    });
    let advice = advice
        .unwrap_or_else(|| format!("`skep recover {stack}` asks whether to finish or undo it"));
    format!(
        "release {revision} of {stack} ended ({verdict}), but that could not be recorded: {err}; {}; from now on it counts as interrupted: {advice}",
        err.hint()
    )
}

fn outdated(stack: &StackName) -> Verdict {
    let why = format!("somebody recovered the interrupted release of {stack} just now");
    let hint = "nothing was touched; try again: the plan has changed".to_owned();
    Verdict::Failed { why, hint: Some(hint) }
}

/// Refuses to write what nobody could undo after a kill, but where that was waived: a fast
/// deployment takes nothing back anyway. Whoever has no place for a state keeps none.
pub fn without_journal(err: &StoreError, mode: Mode) -> Result<(), Verdict> {
    if mode != Mode::Safe || matches!(err, StoreError::Nowhere) {
        return Ok(());
    }
    let why =
        format!("no journal can be kept, so an interrupted deployment could not be undone: {err}");
    let hint = format!(
        "nothing was touched; {}; or deploy with `--mode fast`, which keeps no journal there and undoes nothing",
        err.hint()
    );
    Err(Verdict::Failed { why, hint: Some(hint) })
}
