//! The watcher on a swarm in memory.

use jiff::Timestamp;
use skep::{
    domain::{
        deployment::lease::Lease,
        swarm::{
            change::Change,
            cluster::{Object, TaskScope},
            names::StackName,
            spec::UpdateBody,
            states::UpdateState,
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::{
        masked_engine::MaskedEngine,
        watch::{self, Interest, Link, PollPace, View, Watched},
    },
    store::Store,
};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

fn watching(engine: &FakeEngine) -> Watched {
    let shown = MaskedEngine::new(Arc::new(engine.clone()), Store::nowhere());
    watch::spawn(Arc::new(shown), PollPace::default())
}

async fn until(watched: &mut Watched, holds: impl FnMut(&View) -> bool) -> View {
    watched.views.wait_for(holds).await.unwrap().clone()
}

fn demo() -> FakeEngine {
    FakeEngine::demo(7, Timestamp::now())
}

#[tokio::test(start_paused = true)]
async fn the_first_look_shows_services_and_nodes() {
    let mut watched = watching(&demo());
    let view = until(&mut watched, |it| it.read_at.is_some()).await;
    assert_eq!((view.services.len(), view.nodes.len()), (25, 5));
    assert_eq!(view.link, Link::Up);
    assert!(view.tasks.list.is_empty());
}

#[tokio::test(start_paused = true)]
async fn tasks_are_read_for_what_somebody_looks_at() {
    let engine = demo();
    let mut watched = watching(&engine);
    let view = until(&mut watched, |it| it.read_at.is_some()).await;
    let scope = Some(TaskScope::Services(vec![view.services[0].id.clone()]));
    watched.interest.send_replace(Interest { tasks: scope.clone(), again: 0 });
    let view = until(&mut watched, |it| it.tasks.scope == scope).await;
    assert_eq!(view.tasks.list.len(), 2);
    assert_eq!(engine.calls().get("all tasks"), None);
}

#[tokio::test(start_paused = true)]
async fn a_lost_engine_keeps_the_last_view_and_comes_back_by_itself() {
    let engine = demo();
    let mut watched = watching(&engine);
    let before = until(&mut watched, |it| it.read_at.is_some()).await;
    engine.link().cut();
    let tried = |it: &View| matches!(it.link, Link::Lost { attempts, .. } if attempts > 3);
    let lost = until(&mut watched, tried).await;
    assert_eq!(lost.services.len(), before.services.len());
    let Link::Lost { why, .. } = lost.link else { unreachable!() };
    assert!(why.to_string().contains("connection refused"), "{why}");
    engine.link().restore();
    until(&mut watched, |it| it.link == Link::Up).await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_cluster_is_asked_at_most_eight_times_in_five_seconds() {
    let engine = FakeEngine::with_size(Timestamp::now(), 50, 2);
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    sleep(Duration::from_secs(30)).await;
    let calls = |engine: &FakeEngine| engine.calls().values().sum::<u64>();
    let before = calls(&engine);
    sleep(Duration::from_secs(60)).await;
    let asked = calls(&engine) - before;
    assert!(asked <= 12 * 8, "{asked}: {:?}", engine.calls());
    assert_eq!(engine.calls().get("all tasks"), None);
}

#[tokio::test(start_paused = true)]
async fn reading_again_asks_the_engine_and_changes_nothing() {
    let engine = FakeEngine::with_size(Timestamp::now(), 5, 2);
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    sleep(Duration::from_secs(1)).await;
    let before = engine.calls()["services"];
    watched.interest.send_replace(Interest { tasks: None, again: 1 });
    sleep(Duration::from_millis(500)).await;
    assert!(engine.calls()["services"] > before);
    assert!(engine.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn leases_are_listed_at_first_and_where_all_is_read_again() {
    let engine = FakeEngine::with_size(Timestamp::now(), 5, 2);
    let listed = || engine.calls().get("list").copied().unwrap_or_default();
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(listed(), 1);
    watched.interest.send_replace(Interest { tasks: None, again: 1 });
    sleep(Duration::from_secs(60)).await;
    assert_eq!(listed(), 2);
}

#[tokio::test(start_paused = true)]
async fn all_tasks_are_read_once_and_then_when_asked_for_again_or_after_a_cut() {
    let engine = FakeEngine::with_size(Timestamp::now(), 5, 2);
    let read = || engine.calls().get("all tasks").copied().unwrap_or_default();
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    let scope = Some(TaskScope::All);
    watched.interest.send_replace(Interest { tasks: scope.clone(), again: 0 });
    until(&mut watched, |it| it.tasks.scope == scope).await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(read(), 1);
    for again in 1..=2 {
        watched.interest.send_replace(Interest { tasks: scope.clone(), again });
        sleep(Duration::from_secs(1)).await;
        assert_eq!(read(), 1 + again);
        sleep(Duration::from_secs(30)).await;
        assert_eq!(read(), 1 + again, "the order is obeyed once");
    }
    engine.link().cut();
    until(&mut watched, |it| matches!(it.link, Link::Lost { .. })).await;
    engine.link().restore();
    until(&mut watched, |it| it.link == Link::Up).await;
    assert_eq!(read(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_passed_on_and_makes_the_watcher_look() {
    let engine = demo();
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    let happening = watched.happenings.recv().await.unwrap();
    assert_eq!((happening.kind.as_str(), happening.action.as_str()), ("service", "update"));
    let view = until(&mut watched, |it| {
        let api = it.services.iter().find(|it| &*it.name == "shop-production-web_api").unwrap();
        api.update.as_ref().unwrap().state == UpdateState::Completed
    });
    view.await;
    assert!(engine.system().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_happened_during_a_cut_is_heard_of_later() {
    let engine = FakeEngine::with_size(Timestamp::now(), 5, 2);
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    engine.lose_node("node4", Duration::from_secs(1));
    let before = watched.happenings.recv().await.unwrap();
    engine.link().cut();
    until(&mut watched, |it| matches!(it.link, Link::Lost { .. })).await;
    engine.lose_node("node5", Duration::from_secs(1));
    sleep(Duration::from_secs(5)).await;
    engine.link().restore();
    let after = watched.happenings.recv().await.unwrap();
    assert_eq!((before.name.as_str(), after.name.as_str()), ("node4", "node5"));
}

/// Changes the spec of the first service, and returns what is told of it.
async fn told(change: impl Fn(&mut serde_json::Value)) -> String {
    let engine = demo();
    let mut watched = watching(&engine);
    let view = until(&mut watched, |it| it.read_at.is_some()).await;
    let service = &view.services[0];
    let object = Object::Service(service.id.clone());
    for last in [false, true] {
        let raw = engine.inspect(&object).await.unwrap();
        let mut spec = raw["Spec"].clone();
        match last {
            true => change(&mut spec),
            // What was changed before is known, and told no second time.
            false => spec["Labels"]["before"] = "1".into(),
        }
        let version = raw["Version"]["Index"].as_u64().unwrap();
        let body = UpdateBody::replace(spec).unwrap();
        let (id, name) = (service.id.clone(), service.name.to_string());
        let change = Change::UpdateService { id, name, version, body, auth: None };
        engine.apply(&change).await.unwrap();
        loop {
            let event = watched.happenings.recv().await.unwrap();
            if event.id == service.id.as_str() && event.says_something() {
                let said = event.changes("->");
                if last && !said.starts_with("updatestate") {
                    return said;
                }
                if !last {
                    assert_eq!(said, "labels.before added: 1");
                    break;
                }
            }
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_changed_in_a_spec_and_no_secret() {
    let said = told(|spec| {
        let task = &mut spec["TaskTemplate"];
        task["ContainerSpec"]["Env"] = serde_json::json!(["LOG=debug", "API_KEY=hunter2"]);
        task["ContainerSpec"]["Args"] = serde_json::json!(["serve", "--fast"]);
        task["ContainerSpec"]["Mounts"] =
            serde_json::json!([{ "Type": "volume", "Source": "data", "Target": "/data" }]);
        task["Resources"]["Limits"] = serde_json::json!({ "MemoryBytes": 64 << 20 });
        spec["EndpointSpec"]["Ports"] = serde_json::json!([
            { "PublishedPort": 8099, "TargetPort": 80, "Protocol": "tcp", "PublishMode": "ingress" }
        ]);
        spec["Labels"]["team"] = "blue".into();
    })
    .await;
    for part in [
        "environment.LOG",
        "debug",
        "environment.API_KEY",
        "command",
        "serve --fast",
        "volume data:/data",
        "limits.memory",
        "64 MiB",
        "8099->80/tcp",
        "labels.team added: blue",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn who_takes_a_stack_is_seen_at_once_and_gone_as_soon_as_it_is_free() {
    let engine = demo();
    let lease = |holder: &str| Lease {
        holder: holder.to_owned(),
        token: holder.to_owned(),
        purpose: "deploy blog".to_owned(),
        since: Timestamp::now(),
    };
    let stack = |name: &str| name.parse::<StackName>().unwrap();
    let before = lease("ann@m1 (pid 1)").creation(&stack("shop"), Timestamp::now());
    engine.apply(&before).await.unwrap();
    let mut watched = watching(&engine);
    let view = until(&mut watched, |it| !it.occupied.is_empty()).await;
    assert_eq!(view.occupied[0].stack, Some(stack("shop")));
    let taken = lease("bob@m2 (pid 7)").creation(&stack("blog"), Timestamp::now());
    let asked = tokio::time::Instant::now();
    let id = engine.apply(&taken).await.unwrap().id.unwrap();
    let view = until(&mut watched, |it| it.occupied.len() == 2).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    let other = view.occupied.iter().find(|it| it.stack == Some(stack("blog"))).unwrap();
    assert_eq!(other.lease.holder, "bob@m2 (pid 7)");
    let name = "skep-lease-blog".to_owned();
    engine.apply(&Change::RemoveConfig { id, name }).await.unwrap();
    let view = until(&mut watched, |it| it.occupied.len() == 1).await;
    assert_eq!(view.occupied[0].stack, Some(stack("shop")));
}

#[tokio::test(start_paused = true)]
async fn many_leases_that_change_at_once_are_all_seen() {
    let engine = demo();
    let mut watched = watching(&engine);
    until(&mut watched, |it| it.read_at.is_some()).await;
    for number in 0..30 {
        let lease = Lease {
            holder: "bob@m2 (pid 7)".to_owned(),
            token: format!("t{number}"),
            purpose: "deploy".to_owned(),
            since: Timestamp::now(),
        };
        let stack: StackName = format!("s{number}").parse().unwrap();
        engine.apply(&lease.creation(&stack, Timestamp::now())).await.unwrap();
    }
    until(&mut watched, |it| it.occupied.len() == 30).await;
}
