//! How services are, sampled each second, and what that costs the engine.

use jiff::Timestamp;
use serde_json::json;
use skep::{
    domain::swarm::{
        change::Change,
        cluster::{Condition, Service},
        spec::NewService,
    },
    engine::{
        Engine, ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::survey::{self, Survey, Surveyor},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn began() -> Timestamp {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

async fn create(engine: &FakeEngine, name: &str, image: &str, replicas: u64) {
    let spec = json!({
        "Name": name, "Labels": {},
        "TaskTemplate": {
            "ContainerSpec": { "Image": image, "Privileges": {} },
            "Resources": {}, "Placement": {}, "ForceUpdate": 0,
        },
        "Mode": { "Replicated": { "Replicas": replicas } },
        "EndpointSpec": {},
    });
    let change = Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None };
    engine.apply(&change).await.unwrap();
}

/// A watcher's surveys: one every five seconds, by the clock of the cluster.
struct Watch {
    engine: FakeEngine,
    surveyor: Surveyor,
    start: Instant,
}

impl Watch {
    fn on(engine: FakeEngine) -> Self {
        Self { engine, surveyor: Surveyor::default(), start: Instant::now() }
    }

    fn now(&self) -> Timestamp {
        began() + self.start.elapsed()
    }

    async fn look(&mut self) -> Survey {
        let (services, nodes) =
            (self.engine.services().await.unwrap(), self.engine.nodes().await.unwrap());
        let now = self.now();
        self.surveyor.judge(&self.engine, &services, nodes, now).await.unwrap()
    }
}

fn find<'a>(survey: &'a Survey, name: &str) -> &'a Service {
    survey.services.iter().find(|it| &*it.name == name).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_loop_is_never_fine_however_long_its_tasks_run() {
    let engine = FakeEngine::new(7, began())
        .behaving("loop:2", Behaviour::EndsAfter(Duration::from_secs(2)))
        .behaving("loop:100", Behaviour::EndsAfter(Duration::from_secs(100)));
    let mut watch = Watch::on(engine.clone());
    create(&engine, "short", "loop:2", 2).await;
    create(&engine, "long", "loop:100", 1).await;
    create(&engine, "steady", "web:1", 3).await;
    // Each ended once: before that nobody can know.
    sleep(Duration::from_secs(120)).await;
    for second in 0..300 {
        let survey = watch.look().await;
        for name in ["short", "long"] {
            let service = find(&survey, name);
            assert!(service.in_trouble(), "{name} is {:?} at {second} s", service.seen);
        }
        assert_eq!(find(&survey, "steady").seen.condition, Condition::Fine, "at {second} s");
        sleep(Duration::from_secs(1)).await;
    }
    let survey = watch.look().await;
    let (short, long) = (find(&survey, "short").seen.restarts, find(&survey, "long").seen.restarts);
    // About every 7.5 s in each of two slots: none is forgotten while somebody looks.
    assert!((70..=90).contains(&short.count), "{short}");
    assert!((3..=4).contains(&long.count), "{long}");
}

#[tokio::test(start_paused = true)]
async fn a_first_look_knows_a_loop_that_runs_at_that_moment() {
    let engine = FakeEngine::new(7, began())
        .behaving("loop:100", Behaviour::EndsAfter(Duration::from_secs(100)));
    let start = Instant::now();
    create(&engine, "long", "loop:100", 1).await;
    sleep(Duration::from_secs(1_800)).await;
    for _ in 0..110 {
        let survey = survey::once(&engine, began() + start.elapsed()).await.unwrap();
        let service = find(&survey, "long");
        assert!(service.in_trouble(), "{:?}", service.seen);
        assert_eq!(service.seen.restarts.to_string(), "4+");
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_node_takes_no_service_with_it_once_its_tasks_are_replaced() {
    let engine = FakeEngine::new(7, began());
    let mut watch = Watch::on(engine.clone());
    for name in ["a", "b", "c"] {
        create(&engine, name, "web:1", 4).await;
    }
    sleep(Duration::from_secs(60)).await;
    watch.look().await;
    engine.lose_node("node3", Duration::ZERO);
    sleep(Duration::from_secs(120)).await;
    let survey = watch.look().await;
    let lost: u64 = survey.services.iter().map(|it| it.seen.lost).sum();
    assert!(lost > 0, "{:?}", survey.services);
    for service in &*survey.services {
        assert_eq!(service.seen.condition, Condition::Fine, "{}", service.name);
        assert_eq!(service.tally().to_string(), "4/4", "{}", service.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_big_idle_cluster_is_asked_little_and_never_for_all_tasks() {
    let engine = FakeEngine::with_size(began(), 500, 10);
    let mut watch = Watch::on(engine.clone());
    watch.look().await;
    let calls = |engine: &FakeEngine| engine.calls().values().sum::<u64>();
    let before = calls(&engine);
    for _ in 0..12 {
        sleep(Duration::from_secs(5)).await;
        watch.look().await;
    }
    let asked = calls(&engine) - before;
    assert!(asked <= 12 * 4, "{asked}: {:?}", engine.calls());
    assert_eq!(engine.calls().get("all tasks"), None);
}

/// A cluster of that many services with ten tasks each, and one whose task ends again and again.
async fn loop_among(services: usize) -> (FakeEngine, Survey) {
    let engine = FakeEngine::with_size(began(), services, 10)
        .behaving("loop:100", Behaviour::EndsAfter(Duration::from_secs(100)));
    let start = Instant::now();
    create(&engine, "zloop", "loop:100", 1).await;
    sleep(Duration::from_secs(1_800)).await;
    let survey = survey::once(&engine, began() + start.elapsed()).await.unwrap();
    (engine, survey)
}

#[tokio::test(start_paused = true)]
async fn a_command_counts_restarts_with_one_question_for_tasks() {
    let (engine, survey) = loop_among(60).await;
    assert_eq!(find(&survey, "zloop").seen.restarts.to_string(), "4+");
    let calls = engine.calls();
    assert_eq!((calls.get("all tasks"), calls.get("tasks")), (Some(&1), None));
}

#[tokio::test(start_paused = true)]
async fn a_command_reads_the_tasks_of_a_huge_cluster_in_portions() {
    let (engine, survey) = loop_among(601).await;
    assert_eq!(find(&survey, "zloop").seen.restarts.to_string(), "4+");
    let calls = engine.calls();
    assert_eq!(calls.get("all tasks"), None);
    assert!(calls["tasks"] >= 4, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_back_at_once_is_no_restart_of_what_ran_there() {
    let engine = FakeEngine::new(7, began())
        .behaving("loop:100", Behaviour::EndsAfter(Duration::from_secs(100)));
    let mut watch = Watch::on(engine.clone());
    create(&engine, "steady", "web:1", 6).await;
    sleep(Duration::from_secs(60)).await;
    watch.look().await;
    engine.reboot_node("node2");
    let survey = watch.look().await;
    let service = find(&survey, "steady");
    assert!(service.running < 6, "{service:?}");
    assert_eq!((service.seen.restarts.count, service.seen.condition), (0, Condition::Changing));
    sleep(Duration::from_secs(60)).await;
    let survey = watch.look().await;
    let service = find(&survey, "steady");
    assert_eq!((service.seen.restarts.count, service.seen.condition), (0, Condition::Fine));
}
