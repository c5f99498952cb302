//! The release that a deployment leaves behind.

use crate::{
    domain::{
        cluster::Object,
        compose::{Desired, DesiredFile},
        release::{
            self, Release, ReleaseKey, ReleaseState, ResolvedSpecs, SecretReference,
            ServiceOutcome, Snapshot, SourceFile,
        },
    },
    engine::Engine,
    jobs::{JobContext, News, Verdict, deploy::Order, session::Session},
    store::{Store, StoreError},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::task::spawn_blocking;

/// The open release of a running deployment; nothing where there is no store.
pub struct Book {
    open: Option<(Store, ReleaseKey)>,
    services: BTreeMap<String, ServiceOutcome>,
}

impl Book {
    /// Writes the release down as deploying. A state file that cannot be written
    /// is told and does not stop a deployment.
    pub async fn open(
        session: &Session,
        order: &Order,
        desired: &Desired,
        context: &JobContext,
    ) -> Self {
        let mut book = Self { open: None, services: BTreeMap::new() };
        let Some(store) = session.store.clone() else { return book };
        let cluster = cluster(&*session.engine).await;
        let asked = release::Order {
            who: session.who.clone(),
            context: Some(session.context.clone()),
            address: session.engine.address(),
            message: order.message.clone(),
            queued: Timestamp::now(),
        };
        let (snapshot, stack) = (snapshot(order, desired), order.stack.clone());
        let written = on_disk(store.clone(), move |store| {
            let release = store.open_release(&cluster, &stack, asked, &snapshot)?;
            store.update_release(&release.key, |it| {
                it.state = ReleaseState::Deploying;
                it.started = Some(Timestamp::now());
            })?;
            Ok(release.key)
        });
        match written.await {
            Ok(key) => book.open = Some((store, key)),
            Err(err) => tell(&err, context),
        }
        book
    }

    /// Remembers how one service fares.
    pub fn note(&mut self, service: &str, outcome: ServiceOutcome) {
        self.services.insert(service.to_owned(), outcome);
    }

    /// Writes the end down.
    pub async fn close(self, verdict: &Verdict, context: &JobContext) {
        let Some((store, key)) = self.open else { return };
        let (verdict, services) = (verdict.clone(), self.services);
        let written = on_disk(store, move |store| {
            store.update_release(&key, |it| end(it, &verdict, services)).map(drop)
        });
        if let Err(err) = written.await {
            tell(&err, context);
        }
    }
}

fn end(release: &mut Release, verdict: &Verdict, services: BTreeMap<String, ServiceOutcome>) {
    release.finished = Some(Timestamp::now());
    release.services = services;
    (release.state, release.reason) = match verdict {
        Verdict::Succeeded(_) => (ReleaseState::Healthy, None),
        Verdict::Failed { why, .. } => (ReleaseState::Failed, Some(why.clone())),
        Verdict::Stopped(why) => (ReleaseState::Cancelled, Some(why.clone())),
    };
}

fn snapshot(order: &Order, desired: &Desired) -> Snapshot {
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
    let specs = ResolvedSpecs {
        services: desired.services.iter().map(|it| (it.name.clone(), it.spec.clone())).collect(),
        networks: desired.networks.iter().map(|it| (it.name.clone(), it.body.clone())).collect(),
        configs: bodies(&desired.configs),
        secrets: desired.secrets.iter().map(reference).collect(),
    };
    Snapshot { sources: sources.collect(), specs }
}

async fn cluster(engine: &dyn Engine) -> String {
    let swarm = engine.inspect(&Object::Swarm).await.unwrap_or(Value::Null);
    swarm["ID"].as_str().unwrap_or_default().to_owned()
}

async fn on_disk<T: Send + 'static>(
    store: Store,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let path = store.path();
    let done = spawn_blocking(move || work(&store)).await;
    done.unwrap_or_else(|err| Err(StoreError::Io { path, why: err.to_string() }))
}

fn tell(err: &StoreError, context: &JobContext) {
    tracing::warn!(%err, "the release could not be written");
    context.say(News::Note(format!("this release is not remembered: {err}; {}", err.hint())));
}
