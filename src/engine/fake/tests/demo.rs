//! The demo cluster and swarms of any size.

use crate::{
    domain::swarm::{
        cluster::{Service, TaskState},
        states::UpdateState,
    },
    engine::{
        ReadEngine,
        fake::{
            demo,
            handle::FakeEngine,
            tests::{now, tasks},
        },
    },
};

#[test]
fn the_description_can_be_read_and_nothing_in_it_is_refused() {
    let described = demo::described().unwrap();
    let engine = FakeEngine::demo(7, now());
    assert_eq!(engine.lock().swarm.services.len(), described);
}

#[tokio::test(start_paused = true)]
async fn the_demo_shows_what_can_go_wrong() {
    let engine = FakeEngine::demo(7, now());
    let services = engine.services().await.unwrap();
    let named = |name: &str| services.iter().find(|it| &*it.name == name).unwrap();
    let troubled: Vec<_> =
        services.iter().filter(|it| !it.converged()).map(|it| &*it.name).collect();
    assert!(troubled.contains(&"shop-production-search_ranker"), "{troubled:?}");
    let state = |it: &Service| it.update.clone().unwrap().state;
    assert_eq!(state(named("shop-production-web_api")), UpdateState::Updating);
    assert_eq!(named("monitoring_node-exporter").desired, 4);
    let pending = tasks(&engine, &named("shop-production-search_ranker").id).await;
    assert_eq!(
        pending[0].error,
        "no suitable node (scheduling constraints not satisfied on 4 nodes; 1 node not available for new tasks)"
    );
    let crashed = tasks(&engine, &named("shop-production-mail_worker").id).await;
    assert!(crashed.iter().any(|it| it.state == TaskState::Failed && it.exit_code == Some(1)));
    assert!(services.iter().any(|it| it.stack.is_none()));
    let oldest = services.iter().map(|it| it.created).min().unwrap();
    assert!(now().duration_since(oldest).as_hours() > 24 * 300);
}
