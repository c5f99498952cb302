//! Changes to services and nodes.

use crate::jobs::{Desk, ended, image, scale, spec};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use skep::{
    domain::swarm::{
        change::Change,
        cluster::{Service, TaskScope},
        states::{Availability, UpdateState},
    },
    engine::{
        ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::{self, JobId, News, Verdict, fence::FencedEngine, operations::Operation},
};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

#[tokio::test(start_paused = true)]
async fn scaling_is_done_once_that_many_tasks_run() {
    let desk = Desk::new();
    let web = desk.service("web:1", 2).await;
    for replicas in [5, 1, 0] {
        let ended = desk.run(scale(&web, replicas)).await;
        ended.succeeds(&format!("{replicas}/{replicas} tasks run"));
        assert_eq!(desk.wanted(&web).await.len() as u64, replicas);
    }
    assert_eq!(desk.engine.writes()[1..], ["update service web"; 3]);
}

#[tokio::test(start_paused = true)]
async fn restarting_replaces_every_task() {
    let desk = Desk::new();
    let web = desk.service("web:1", 3).await;
    let before = desk.wanted(&web).await;
    desk.run(Operation::Restart { service: web.clone() }).await.succeeds("3/3 tasks run");
    let after = desk.wanted(&web).await;
    assert_eq!((after.len(), before.intersection(&after).count()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn rolling_back_brings_the_previous_spec() {
    let desk = Desk::new();
    let web = desk.service("web:1", 2).await;
    desk.update(&web, image("web:2")).await;
    desk.until(async |engine| {
        engine.services().await.unwrap()[0]
            .update
            .as_ref()
            .is_some_and(|it| it.state == UpdateState::Completed)
    })
    .await;
    desk.run(Operation::RollBackService { service: web.clone() }).await.succeeds("2/2 tasks run");
    let live = desk.live(&web).await;
    assert_eq!(live["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"], "web:1");
}

#[tokio::test(start_paused = true)]
async fn without_a_previous_spec_there_is_nothing_to_roll_back_to() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    let ended = desk.run(Operation::RollBackService { service: web }).await;
    ended.fails("the engine keeps no previous spec of web").hints("deploy the version you want");
    assert_eq!(desk.engine.writes(), ["create service web"]);
}

#[tokio::test(start_paused = true)]
async fn a_removed_service_is_gone_with_all_its_tasks() {
    let desk = Desk::new();
    let web = desk.service("web:1", 3).await;
    desk.run(Operation::RemoveService { service: web.clone() }).await.succeeds("web is gone");
    assert!(desk.engine.services().await.unwrap().is_empty());
    let left = desk.engine.tasks(&TaskScope::All).await.unwrap();
    assert!(left.iter().all(|it| it.state.is_over()), "{left:?}");
    // Somebody else may have been faster.
    desk.run(Operation::RemoveService { service: web }).await.succeeds("web is gone");
}

#[tokio::test(start_paused = true)]
async fn a_drained_node_has_given_its_tasks_away() {
    let desk = Desk::new();
    let web = desk.service("web:1", 6).await;
    desk.set("node2", Availability::Drain).await.succeeds("node2 is drained");
    let left = desk.engine.tasks(&TaskScope::Node(desk.node("node2").await)).await.unwrap();
    assert!(left.iter().all(|it| it.state.is_over()));
    assert_eq!(desk.wanted(&web).await.len(), 6);
    assert!(desk.engine.services().await.unwrap().iter().all(Service::converged));
    desk.set("node2", Availability::Pause).await.succeeds("node2 is paused");
    desk.set("node2", Availability::Active).await.succeeds("node2 is active");
}

#[tokio::test(start_paused = true)]
async fn a_drain_says_what_cannot_run_elsewhere() {
    let desk = Desk::new();
    let mut bound = spec("web:1", 2);
    bound["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.hostname == node2"] });
    desk.create(bound).await;
    desk.until(async |engine| engine.services().await.unwrap().iter().all(Service::converged))
        .await;
    let ended = desk.set("node2", Availability::Drain).await;
    ended.succeeds(
        "but 2 tasks do not run elsewhere: web: 2 of 2 tasks wait for a node: no suitable node",
    );
}

#[tokio::test(start_paused = true)]
async fn scaling_down_is_done_once_the_others_are_gone() {
    let desk = Desk::new();
    let web = desk.service("web:1", 5).await;
    desk.run(scale(&web, 1)).await.succeeds("1/1 tasks run");
    let scope = TaskScope::Services(vec![web.id.clone()]);
    let left = desk.engine.tasks(&scope).await.unwrap();
    assert_eq!(left.iter().filter(|it| !it.state.is_over()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_changes_a_node_at_the_same_time_as_somebody_else_reads_again() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).slow(Duration::from_millis(50)));
    let (pause, active) = tokio::join!(
        desk.set("node2", Availability::Pause),
        desk.set("node2", Availability::Active)
    );
    pause.succeeds("node2 is paused");
    active.succeeds("node2 is active");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_change_is_told_once() {
    let desk = Desk::new();
    let web = desk.service("web:1", 3).await;
    let ended = desk.run(Operation::Restart { service: web }).await;
    let steps: Vec<&News> =
        ended.news.iter().filter(|it| matches!(it, News::Step { .. })).collect();
    assert!(steps.len() > 2 && steps.windows(2).all(|it| it[0] != it[1]), "{steps:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_told_long_before_the_deadline() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("web:bad"));
    let web = desk.create(spec("web:bad", 0)).await;
    let start = Instant::now();
    let ended = desk.run(scale(&web, 2)).await;
    ended.fails("web: its tasks keep failing").hints("its logs say more");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_sent_to_the_log_of_what_never_started() {
    let engine = FakeEngine::new(7, Timestamp::now()).behaving("web:none", Behaviour::Missing);
    let desk = Desk::on(engine);
    let web = desk.create(spec("web:none", 0)).await;
    desk.run(scale(&web, 2)).await.fails("No such image").hints("there is no log");
    let mut picky = spec("web:1", 0);
    picky["Name"] = json!("picky");
    picky["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.labels.disk == ssd"] });
    let picky = desk.create(picky).await;
    desk.run(scale(&picky, 2)).await.fails("wait for a node").hints("no task of it started");
}

#[tokio::test(start_paused = true)]
async fn failures_from_before_a_change_do_not_count() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("web:bad"));
    let web = desk.create(spec("web:bad", 2)).await;
    sleep(Duration::from_secs(60)).await;
    desk.update(&web, image("web:1")).await;
    desk.run(Operation::Restart { service: web }).await.succeeds("2/2 tasks run");
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
    let (restart, scale) = tokio::join!(
        desk.run(Operation::Restart { service: web.clone() }),
        desk.run(scale(&web, 3))
    );
    restart.succeeds("tasks run");
    scale.succeeds("3/3 tasks run");
    assert_eq!(desk.engine.writes()[1..], ["update service web"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_second_change_takes_over_from_one_that_waits_still() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    let (_handle, mut heard) = desk.start(scale(&web, 4));
    while !matches!(heard.recv().await.unwrap().news, News::Step { done: 1, .. }) {}
    // As long as the first one looks at what it made.
    sleep(Duration::from_millis(100)).await;
    desk.run(scale(&web, 1)).await.succeeds("1/1 tasks run");
    let first = ended(&mut heard).await;
    let why = "superseded: web was changed again before this was done".to_owned();
    assert_eq!(first.verdict, Verdict::Stopped(why));
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_lost_in_the_middle_is_waited_for() {
    let desk = Desk::new();
    let web = desk.service("web:1", 1).await;
    let (_handle, mut heard) = desk.start(scale(&web, 4));
    while !matches!(heard.recv().await.unwrap().news, News::Step { done: 1, .. }) {}
    desk.engine.link().cut();
    sleep(Duration::from_secs(20)).await;
    desk.engine.link().restore();
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
    let told = "the change is made; skep did not wait for its end".to_owned();
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
    desk.run(Operation::RollBackService { service: web.clone() }).await;
    desk.engine.link().cut();
    desk.run(Operation::RemoveService { service: web }).await.fails("no engine");
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

#[tokio::test(start_paused = true)]
async fn no_work_begins_where_nothing_may_be_changed_whoever_starts_it() {
    let mut desk = Desk::new();
    let web = desk.service("web:1", 2).await;
    let writes = desk.engine.writes().len();
    let shut = FencedEngine::read_only(desk.session.engine.clone());
    let change = Change::RemoveService { id: web.id.clone(), name: web.name.clone() };
    let why = shut.apply(&change).await.unwrap_err().to_string();
    assert!(why.contains("read-only"), "{why}");
    desk.session.engine = shut;
    for operation in [scale(&web, 5), Operation::Restart { service: web.clone() }] {
        desk.run(operation).await.fails("read-only: nothing is changed");
    }
    assert_eq!(desk.engine.writes().len(), writes);
    assert_eq!(desk.store().audit(1).unwrap(), []);
}
