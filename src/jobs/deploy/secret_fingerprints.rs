//! Secret fingerprints: compares existing secrets with the files.
//!
//! The engine does not tell; it refuses an update that would change it. So skep
//! remembers fingerprints of what it sent: what differs is refused before anything is
//! touched, and what nobody knows is asked of the engine as docker does it, by an
//! update.

use crate::{
    domain::{
        compose::DesiredFile,
        deployment::{
            plan::{Effect, Notice, PlanStep, differs, warn},
            release::ReleaseState,
        },
        project::{
            Secrets,
            fingerprint::{Fingerprint, FingerprintKey},
        },
        swarm::{
            cluster::ObjectKind,
            objects::{PayloadObject, PayloadSpec},
        },
    },
    engine::Engine,
    jobs::{
        deploy::{Prepared, live::by_name},
        release_reader::{cluster_id, journal_in_doubt, live_release, on_disk},
        session::Session,
    },
    projects::secrets_of,
    store::{Parts, Remembered, Store, StoreError},
};
use std::collections::BTreeMap;

const UNKNOWN: &str =
    "skep did not deploy it, and the engine does not show its content: the deployment compares it";

/// So many releases back a value may still be live.
const REMEMBERED: usize = 20;

/// What is remembered of the secrets of a cluster.
struct Memory {
    key: FingerprintKey,
    by_id: BTreeMap<String, Fingerprint>,
}

/// Compares secrets of a plan with what is remembered of them. A state file that cannot
/// be read remembers nothing.
pub async fn compare(engine: &dyn Engine, store: &Store, prepared: &mut Prepared) {
    look_back(engine, store, prepared).await;
    if open(prepared).next().is_none() {
        return;
    }
    let memory = match cluster_id(engine).await {
        Ok(cluster) => on_disk(store.clone(), move |it| Memory::of(it, &cluster)).await,
        Err(_) => Ok(None),
    };
    let memory = memory.unwrap_or_default();
    let verdicts: BTreeMap<String, Option<bool>> = open(prepared)
        .map(|(step, file)| {
            let id = step.live.as_ref().map(|it| it.id.as_str()).unwrap_or_default();
            (step.name.clone(), memory.as_ref().and_then(|it| it.is_same(id, file)))
        })
        .collect();
    for step in prepared.plan.steps.iter_mut().filter(|it| it.kind == ObjectKind::Secrets) {
        match verdicts.get(&step.name) {
            Some(Some(false)) => step.effect = Effect::Refused(differs(&step.name)),
            Some(None) => step.notices.push(Notice::Warning(UNKNOWN.to_owned())),
            Some(Some(true)) | None => {}
        }
    }
}

/// Warns of what somebody changed since the last release, and hides secret values that an
/// earlier one brought into what is live: they may be others by now.
async fn look_back(engine: &dyn Engine, store: &Store, prepared: &mut Prepared) {
    if prepared.plan.steps.iter().all(|it| it.fields.is_empty()) {
        return;
    }
    let Ok(cluster) = cluster_id(engine).await else { return };
    let stack = prepared.plan.stack.clone();
    let past = on_disk(store.clone(), move |store| {
        let (mut private, mut last_well) = (0, None);
        let found = store.remembered(&cluster, &stack, |release| {
            private += usize::from(release.private);
            // Whatever is newer may hide it, but none before it can be live.
            let well = matches!(release.state, ReleaseState::Healthy | ReleaseState::Unhealthy);
            let snapshot = well && last_well.is_none();
            last_well = last_well.or(well.then_some(release.key.revision));
            let provenance = release.private && private <= REMEMBERED;
            Parts { snapshot, provenance, ..journal_in_doubt(release) }
        })?;
        let live = live_release(&found).filter(|it| it.whole).map(|it| it.revision);
        let live = live.filter(|it| last_well == Some(*it) && !is_open(&found));
        let (mut all, mut last) = (Secrets::default(), None);
        let mut private = 0;
        for Remembered { release, snapshot, .. } in found {
            let revision = release.key.revision;
            private += usize::from(release.private);
            let hides = release.private && private <= REMEMBERED;
            if !hides && live != Some(revision) {
                continue;
            }
            let Some(snapshot) = snapshot? else { continue };
            if hides {
                all.join(secrets_of(store, &snapshot.provenance)?);
            }
            if live == Some(revision) {
                last = Some((revision, snapshot.specs));
            }
        }
        Ok((all, last))
    });
    match past.await {
        Ok((secrets, last)) => {
            if let Some((revision, specs)) = last {
                warn(&mut prepared.plan, &specs, revision, &prepared.live);
            }
            prepared.plan.conceal(secrets);
        }
        Err(err) => tracing::warn!(%err, "earlier releases are not known"),
    }
}

/// Returns whether somebody is at the stack right now.
fn is_open(found: &[Remembered]) -> bool {
    found.first().is_some_and(|it| it.release.state.is_open())
}

/// Has the engine asked about the secrets that nobody knows.
pub fn ask(prepared: &mut Prepared) {
    let unknown = |it: &&mut PlanStep| {
        it.kind == ObjectKind::Secrets && it.notices.contains(&Notice::Warning(UNKNOWN.to_owned()))
    };
    for step in prepared.plan.steps.iter_mut().filter(unknown) {
        if step.effect == Effect::Unchanged {
            step.effect = Effect::InPlace;
        }
    }
}

/// Remembers what secrets hold that were created, or that the engine was asked about.
pub async fn remember(session: &Session, prepared: &Prepared) {
    let sent: Vec<&DesiredFile> = prepared
        .desired
        .secrets
        .iter()
        .filter(|it| {
            let written =
                |step: &&PlanStep| step.kind == ObjectKind::Secrets && step.name == it.name;
            let step = prepared.plan.steps.iter().find(written);
            step.is_some_and(|it| matches!(it.effect, Effect::Create | Effect::InPlace))
        })
        .collect();
    if sent.is_empty() {
        return;
    }
    let engine = &*session.engine;
    let (Ok(cluster), Ok(live)) =
        (cluster_id(engine).await, engine.list(ObjectKind::Secrets, None).await)
    else {
        return;
    };
    let live = by_name(live);
    let known: BTreeMap<String, String> = sent
        .into_iter()
        .filter_map(|it| {
            let id = PayloadObject(live.get(&it.name)?).id()?;
            Some((id.to_owned(), PayloadSpec(&it.body.0).data()?.to_owned()))
        })
        .collect();
    let kept =
        on_disk(session.store.clone(), move |it| it.remember_secrets(&cluster, &known)).await;
    if let Err(err) = kept {
        tracing::warn!(%err, "fingerprints of secrets could not be recorded");
    }
}

/// Returns the secrets that are there and have data in the files.
fn open(prepared: &Prepared) -> impl Iterator<Item = (&PlanStep, &DesiredFile)> {
    prepared
        .plan
        .steps
        .iter()
        .filter(|it| it.kind == ObjectKind::Secrets && it.live.is_some())
        .filter_map(|step| {
            let file = prepared.desired.secrets.iter().find(|it| it.name == step.name)?;
            PayloadSpec(&file.body.0).data().is_some().then_some((step, file))
        })
}

impl Memory {
    fn of(store: &Store, cluster: &str) -> Result<Option<Self>, StoreError> {
        let Some(key) = store.fingerprint_key()? else { return Ok(None) };
        Ok(Some(Self { key, by_id: store.fingerprints(cluster)? }))
    }

    /// Returns whether a secret holds what a file says; nothing where nobody knows.
    fn is_same(&self, id: &str, file: &DesiredFile) -> Option<bool> {
        let wanted = self.key.fingerprint(PayloadSpec(&file.body.0).data()?)?;
        Some(*self.by_id.get(id)? == wanted)
    }
}
