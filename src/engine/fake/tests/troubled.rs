//! Trouble by script, and what a test may ask afterwards.

use crate::{
    domain::swarm::{
        change::{Change, RegistryAuth},
        cluster::{Membership, Node, ObjectKind, TaskScope},
        names::ServiceId,
        spec::NewService,
    },
    engine::{
        Engine, EngineError, ReadEngine,
        fake::{
            Behaviour,
            handle::FakeEngine,
            tests::{create, engine, now, spec, until},
        },
    },
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn every_call_meets_the_trouble() {
    type Trouble = fn(FakeEngine) -> FakeEngine;
    let rows: [(Trouble, &str); 6] = [
        (|it| it.unreachable_after(0), "no engine answers at demo: connection refused"),
        (FakeEngine::garbage, "the engine failed: services: expected value at line 1 column 1"),
        (FakeEngine::without_leader, "the swarm has no leader: too few of its managers are up"),
        (FakeEngine::worker, "demo is a worker, and only managers know the cluster"),
        (FakeEngine::no_swarm, "demo is not part of a swarm"),
        (
            |it| {
                it.link().cut();
                it
            },
            "no engine answers at demo: connection refused",
        ),
    ];
    for (trouble, expected) in rows {
        let engine = trouble(engine());
        assert_eq!(engine.services().await.unwrap_err().to_string(), expected);
        assert!(engine.nodes().await.is_err());
        assert!(engine.tasks(&TaskScope::All).await.is_err());
        assert!(engine.list(ObjectKind::Networks, None).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn an_engine_outside_the_swarm_still_says_who_it_is() {
    let worker = engine().worker().system().await.unwrap();
    assert!(matches!(worker.swarm, Membership::Worker { managers, .. } if !managers.is_empty()));
    let outside = engine().no_swarm().system().await.unwrap();
    assert_eq!((outside.name.as_str(), outside.swarm), ("node1", Membership::None));
    let manager = engine().system().await.unwrap();
    assert!(matches!(manager.swarm, Membership::Manager { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_way_is_cut_after_some_calls_and_can_be_mended() {
    let engine = engine().unreachable_after(2);
    assert!(engine.services().await.is_ok());
    assert!(engine.nodes().await.is_ok());
    assert!(engine.services().await.is_err());
    assert!(engine.nodes().await.is_err());
    engine.link().restore();
    assert!(engine.services().await.is_ok());
    assert_eq!(engine.calls()["services"], 3);
}

#[tokio::test(start_paused = true)]
async fn without_most_of_its_managers_a_swarm_decides_nothing() {
    let engine = engine().losing_node("node1");
    assert_eq!(engine.services().await.unwrap_err(), EngineError::NoLeader);
    let demo = FakeEngine::demo(7, now()).losing_node("hive1");
    let nodes = demo.nodes().await.unwrap();
    let leads = |it: &&Node| it.manager.as_ref().is_some_and(|it| it.leader);
    assert_ne!(&*nodes.iter().find(leads).unwrap().hostname, "hive1");
    demo.lose_node("hive2", Duration::ZERO);
    assert_eq!(demo.nodes().await.unwrap_err(), EngineError::NoLeader);
    demo.return_node("hive1", Duration::ZERO);
    assert!(demo.nodes().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn private_images_want_credentials() {
    let engine = engine().behaving("web:1", Behaviour::Private);
    let auth = RegistryAuth("eyJ9".into());
    let none = RegistryAuth("e30=".into());
    assert!(engine.distribution("web:1", Some(&none)).await.is_err());
    let err = engine.distribution("web:1", None).await.unwrap_err();
    assert_eq!(err.to_string(), "image web:1: access denied: no basic auth credentials");
    assert!(engine.distribution("web:1", Some(&auth)).await.is_ok());
    let id = create(&engine, spec("web", 1)).await;
    until(&engine, &id, |_, tasks| tasks.iter().any(|it| it.error == "No such image: web:1")).await;
    let service = NewService::new(spec("api", 1)).unwrap();
    let change = Change::CreateService { spec: service, auth: Some(auth) };
    let id = engine.apply(&change).await.unwrap().id.unwrap();
    until(&engine, &ServiceId::from(id.as_str()), |it, _| it.converged()).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_engine_answers_late() {
    let engine = engine().slow(Duration::from_secs(3));
    let start = Instant::now();
    engine.services().await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn lists_that_did_not_change_are_the_very_same() {
    let engine = engine();
    create(&engine, spec("web", 1)).await;
    let (first, nodes) = (engine.services().await.unwrap(), engine.nodes().await.unwrap());
    assert!(Arc::ptr_eq(&first, &engine.services().await.unwrap()));
    assert!(Arc::ptr_eq(&nodes, &engine.nodes().await.unwrap()));
    create(&engine, spec("api", 1)).await;
    assert!(!Arc::ptr_eq(&first, &engine.services().await.unwrap()));
    assert_eq!(engine.writes(), ["create service web", "create service api"]);
}

#[tokio::test(start_paused = true)]
async fn a_large_swarm_is_complete_from_the_start_and_stays_calm() {
    let engine = FakeEngine::with_size(now(), 500, 10);
    let services = engine.services().await.unwrap();
    assert_eq!(services.len(), 500);
    assert!(services.iter().all(|it| it.running == 10 && it.converged()));
    assert_eq!(engine.tasks(&TaskScope::All).await.unwrap().len(), 5_000);
    sleep(Duration::from_secs(3_600)).await;
    assert!(Arc::ptr_eq(&services, &engine.services().await.unwrap()));
}
