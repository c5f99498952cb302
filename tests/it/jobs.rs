//! Jobs on a swarm in memory; minutes of patience cost nothing there.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use skep::{
    domain::{
        audit::Operator,
        change::Change,
        cluster::{Object, TaskScope},
        names::{NodeId, ServiceId, StackName, TaskId},
        release::ReleaseState,
        resolve::Resolve,
        spec::{NewService, UpdateBody},
    },
    engine::{
        Engine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::{
        self, JobHandle, JobId, News, Report, Verdict,
        deploy::Order,
        session::Session,
        source::Sources,
        work::{Availability, Target, Work},
    },
    store::Store,
};
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, sleep},
};

/// An operator with a state of their own at a swarm in memory.
struct Desk {
    engine: FakeEngine,
    session: Session,
    _state: TempDir,
}

/// How a job ended, and what it said on the way.
#[derive(Debug)]
struct Ended {
    verdict: Verdict,
    news: Vec<News>,
}

impl Desk {
    fn new() -> Self {
        Self::on(FakeEngine::new(7, Timestamp::now()))
    }

    fn on(engine: FakeEngine) -> Self {
        let state = tempfile::tempdir().unwrap();
        let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
        let session = Session {
            engine: Arc::new(engine.clone()),
            store: Some(Store::in_dir(state.path())),
            who,
            context: "test".to_owned(),
        };
        Self { engine, session, _state: state }
    }

    fn store(&self) -> &Store {
        self.session.store.as_ref().unwrap()
    }

    fn start(&self, work: Work) -> (JobHandle, UnboundedReceiver<Report>) {
        let (reports, heard) = mpsc::unbounded_channel();
        (self.session.start(JobId(1), work, reports), heard)
    }

    async fn run(&self, work: Work) -> Ended {
        let (_handle, mut heard) = self.start(work);
        ended(&mut heard).await
    }

    /// Creates a service and waits for its tasks, if they can ever run.
    async fn service(&self, image: &str, replicas: u64) -> Target {
        let target = self.create(spec(image, replicas)).await;
        self.until(|engine, _| async move {
            engine.services().await.unwrap().iter().all(|it| it.converged())
        })
        .await;
        target
    }

    async fn create(&self, spec: Value) -> Target {
        let name = spec["Name"].as_str().unwrap().to_owned();
        let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
        let id = self.engine.apply(&change).await.unwrap().id.unwrap();
        Target { id: id.as_str().into(), name }
    }

    /// Updates a service behind the back of everybody.
    async fn update(&self, target: &Target, edit: impl FnOnce(&mut Value)) {
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

    async fn live(&self, target: &Target) -> Value {
        self.engine.inspect(&Object::Service(target.id.clone())).await.unwrap()
    }

    /// The tasks that run, by id.
    async fn running(&self, target: &Target) -> BTreeSet<TaskId> {
        let scope = TaskScope::Services(vec![target.id.clone()]);
        let tasks = self.engine.tasks(&scope).await.unwrap();
        tasks.into_iter().filter(|it| !it.state.is_over()).map(|it| it.id).collect()
    }

    async fn node(&self, hostname: &str) -> NodeId {
        let nodes = self.engine.nodes().await.unwrap();
        nodes.iter().find(|it| &*it.hostname == hostname).unwrap().id.clone()
    }

    async fn set(&self, hostname: &str, availability: Availability) -> Ended {
        let node = self.node(hostname).await;
        let hostname = hostname.to_owned();
        self.run(Work::SetAvailability { node, hostname, availability }).await
    }

    async fn until<F: Future<Output = bool>>(&self, holds: impl Fn(FakeEngine, ServiceId) -> F) {
        for _ in 0..6_000 {
            if holds(self.engine.clone(), "".into()).await {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{:#?}", self.engine.services().await);
    }
}

impl Ended {
    #[track_caller]
    fn succeeds(self, with: &str) -> Self {
        let fine = matches!(&self.verdict, Verdict::Succeeded(note) if note.contains(with));
        assert!(fine, "{self:#?}");
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

/// Listens until the job is over; it must not say anything after that.
async fn ended(heard: &mut UnboundedReceiver<Report>) -> Ended {
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

fn scale(service: &Target, replicas: u64) -> Work {
    Work::Scale { service: service.clone(), replicas }
}

fn image(name: &str) -> impl FnOnce(&mut Value) {
    move |spec| spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(name)
}

#[tokio::test(start_paused = true)]
async fn scaling_is_done_once_that_many_tasks_run() {
    let desk = Desk::new();
    let web = desk.service("web:1", 2).await;
    for replicas in [5, 1, 0] {
        let ended = desk.run(scale(&web, replicas)).await;
        ended.succeeds(&format!("{replicas}/{replicas} tasks run"));
        assert_eq!(desk.running(&web).await.len() as u64, replicas);
    }
    assert_eq!(desk.engine.writes()[1..], ["update service web"; 3]);
}

#[tokio::test(start_paused = true)]
async fn restarting_replaces_every_task() {
    let desk = Desk::new();
    let web = desk.service("web:1", 3).await;
    let before = desk.running(&web).await;
    desk.run(Work::Restart { service: web.clone() }).await.succeeds("3/3 tasks run");
    let after = desk.running(&web).await;
    assert_eq!((after.len(), before.intersection(&after).count()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn rolling_back_brings_the_previous_spec() {
    let desk = Desk::new();
    let web = desk.service("web:1", 2).await;
    desk.update(&web, image("web:2")).await;
    desk.until(|engine, _| async move {
        engine.services().await.unwrap()[0]
            .update
            .as_ref()
            .is_some_and(|it| it.state == "completed")
    })
    .await;
    desk.run(Work::RollBack { service: web.clone() }).await.succeeds("2/2 tasks run");
    let live = desk.live(&web).await;
    assert_eq!(live["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"], "web:1");
}

#[tokio::test(start_paused = true)]
async fn without_a_previous_spec_there_is_nothing_to_roll_back_to() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    let ended = desk.run(Work::RollBack { service: web }).await;
    ended.fails("the engine keeps no previous spec of web").hints("deploy the version you want");
    assert_eq!(desk.engine.writes(), ["create service web"]);
}

#[tokio::test(start_paused = true)]
async fn a_removed_service_is_gone_with_all_its_tasks() {
    let desk = Desk::new();
    let web = desk.service("web:1", 3).await;
    desk.run(Work::RemoveService { service: web.clone() }).await.succeeds("web is gone");
    assert!(desk.engine.services().await.unwrap().is_empty());
    // Somebody else may have been faster.
    desk.run(Work::RemoveService { service: web }).await.succeeds("web is gone");
}

#[tokio::test(start_paused = true)]
async fn a_drained_node_has_given_its_tasks_away() {
    let desk = Desk::new();
    let web = desk.service("web:1", 6).await;
    desk.set("node2", Availability::Drain).await.succeeds("node2 is drained");
    let left = desk.engine.tasks(&TaskScope::Node(desk.node("node2").await)).await.unwrap();
    assert!(left.iter().all(|it| it.state.is_over()));
    assert_eq!(desk.running(&web).await.len(), 6);
    desk.set("node2", Availability::Pause).await.succeeds("node2 is pause");
    desk.set("node2", Availability::Active).await.succeeds("node2 is active");
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_told_long_before_the_deadline() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("web:bad"));
    let web = desk.create(spec("web:bad", 0)).await;
    let start = Instant::now();
    let ended = desk.run(scale(&web, 2)).await;
    ended.fails("web: its tasks keep failing").hints("logs and describe");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn failures_from_before_a_change_do_not_count() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("web:bad"));
    let web = desk.create(spec("web:bad", 2)).await;
    sleep(Duration::from_secs(60)).await;
    desk.update(&web, image("web:1")).await;
    desk.run(Work::Restart { service: web }).await.succeeds("2/2 tasks run");
}

#[tokio::test(start_paused = true)]
async fn the_clocks_of_skep_and_the_engine_may_differ() {
    for minutes in [-30, 30] {
        let now = Timestamp::now() + SignedDuration::from_mins(minutes);
        let desk = Desk::on(FakeEngine::new(7, now).breaking("web:bad"));
        let web = desk.create(spec("web:bad", 0)).await;
        desk.run(scale(&web, 2)).await.fails("its tasks keep failing");
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_that_no_node_takes_get_half_a_minute() {
    let desk = Desk::new();
    let mut wanting = spec("web:1", 0);
    wanting["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.labels.gpu == yes"] });
    let web = desk.create(wanting).await;
    let start = Instant::now();
    desk.run(scale(&web, 2)).await.fails("2 of 2 tasks wait for a node: no suitable node");
    let took = start.elapsed().as_secs();
    assert!((30..40).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_in_time_ends_the_wait_well() {
    let desk = Desk::new();
    let mut wanting = spec("web:1", 0);
    wanting["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.hostname == node3"] });
    let web = desk.create(wanting).await;
    desk.engine.lose_node("node3", Duration::ZERO);
    desk.engine.return_node("node3", Duration::from_secs(20));
    desk.run(scale(&web, 1)).await.succeeds("1/1 tasks run");
}

#[tokio::test(start_paused = true)]
async fn who_writes_at_the_same_time_as_somebody_else_reads_again_and_writes_then() {
    let engine = FakeEngine::new(7, Timestamp::now()).slow(Duration::from_millis(50));
    let desk = Desk::on(engine);
    let web = desk.service("web:1", 1).await;
    let (restart, scale) =
        tokio::join!(desk.run(Work::Restart { service: web.clone() }), desk.run(scale(&web, 3)));
    restart.succeeds("tasks run");
    scale.succeeds("3/3 tasks run");
    assert_eq!(desk.engine.writes()[1..], ["update service web"; 2]);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_lost_in_the_middle_is_waited_for() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    let (_handle, mut heard) = desk.start(scale(&web, 4));
    while !matches!(heard.recv().await.unwrap().news, News::Step { done: 1, .. }) {}
    desk.engine.link().cut();
    sleep(Duration::from_secs(20)).await;
    desk.engine.link().mend();
    ended(&mut heard).await.noted("connection refused").succeeds("4/4 tasks run");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_not_there_fails_the_job_with_what_to_do() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    desk.engine.link().cut();
    let ended = desk.run(scale(&web, 4)).await;
    ended.fails("no engine answers").hints("check address");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_says_where_it_stands() {
    let desk =
        Desk::on(FakeEngine::new(7, Timestamp::now()).behaving("db:1", Behaviour::Unhealthy));
    let mut sick = spec("db:1", 0);
    sick["TaskTemplate"]["ContainerSpec"]["Healthcheck"] =
        json!({ "Test": ["CMD", "true"], "Interval": 60_000_000_000_u64 });
    let web = desk.create(sick).await;
    let (handle, mut heard) = desk.start(scale(&web, 1));
    while !matches!(heard.recv().await.unwrap().news, News::Step { done: 1, .. }) {}
    drop(handle);
    let ended = ended(&mut heard).await;
    let told = "the change is made; nobody waited for its end".to_owned();
    assert_eq!(ended.verdict, Verdict::Stopped(told));
    assert_eq!(desk.engine.writes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_job_is_a_verdict() {
    let (reports, mut heard) = mpsc::unbounded_channel();
    let _handle = jobs::spawn(JobId(1), reports, async |_| panic!("a mistake of ours"));
    ended(&mut heard).await.fails("bug: ");
}

#[tokio::test(start_paused = true)]
async fn every_change_leaves_an_audit_line_and_a_job() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    desk.run(scale(&web, 2)).await.succeeds("2/2");
    desk.run(Work::RollBack { service: web.clone() }).await;
    desk.engine.link().cut();
    desk.run(Work::RemoveService { service: web }).await.fails("no engine");
    let lines = desk.store().audit(10).unwrap();
    let told: Vec<_> = lines.iter().map(|it| (it.action.as_str(), it.object.as_str())).collect();
    let web = "service web";
    assert_eq!(told, [("remove", web), ("roll back", web), ("scale to 2", web)]);
    assert_eq!(lines[2].who.to_string(), "ann@m1");
    assert_eq!(lines[2].command.as_deref(), Some("docker service scale web=2"));
    assert!(lines[2].outcome.succeeded() && !lines[0].outcome.succeeded());
    let titles: Vec<_> = desk.store().jobs(10).unwrap().into_iter().map(|it| it.title).collect();
    assert_eq!(titles, ["remove web", "roll back web", "scale web to 2"]);
}

const BLOG: &str = "\
services:
  web:
    image: ghost:5.87
    networks: [front]
    deploy: {replicas: 2}
  db:
    image: mysql:8.4
    configs: [my.cnf]
    networks: [front]
networks:
  front: {}
configs:
  my.cnf:
    file: ./my.cnf
";

/// A folder with the blog in it.
fn blog() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my.cnf"), "[mysqld]\n").unwrap();
    folder
}

fn deploy(folder: &Path, text: &str) -> Work {
    let path = folder.join("blog.yml");
    Work::Deploy(Box::new(Order {
        stack: blog_name(),
        sources: Sources::one(&path, text.to_owned()),
        resolve: Resolve::default(),
        with_registry_auth: false,
        prune: false,
        message: "first try".to_owned(),
        detach: false,
    }))
}

fn blog_name() -> StackName {
    "blog".parse().unwrap()
}

impl Desk {
    async fn releases(&self) -> Vec<skep::domain::release::Release> {
        let swarm = self.engine.inspect(&Object::Swarm).await.unwrap();
        self.store().releases(swarm["ID"].as_str().unwrap(), &blog_name()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_is_sent_in_order_watched_and_remembered() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    assert_eq!(
        desk.engine.writes(),
        [
            "create network blog_front",
            "create config blog_my.cnf",
            "create service blog_db",
            "create service blog_web",
        ]
    );
    let [release] = desk.releases().await.try_into().unwrap();
    assert_eq!((release.key.revision, release.state), (1, ReleaseState::Healthy));
    assert_eq!(release.order.message, "first try");
    let services: Vec<_> = release.services.iter().map(|it| (&**it.0, it.1.running)).collect();
    assert_eq!(services, [("blog_db", 1), ("blog_web", 2)]);
    let snapshot = desk.store().snapshot(&release.key).unwrap().unwrap();
    assert_eq!(snapshot.sources[0].text, BLOG);
}

#[tokio::test(start_paused = true)]
async fn a_second_deployment_updates_what_is_there_and_is_the_next_release() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.engine.writes().len();
    let newer = BLOG.replace("ghost:5.87", "ghost:5.88");
    desk.run(deploy(folder.path(), &newer)).await.succeeds("2 services run");
    let writes = desk.engine.writes().split_off(before);
    assert!(writes.iter().all(|it| it.starts_with("update service")), "{writes:?}");
    let releases = desk.releases().await;
    assert_eq!(releases.iter().map(|it| it.key.revision).collect::<Vec<_>>(), [2, 1]);
    assert!(releases.iter().all(|it| it.state == ReleaseState::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_broken_image_fails_the_release_with_what_its_tasks_say() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.87"));
    let folder = blog();
    let ended = desk.run(deploy(folder.path(), BLOG)).await;
    ended.fails("blog_web").hints("deploy again");
    let [release] = desk.releases().await.try_into().unwrap();
    assert_eq!(release.state, ReleaseState::Failed);
    let reason = release.reason.unwrap();
    assert!(reason.contains("blog_web") && reason.contains("non-zero exit"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_mends_a_broken_one_is_healthy() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.87"));
    let folder = blog();
    desk.run(deploy(folder.path(), BLOG)).await.fails("blog_web");
    let mended = BLOG.replace("ghost:5.87", "ghost:5.86");
    desk.run(deploy(folder.path(), &mended)).await.succeeds("2 services run");
}

#[tokio::test(start_paused = true)]
async fn a_file_with_an_error_touches_nothing() {
    let (desk, folder) = (Desk::new(), blog());
    let broken = BLOG.replace("image: mysql", "imag: mysql").replace("deploy:", "depoly:");
    let ended = desk.run(deploy(folder.path(), &broken)).await.noted("imag").noted("depoly");
    ended.fails("blog.yml:").hints("nothing was touched");
    assert!(desk.engine.writes().is_empty());
    assert!(desk.releases().await.is_empty());
    let audit = desk.store().audit(1).unwrap();
    assert_eq!((audit[0].object.as_str(), audit[0].outcome.succeeded()), ("stack blog", false));
}

#[tokio::test(start_paused = true)]
async fn a_network_that_should_be_there_and_is_not_is_told_before_anything_is_sent() {
    let (desk, folder) = (Desk::new(), blog());
    let outside = BLOG.replace("front: {}", "front: {external: true}");
    let ended = desk.run(deploy(folder.path(), &outside)).await;
    ended.fails("`front`").hints("docker network create");
    assert!(desk.engine.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_file_no_longer_names_goes_only_when_asked() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let (web, _) = BLOG.split_once("  db:\n").unwrap();
    let web = format!("{web}networks:\n  front: {{}}\n");
    desk.run(deploy(folder.path(), &web)).await.succeeds("run");
    assert_eq!(desk.engine.services().await.unwrap().len(), 2);
    let Work::Deploy(mut order) = deploy(folder.path(), &web) else { unreachable!() };
    order.prune = true;
    desk.run(Work::Deploy(order)).await.succeeds("run");
    assert_eq!(desk.engine.services().await.unwrap().len(), 1);
}
