//! Rollback to an earlier release: prepared from its record, not from files.

use crate::{
    domain::{
        compose::ComposeFile,
        deployment::{
            deploy::Mode,
            plan::{Effect, plan},
            release::{Release, ReleaseState, Snapshot},
            resolve::Resolve,
            rollback,
        },
        swarm::names::StackName,
    },
    engine::Engine,
    jobs::{
        Verdict,
        deploy::{
            DeployOrder, Prepared, RecoveryOrder, RollbackOrder,
            live::{bind_known, read},
            preflight::preflight,
        },
        release_reader::{ReleaseReader, on_disk},
        retry::{failed, store_failed},
    },
    projects::{Sources, known_secrets, secrets_of},
    store::Store,
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

/// What to do about a secret that a release needs and the cluster does not have.
const UNBOUND: &str = "a release keeps the names of secrets, but never their contents: create it again, or deploy a file";

/// Prepares it; nothing is changed. Images are those of the release, to the
/// digest. What later releases added goes.
pub async fn prepare(
    engine: &dyn Engine,
    store: &Store,
    request: &RollbackOrder,
) -> Result<(DeployOrder, Prepared), Verdict> {
    let (stack, revision) = (&request.stack, request.revision);
    let reader = ReleaseReader::of(engine, store, stack).await;
    let reader = reader.map_err(|err| failed(&err))?;
    let release = find(&reader, stack, revision).await?;
    let snapshot = snapshot(&reader, stack, revision).await?;
    let services = reader.services().await.map_err(|err| store_failed(&err))?;
    let goes = rollback::came_later(&services, revision);
    let mut prepared = from_snapshot(engine, store, stack, &snapshot, &goes).await?;
    prepared.notes.extend(note(&release));
    Ok((order(request, snapshot), prepared))
}

/// Prepares the rest of a release that was interrupted; nothing is changed.
pub async fn prepare_rest(
    engine: &dyn Engine,
    store: &Store,
    request: &RecoveryOrder,
) -> Result<(DeployOrder, Prepared), Verdict> {
    let (stack, revision) = (&request.stack, request.revision);
    let reader = ReleaseReader::of(engine, store, stack).await;
    let reader = reader.map_err(|err| failed(&err))?;
    let snapshot = snapshot(&reader, stack, revision).await?;
    let prepared = from_snapshot(engine, store, stack, &snapshot, &snapshot.specs.gone).await?;
    let request = RollbackOrder {
        stack: stack.clone(),
        revision,
        with_registry_auth: request.with_registry_auth,
        message: String::new(),
        mode: Mode::Safe,
        confirmed: None,
    };
    Ok((order(&request, snapshot), prepared))
}

/// Plans the way to what a release had; of services that it does not have, these go.
async fn from_snapshot(
    engine: &dyn Engine,
    store: &Store,
    stack: &StackName,
    snapshot: &Snapshot,
    goes: &BTreeSet<String>,
) -> Result<Prepared, Verdict> {
    let live = read(engine, stack).await.map_err(|err| failed(&err))?;
    let mut desired = rollback::desired(&snapshot.specs, &live);
    bind_known(&mut desired, &live);
    let preflight = preflight(engine, &desired, &live, &[], UNBOUND, Vec::new()).await;
    let preflight = preflight.map_err(|err| failed(&err))?;
    let mut plan = plan(stack, &desired, &live, true);
    plan.steps.retain(|it| it.effect != Effect::Remove || goes.contains(&it.name));
    let provenance = snapshot.provenance.clone();
    let of = stack.clone();
    // What is live came of another release, with values of its own.
    let secrets = on_disk(store.clone(), move |store| {
        let mut secrets = secrets_of(store, &provenance)?;
        secrets.join(known_secrets(store, &of));
        Ok(secrets)
    });
    let secrets = secrets.await.map_err(|err| store_failed(&err))?;
    plan.explain(Vec::new(), secrets.clone());
    let notes = preflight.warnings();
    let jobs = Vec::new();
    let mut prepared = Prepared { plan, desired, live, notes, preflight, jobs };
    prepared.hide(&secrets);
    Ok(prepared)
}

/// Says which release is live and which comes back, as far as it is known.
pub async fn words(
    engine: &dyn Engine,
    store: &Store,
    request: &RollbackOrder,
) -> Result<String, Verdict> {
    let reader = ReleaseReader::of(engine, store, &request.stack).await;
    let reader = reader.map_err(|err| failed(&err))?;
    let live = reader.history().await.map_err(|err| store_failed(&err))?.1;
    let revision = request.revision;
    Ok(match live {
        Some(live) if live.revision == revision => {
            format!("{} is the live one: changes since then are undone", live.words())
        }
        Some(live) => format!("{} is live; release {revision} is restored", live.words()),
        None => format!("no release is live; release {revision} is restored"),
    })
}

/// Returns the release to go back to where nobody names one.
pub async fn target(engine: &dyn Engine, store: &Store, stack: &StackName) -> Result<u32, Verdict> {
    let reader = ReleaseReader::of(engine, store, stack).await;
    let reader = reader.map_err(|err| failed(&err))?;
    let (releases, live) = reader.history().await.map_err(|err| store_failed(&err))?;
    if releases.is_empty() {
        let why = format!("stack `{stack}` was not deployed with skep from this machine");
        let hint = "`skep ls` lists the stacks; nothing was touched".to_owned();
        return Err(Verdict::Failed { why, hint: Some(hint) });
    }
    let none = || {
        let live = live.map(|it| format!(": {} is live", it.words())).unwrap_or_default();
        let why = format!("stack `{stack}` has no earlier healthy release that differs{live}");
        refused(why, stack)
    };
    reader.target().await.map_err(|err| store_failed(&err))?.ok_or_else(none)
}

async fn find(
    reader: &ReleaseReader,
    stack: &StackName,
    revision: u32,
) -> Result<Release, Verdict> {
    let found = reader.release(revision).await.map_err(|err| store_failed(&err))?;
    found.ok_or_else(|| refused(format!("stack `{stack}` has no release {revision}"), stack))
}

async fn snapshot(
    reader: &ReleaseReader,
    stack: &StackName,
    revision: u32,
) -> Result<Snapshot, Verdict> {
    let found = reader.snapshot(revision).await.map_err(|err| store_failed(&err))?;
    found.ok_or_else(|| refused(format!("release {revision} left nothing in the cluster"), stack))
}

fn order(request: &RollbackOrder, snapshot: Snapshot) -> DeployOrder {
    let source =
        |path: String, text: String| ComposeFile { name: path.into(), bytes: text.into_bytes() };
    let provenance = snapshot.provenance;
    let files = snapshot.sources.into_iter().map(|it| source(it.path, it.text)).collect();
    let sources = Sources {
        files,
        working_dir: PathBuf::from("/"),
        environment: Arc::default(),
        managed: None,
        provenance,
    };
    DeployOrder {
        resolve: Resolve::Never,
        with_registry_auth: request.with_registry_auth,
        prune: true,
        message: rollback::message(request.revision, &request.message),
        mode: request.mode,
        confirmed: request.confirmed.clone(),
        ..DeployOrder::of(request.stack.clone(), sources)
    }
}

fn note(release: &Release) -> Option<String> {
    let Release { key, state, .. } = release;
    let fine = *state == ReleaseState::Healthy;
    (!fine).then(|| format!("release {} did not end healthy: {state}", key.revision))
}

fn refused(why: String, stack: &StackName) -> Verdict {
    let hint = format!("`skep history {stack}` lists its releases; nothing was touched");
    Verdict::Failed { why, hint: Some(hint) }
}
