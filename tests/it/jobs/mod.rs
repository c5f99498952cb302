//! Jobs on a swarm in memory; minutes of patience cost nothing there.

mod adoption;
mod around;
mod rollback;
mod board;
mod full_disk;
mod confirmed;
mod log_follower;
mod gc;
mod lease;
mod mixed;
mod killed;
mod preflight;
mod releases;
mod secrets;
mod services;
pub mod stacks;
mod stack_operations;
mod way_back;

use jiff::Timestamp;
use serde_json::{Value, json};
use skep::{
    domain::{
        deployment::audit::Operator,
        swarm::{
            change::{Change, ServiceRef},
            cluster::{Object, Service, TaskScope},
            names::{NodeId, TaskId},
            spec::{NewService, UpdateBody},
            states::Availability,
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::{
        JobHandle, JobId, JobReport, News, Verdict,
        operations::Operation,
        session::{Neighbours, Session},
    },
    store::Store,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::sleep,
};

/// An operator with a state of their own at a swarm in memory.
pub struct Desk {
    engine: FakeEngine,
    session: Session,
    _state: TempDir,
}

/// How a job ended, and what it said on the way.
#[derive(Debug)]
pub struct Ended {
    verdict: Verdict,
    news: Vec<News>,
}

impl Desk {
    fn new() -> Self {
        Self::on(FakeEngine::new(7, Timestamp::now()))
    }

    pub fn on(engine: FakeEngine) -> Self {
        let state = tempfile::tempdir().unwrap();
        let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
        let session = Session {
            engine: Arc::new(engine.clone()),
            store: Store::in_dir(state.path()),
            who,
            context: "test".to_owned(),
            neighbours: Neighbours::default(),
        };
        Self { engine, session, _state: state }
    }

    /// The changes that were made, without those of leases.
    fn changes(&self) -> Vec<String> {
        changes(&self.engine)
    }

    fn store(&self) -> &Store {
        &self.session.store
    }

    fn start(&self, operation: Operation) -> (JobHandle, UnboundedReceiver<JobReport>) {
        let (reports, heard) = mpsc::unbounded_channel();
        (self.session.start(JobId(1), operation, reports), heard)
    }

    pub async fn run(&self, operation: Operation) -> Ended {
        let (_handle, mut heard) = self.start(operation);
        ended(&mut heard).await
    }

    /// Creates a service and waits for its tasks, if they can ever run.
    async fn service(&self, image: &str, replicas: u64) -> ServiceRef {
        let target = self.create(spec(image, replicas)).await;
        self.until(async |engine| engine.services().await.unwrap().iter().all(Service::converged))
            .await;
        target
    }

    async fn create(&self, spec: Value) -> ServiceRef {
        let name = spec["Name"].as_str().unwrap().to_owned();
        let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
        let id = self.engine.apply(&change).await.unwrap().id.unwrap();
        ServiceRef { id: id.as_str().into(), name }
    }

    /// Updates a service behind the back of everybody.
    async fn update(&self, target: &ServiceRef, edit: impl FnOnce(&mut Value)) {
        let mut live = self.live(target).await;
        edit(&mut live["Spec"]);
        let change = Change::UpdateService {
            id: target.id.clone(),
            name: target.name.clone(),
            version: live["Version"]["Index"].as_u64().unwrap(),
            body: UpdateBody::replace(live["Spec"].clone()).unwrap(),
            auth: None,
        };
        self.engine.apply(&change).await.unwrap();
    }

    async fn live(&self, target: &ServiceRef) -> Value {
        self.engine.inspect(&Object::Service(target.id.clone())).await.unwrap()
    }

    /// The tasks that should run, by id.
    async fn wanted(&self, target: &ServiceRef) -> BTreeSet<TaskId> {
        let scope = TaskScope::Services(vec![target.id.clone()]);
        let tasks = self.engine.tasks(&scope).await.unwrap();
        tasks.into_iter().filter(|it| !it.desired.is_over()).map(|it| it.id).collect()
    }

    async fn node(&self, hostname: &str) -> NodeId {
        let nodes = self.engine.nodes().await.unwrap();
        nodes.iter().find(|it| &*it.hostname == hostname).unwrap().id.clone()
    }

    async fn set(&self, hostname: &str, availability: Availability) -> Ended {
        let node = self.node(hostname).await;
        let hostname = hostname.to_owned();
        self.run(Operation::SetAvailability { node, hostname, availability }).await
    }

    /// Waits for a state of the cluster; minutes pass at once.
    async fn until(&self, holds: impl AsyncFn(&FakeEngine) -> bool) {
        for _ in 0..6_000 {
            if holds(&self.engine).await {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{:#?}", self.engine.services().await);
    }
}

impl Ended {
    #[track_caller]
    pub fn succeeds(self, with: &str) -> Self {
        let fine = matches!(&self.verdict, Verdict::Succeeded(note) if note.contains(with));
        assert!(fine, "{self:#?}");
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.verdict.to_string().contains(text), "{self:#?}");
        self
    }

    #[track_caller]
    fn fails(self, with: &str) -> Self {
        let failed = matches!(&self.verdict, Verdict::Failed { why, .. } if why.contains(with));
        assert!(failed, "{self:#?}");
        self
    }

    #[track_caller]
    fn hints(self, at: &str) -> Self {
        let Verdict::Failed { hint: Some(hint), .. } = &self.verdict else { panic!("{self:#?}") };
        assert!(hint.contains(at), "{hint}");
        self
    }

    #[track_caller]
    fn noted(self, text: &str) -> Self {
        let noted = |it: &News| matches!(it, News::Note(note) if note.contains(text));
        assert!(self.news.iter().any(noted), "{self:#?}");
        self
    }
}

/// Returns the changes that were made, without those of leases.
pub fn changes(engine: &FakeEngine) -> Vec<String> {
    engine.writes().into_iter().filter(|it| !it.contains(" config skep-lease-")).collect()
}

/// Listens until the job is over; it must not say anything after that.
async fn ended(heard: &mut UnboundedReceiver<JobReport>) -> Ended {
    let mut news = Vec::new();
    loop {
        match heard.recv().await.expect("a job ends with a verdict").news {
            News::Finished(verdict) => {
                assert!(heard.recv().await.is_none(), "said something after its end");
                return Ended { verdict, news };
            }
            other => news.push(other),
        }
    }
}

fn spec(image: &str, replicas: u64) -> Value {
    json!({
        "Name": "web",
        "Labels": {},
        "TaskTemplate": {
            "ContainerSpec": { "Image": image, "Privileges": {} },
            "Resources": {}, "Placement": {}, "ForceUpdate": 0,
        },
        "Mode": { "Replicated": { "Replicas": replicas } },
        "EndpointSpec": {},
    })
}

fn scale(service: &ServiceRef, replicas: u64) -> Operation {
    Operation::Scale { service: service.clone(), replicas }
}

fn image(name: &str) -> impl FnOnce(&mut Value) {
    move |spec| spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(name)
}
