//! Adoption: records the first release of a stack that docker deployed.
//!
//! So there is something to go back to before skep changes it for the first time.

use crate::{
    domain::{
        deployment::{
            adoption::{MESSAGE, found},
            plan::Live,
            release::{Order, Provenance, Release, ReleaseState, ServiceOutcome, Snapshot},
        },
        swarm::{cluster::Mode, names::StackName},
        text::count::plural,
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::live::{is_well, read},
        release_reader::{HistoryError, cluster_id, on_disk},
        retry::failed,
        session::Session,
    },
    projects::{known_secrets, secrecy},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Adopts a stack, and does nothing else.
pub async fn run(session: &Session, stack: &StackName) -> Verdict {
    let live = match read(&*session.engine, stack).await {
        Ok(live) => live,
        Err(err) => return failed(&err),
    };
    if live.services.is_empty() {
        let hint = Some("see `skep ls`".to_owned());
        return Verdict::Failed { why: format!("there is no stack `{stack}`"), hint };
    }
    match adopt(session, stack, &live).await {
        Ok(Some(release)) => Verdict::Succeeded(words(&release)),
        Ok(None) => Verdict::Succeeded(format!(
            "stack {stack} has releases already; `skep history {stack}` lists them"
        )),
        Err(err) => err.into(),
    }
}

/// Adopts a stack that is about to be changed, where it has no release yet.
pub async fn before(session: &Session, stack: &StackName, context: &JobContext) {
    match is_known(session, stack).await {
        Ok(true) => {}
        Ok(false) => match read(&*session.engine, stack).await {
            Ok(live) => first(session, stack, &live, context).await,
            Err(err) => tell(&err.into(), context),
        },
        Err(err) => tell(&err, context),
    }
}

/// Adopts a stack that was read, where it has no release yet. What cannot be written
/// is told, and stops nobody.
pub async fn first(session: &Session, stack: &StackName, live: &Live, context: &JobContext) {
    if live.services.is_empty() {
        return;
    }
    match adopt(session, stack, live).await {
        Ok(Some(release)) => context.say(News::Note(note(&release))),
        Ok(None) => {}
        Err(err) => tell(&err, context),
    }
}

async fn is_known(session: &Session, stack: &StackName) -> Result<bool, HistoryError> {
    let (cluster, stack) = (cluster_id(&*session.engine).await?, stack.clone());
    let known =
        on_disk(session.store.clone(), move |it| Ok(!it.releases(&cluster, &stack)?.is_empty()));
    Ok(known.await?)
}

async fn adopt(
    session: &Session,
    stack: &StackName,
    live: &Live,
) -> Result<Option<Release>, HistoryError> {
    if is_known(session, stack).await? {
        return Ok(None);
    }
    let cluster = cluster_id(&*session.engine).await?;
    let asked = Order {
        who: session.who.clone(),
        context: Some(session.context.clone()),
        address: session.engine.address(),
        message: MESSAGE.to_owned(),
        queued: Timestamp::now(),
    };
    let snapshot = Snapshot {
        sources: Vec::new(),
        specs: found(live, stack),
        provenance: Provenance::default(),
    };
    let (stack, mut services) = (stack.clone(), services(live));
    let context = session.context.clone();
    let written = on_disk(session.store.clone(), move |store| {
        // What was found holds the values that its project sets, where it has one.
        let mut snapshot = snapshot;
        snapshot.provenance = secrecy(store, &stack, &context)?;
        let secrets = known_secrets(store, &stack);
        let errors = services.values_mut().filter_map(|it| it.error.as_mut());
        errors.for_each(|it| secrets.clean(it));
        store.first_release(&cluster, &stack, asked, snapshot, |it| {
            let well = services.values().all(|it| it.state == ReleaseState::Healthy);
            it.state = if well { ReleaseState::Healthy } else { ReleaseState::Unhealthy };
            it.reason =
                (!well).then(|| format!("not well when it was found: {}", ailing(&services)));
            it.services = services;
            it.adopted = true;
        })
    });
    Ok(written.await?)
}

/// Returns how each service fares, by its full name.
fn services(live: &Live) -> BTreeMap<String, ServiceOutcome> {
    let outcome = |name: &String| {
        let service = live.all.iter().find(|it| *it.name == **name)?;
        let well = is_well(name, live);
        let tasks = live.tasks.iter().filter(|it| it.service.as_ref() == Some(&service.id));
        let newest = tasks.filter(|it| !well && !it.error.is_empty()).max_by_key(|it| it.since);
        let outcome = ServiceOutcome {
            state: if well { ReleaseState::Healthy } else { ReleaseState::Unhealthy },
            desired: match service.mode {
                Mode::ReplicatedJob { total, .. } => total,
                _ => service.desired,
            },
            running: match service.mode {
                Mode::ReplicatedJob { .. } => service.completed,
                _ => service.running,
            },
            updated: service.updated,
            error: newest.map(|it| it.error.clone()),
            failed: None,
        };
        Some((name.clone(), outcome))
    };
    live.services.keys().filter_map(outcome).collect()
}

fn ailing(services: &BTreeMap<String, ServiceOutcome>) -> String {
    let ailing = services.iter().filter(|it| it.1.state != ReleaseState::Healthy);
    let words = ailing.map(|(name, it)| format!("{name} {}/{}", it.running, it.desired));
    words.collect::<Vec<_>>().join(", ")
}

fn words(release: &Release) -> String {
    let services = plural(release.services.len() as u64, "service");
    let reason = release.reason.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let (revision, stack) = (release.key.revision, &release.key.stack);
    format!("adopted as release {revision} of stack {stack}: {services} as found{reason}")
}

/// Says the same to somebody who asked for something else.
fn note(release: &Release) -> String {
    let reason = release.reason.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let (revision, stack) = (release.key.revision, &release.key.stack);
    format!("what runs now is recorded as release {revision} of stack {stack}{reason}")
}

fn tell(err: &HistoryError, context: &JobContext) {
    tracing::warn!(%err, "the stack could not be adopted");
    context.say(News::Note(format!("what was found could not be recorded as a release: {err}")));
}
