//! The state of the demo: releases, a failed deployment, a pending change, and a stack that was
//! never deployed.

use crate::{
    domain::{
        deployment::{
            adoption,
            release::{
                FailedTask, JournalEntry, Order, Release, ReleaseKey, ReleaseState, ResolvedSpecs,
                ServiceOutcome, Snapshot, SourceFile, StepStage,
            },
        },
        project::{SettingName, SourcePlace, StackPath},
        swarm::{
            change::Confidential,
            cluster::ObjectKind,
            names::StackName,
            objects::ServiceSpec,
            write::{Act, ObjectName, Write},
        },
    },
    jobs::{deploy::live::read, release_reader::cluster_id, session::Session},
    projects::{
        AuditedChange, CatalogChange, Given, ImportedFiles, NewStack, Trouble, import_text, load,
    },
    store::{Opening, Store},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Display, path::Path, str::FromStr};
use tokio::task::spawn_blocking;

const STAGING: &str = include_str!("../../assets/demo/staging-web.yml");
const HELLO: &str = include_str!("../../assets/demo/hello.yml");

/// The image that is live, and the one whose deployment failed.
const IMAGES: [&str; 2] =
    ["registry.bees.example/shop/api:4.3.0-rc2", "registry.bees.example/shop/api:4.3.0-rc3"];
const FAILED: &str = "service shop-staging-web_api: its tasks have been failing for 5s (3 so far): exit code 1; all is as it was, after 21s";
/// How long ago: the first release, and the second.
const AGES: [SignedDuration; 2] = [SignedDuration::from_hours(5), SignedDuration::from_mins(50)];

/// Fills the state of a demo. What cannot be written is missing then, and a demo without
/// it is still one.
pub async fn fill(session: &Session) {
    let filled = match Scene::of(session).await {
        Ok(scene) => spawn_blocking(move || scene.fill()).await,
        Err(trouble) => Ok(Err(trouble)),
    };
    match filled {
        Ok(Ok(())) => {}
        Ok(Err(trouble)) => tracing::warn!(%trouble, "the demo remembers nothing"),
        Err(err) => tracing::warn!(%err, "the demo remembers nothing"),
    }
}

/// What all of it is made of.
struct Scene {
    session: Session,
    cluster: String,
    stack: StackName,
    path: StackPath,
    /// What the stack has in the demo's swarm.
    live: ResolvedSpecs,
    now: Timestamp,
}

impl Scene {
    async fn of(session: &Session) -> Result<Self, Trouble> {
        let (engine, stack) = (&*session.engine, parsed("shop-staging-web")?);
        let cluster = cluster_id(engine).await.map_err(trouble)?;
        let live = read(engine, &stack).await.map_err(trouble)?;
        Ok(Self {
            session: session.clone(),
            cluster,
            live: adoption::found(&live, &stack),
            stack,
            path: parsed("shop/staging/web")?,
            now: Timestamp::now(),
        })
    }

    fn fill(&self) -> Result<(), Trouble> {
        self.shop()?;
        self.sandbox()
    }

    /// A stack that runs: its first release stayed, the second one went back, and what
    /// that one brought is pending.
    fn shop(&self) -> Result<(), Trouble> {
        let (project, about) = (parsed("shop")?, "honey, delivered".to_owned());
        self.amend(CatalogChange::CreateProject { slug: project, about })?;
        self.environment("shop/staging")?;
        self.amend(CatalogChange::CreateStack(Box::new(NewStack {
            path: self.path.clone(),
            swarm: Some(self.stack.clone()),
            place: SourcePlace::Kept,
            gathered: kept(STAGING.to_owned()),
        })))?;
        self.release(self.now - AGES[0], "checkout in one step", self.live.clone(), |it| {
            it.state = ReleaseState::Healthy;
        })?;
        let [live, failed] = IMAGES;
        let gathered = kept(STAGING.replace(live, failed));
        let (path, place) = (self.path.clone(), SourcePlace::Kept);
        self.amend(CatalogChange::Source { path, place, gathered })?;
        let mut wanted = self.live.clone();
        for spec in wanted.services.values_mut() {
            *spec = changed(spec, live, failed);
        }
        let at = self.now - AGES[1];
        let key = self.release(at, "faster search", wanted, |it| {
            it.state = ReleaseState::RolledBack;
            it.restored = Some(true);
            it.reason = Some(FAILED.to_owned());
        })?;
        let steps = [(StepStage::Intended, 0), (StepStage::Done, 1), (StepStage::Undone, 12)];
        let (kind, name) = (ObjectKind::Services, "shop-staging-web_api".to_owned());
        let write = Write { object: ObjectName { kind, name }, act: Act::Update };
        let entry = |(stage, seconds)| JournalEntry {
            at: at + SignedDuration::from_secs(seconds),
            step: write.clone().into(),
            stage,
            detail: Value::Null,
        };
        let entries = steps.map(entry).to_vec();
        Ok(self.store().journal(&key, false, entries)?)
    }

    /// A stack to deploy and to break.
    fn sandbox(&self) -> Result<(), Trouble> {
        let about = "to try things; nothing here matters".to_owned();
        self.amend(CatalogChange::CreateProject { slug: parsed("sandbox")?, about })?;
        self.environment("sandbox/dev")?;
        self.amend(CatalogChange::CreateStack(Box::new(NewStack {
            path: parsed("sandbox/dev/hello")?,
            swarm: None,
            place: SourcePlace::Kept,
            gathered: kept(HELLO.to_owned()),
        })))?;
        self.set("sandbox/dev", "GREETING", "hello", false)?;
        self.set("sandbox/dev/hello", "TOKEN", "not a secret of anybody", true)
    }

    fn environment(&self, path: &str) -> Result<(), Trouble> {
        let context = Some(self.session.context.clone());
        self.amend(CatalogChange::CreateEnvironment { path: parsed(path)?, context })
    }

    fn set(&self, owner: &str, name: &str, text: &str, secret: bool) -> Result<(), Trouble> {
        let value = Some(Given { text: Confidential(text.to_owned()), secret });
        let (owner, name) = (parsed(owner)?, SettingName::new(None, name)?);
        self.amend(CatalogChange::Set { owner, name, value })
    }

    fn amend(&self, change: CatalogChange) -> Result<(), Trouble> {
        AuditedChange { change, who: self.session.who.clone() }.run(self.store()).map(drop)
    }

    /// Writes down a release of what the catalog says now.
    fn release(
        &self,
        at: Timestamp,
        message: &str,
        specs: ResolvedSpecs,
        end: impl FnOnce(&mut Release),
    ) -> Result<ReleaseKey, Trouble> {
        let sources = load(self.store(), &self.path, &BTreeMap::new())?;
        let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
        let files = sources.files.iter();
        let files = files.map(|it| SourceFile { path: it.name.to_string(), text: text(&it.bytes) });
        let snapshot =
            Snapshot { sources: files.collect(), specs, provenance: sources.provenance.clone() };
        let opening = Opening {
            cluster: self.cluster.clone(),
            stack: self.stack.clone(),
            order: self.order(at, message),
            snapshot,
            driver: String::new(),
            replaces: None,
        };
        let release = self.store().open_release(opening)?;
        let key = release.ok_or_else(|| trouble("a release was replaced"))?.key;
        self.store().update_release(&key, |it| {
            it.finished = Some(at + SignedDuration::from_secs(21));
            it.driver = None;
            end(it);
            it.services = self.outcomes(it.state, at);
        })?;
        Ok(key)
    }

    fn order(&self, at: Timestamp, message: &str) -> Order {
        Order {
            who: self.session.who.clone(),
            context: Some(self.session.context.clone()),
            address: self.session.engine.address(),
            message: message.to_owned(),
            queued: at,
        }
    }

    fn outcomes(
        &self,
        state: ReleaseState,
        updated: Timestamp,
    ) -> BTreeMap<String, ServiceOutcome> {
        let outcome = |(name, spec): (&String, &Value)| {
            let desired = ServiceSpec(spec).replicas();
            let fails = state == ReleaseState::RolledBack && name.ends_with("_api");
            let error = fails.then(|| "task: non-zero exit (1)".to_owned());
            let failed = fails.then(|| FailedTask {
                image: ServiceSpec(spec).image().unwrap_or_default().to_owned(),
                lines: vec!["listening on :8080".to_owned(), "fatal: no route to db".to_owned()],
            });
            let state = if fails { state } else { ReleaseState::Healthy };
            let running = if fails { 0 } else { desired };
            (name.clone(), ServiceOutcome { state, desired, running, updated, error, failed })
        };
        self.live.services.iter().map(outcome).collect()
    }

    fn store(&self) -> &Store {
        &self.session.store
    }
}

fn kept(text: String) -> ImportedFiles {
    import_text("compose.yml", text, Path::new("/"))
}

/// Returns a spec with another image, wherever it is named.
fn changed(spec: &Value, from: &str, to: &str) -> Value {
    let text = spec.to_string().replace(from, to);
    serde_json::from_str(&text).unwrap_or_else(|_| spec.clone())
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, Trouble> {
    text.parse().map_err(trouble)
}

fn trouble(why: impl Display) -> Trouble {
    Trouble { why: why.to_string(), hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::deployment::audit::Operator, engine::fake::FakeEngine, jobs::session::Neighbours,
        projects::pending_changes,
    };
    use std::sync::Arc;

    #[tokio::test]
    async fn the_demo_has_something_of_everything_to_look_at() {
        let session = Session {
            engine: Arc::new(FakeEngine::demo(7, Timestamp::now())),
            store: Store::in_memory(),
            who: Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() },
            context: "demo".to_owned(),
            neighbours: Neighbours::default(),
        };
        let scene = Scene::of(&session).await.unwrap();
        scene.fill().unwrap();
        let store = &session.store;
        let states: Vec<_> = store.releases(&scene.cluster, &scene.stack).unwrap();
        let states: Vec<_> = states.into_iter().map(|it| it.state).collect();
        assert_eq!(states, [ReleaseState::RolledBack, ReleaseState::Healthy]);
        let standing_of = |path: &str| {
            pending_changes(store, &scene.cluster, &path.parse().unwrap()).unwrap().is_pending()
        };
        assert!(standing_of("shop/staging/web") && standing_of("sandbox/dev/hello"));
        // What was deployed is what runs: only the pending image would be changed.
        let before = store.releases(&scene.cluster, &scene.stack).unwrap().pop().unwrap();
        let snapshot = store.snapshot(&before.key).unwrap().unwrap();
        assert_eq!(snapshot.specs, scene.live);
        assert!(snapshot.sources[0].text.contains(IMAGES[0]));
    }
}
