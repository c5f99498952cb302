//! How the swarm keeps as many tasks as it should, wherever it can.

use crate::{
    domain::swarm::{
        change::Change,
        cluster::{TaskScope, TaskState},
    },
    engine::{
        Engine, ReadEngine,
        fake::{
            handle::FakeEngine,
            tests::{
                change_node, create, engine, node_named, now, running, service, spec, tasks, until,
                update, with,
            },
        },
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn scaling_adds_and_removes_tasks_and_leaves_the_others_alone() {
    let engine = engine();
    let id = running(&engine, spec("web", 2)).await;
    let before = tasks(&engine, &id).await;
    let scale = |replicas: u64| {
        move |it: &mut Value| it["Mode"] = json!({ "Replicated": { "Replicas": replicas } })
    };
    update(&engine, &id, scale(5)).await.unwrap();
    until(&engine, &id, |it, _| it.running == 5).await;
    assert_eq!(tasks(&engine, &id).await[..2], before);
    update(&engine, &id, scale(0)).await.unwrap();
    until(&engine, &id, |it, tasks| it.running == 0 && tasks.is_empty()).await;
    assert!(service(&engine, &id).await.converged());
}

#[tokio::test(start_paused = true)]
async fn scaling_down_forgets_what_happened_in_the_slots_given_up() {
    let engine = engine().breaking("web:1");
    let id = create(&engine, spec("web", 1)).await;
    until(&engine, &id, |_, it| it.len() == 4).await;
    update(&engine, &id, |it| it["Mode"] = json!({ "Replicated": { "Replicas": 0 } }))
        .await
        .unwrap();
    until(&engine, &id, |_, it| it.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_service_leaves_when_its_tasks_have_stopped() {
    let engine = engine();
    let labels = json!({ "com.docker.stack.namespace": "shop" });
    let id = running(&engine, with(spec("web", 2), "/Labels", labels)).await;
    engine.apply(&Change::RemoveService { id: id.clone(), name: "web".into() }).await.unwrap();
    let of_stack = TaskScope::Stack("shop".parse().unwrap());
    assert_eq!(
        engine.tasks(&of_stack).await.unwrap().len(),
        2,
        "they are still those of the stack"
    );
    assert!(engine.services().await.unwrap().is_empty());
    assert_eq!(tasks(&engine, &id).await.len(), 2, "tasks stop after their service is gone");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(tasks(&engine, &id).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_drained_node_is_left_and_a_paused_one_is_not() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    let node = |availability: &str| json!({ "Role": "worker", "Availability": availability });
    let before = tasks(&engine, &id).await;
    change_node(&engine, "node2", node("pause")).await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(tasks(&engine, &id).await, before);
    change_node(&engine, "node2", node("drain")).await;
    sleep(Duration::from_secs(10)).await;
    let drained = node_named(&engine, "node2").await;
    let on_it: Vec<_> = tasks(&engine, &id)
        .await
        .into_iter()
        .filter(|it| it.node == Some(drained.id.clone()))
        .collect();
    assert!(on_it.iter().all(|it| it.state == TaskState::Shutdown), "{on_it:#?}");
    assert_eq!(service(&engine, &id).await.running, 3);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_lost_node_move_and_still_seem_to_run_there() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    engine.lose_node("node3", Duration::ZERO);
    until(&engine, &id, |it, _| it.running == 4).await;
    let lost = node_named(&engine, "node3").await;
    assert_eq!((lost.state.word(), lost.message.as_str()), ("down", "heartbeat failure"));
    let there = engine.tasks(&TaskScope::Node(lost.id.clone())).await.unwrap();
    assert_eq!((there[0].state, there[0].desired), (TaskState::Running, TaskState::Shutdown));
    engine.return_node("node3", Duration::from_secs(30));
    until(&engine, &id, |it, _| it.running == 3).await;
    let there = engine.tasks(&TaskScope::Node(lost.id)).await.unwrap();
    assert_eq!(there[0].state, TaskState::Shutdown);
}

#[tokio::test(start_paused = true)]
async fn a_global_service_has_one_task_on_every_node_that_fits() {
    let engine = engine();
    let global = with(spec("agent", 1), "/Mode", json!({ "Global": {} }));
    let id = running(&engine, global).await;
    assert_eq!(service(&engine, &id).await.desired, 3);
    assert!(tasks(&engine, &id).await.iter().all(|it| it.slot == 0));
    let drain = json!({ "Role": "worker", "Availability": "drain" });
    change_node(&engine, "node2", drain).await;
    until(&engine, &id, |it, _| it.desired == 2 && it.running == 2).await;
    let back = json!({ "Role": "worker", "Availability": "active" });
    change_node(&engine, "node2", back).await;
    until(&engine, &id, |it, _| it.desired == 3 && it.running == 3).await;
}

#[tokio::test(start_paused = true)]
async fn jobs_complete_and_run_again_with_every_update() {
    let engine = engine();
    let job = json!({ "ReplicatedJob": { "MaxConcurrent": 2, "TotalCompletions": 5 } });
    let id = create(&engine, with(spec("job", 1), "/Mode", job)).await;
    let mut most = 0;
    while !service(&engine, &id).await.converged() {
        most = most.max(service(&engine, &id).await.running);
        sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(most, 2);
    assert_eq!(service(&engine, &id).await.completed, 5);
    update(&engine, &id, |_| {}).await.unwrap();
    assert_eq!(service(&engine, &id).await.completed, 0);
    until(&engine, &id, |it, _| it.converged()).await;
    let global = with(spec("once", 1), "/Mode", json!({ "GlobalJob": {} }));
    let id = create(&engine, global).await;
    until(&engine, &id, |it, tasks| it.completed == 3 && it.desired == 0 && tasks.len() == 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_is_tried_again() {
    let engine = engine().breaking("web:1");
    let job = json!({ "ReplicatedJob": { "MaxConcurrent": 1, "TotalCompletions": 1 } });
    let policy = json!({ "Condition": "on-failure", "MaxAttempts": 2 });
    let spec = with(with(spec("job", 1), "/Mode", job), "/TaskTemplate/RestartPolicy", policy);
    let id = create(&engine, spec).await;
    sleep(Duration::from_secs(120)).await;
    let tasks = tasks(&engine, &id).await;
    assert_eq!(tasks.len(), 3);
    assert!(tasks.iter().all(|it| it.state == TaskState::Failed));
    assert_eq!(service(&engine, &id).await.completed, 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_tells_the_same_story() {
    async fn story(seed: u64, looks: u64) -> String {
        let engine = FakeEngine::demo(seed, now());
        for _ in 0..looks {
            sleep(Duration::from_secs(300) / u32::try_from(looks).unwrap()).await;
            engine.services().await.unwrap();
        }
        format!("{:?}{:?}", engine.services().await, engine.tasks(&TaskScope::All).await)
    }
    // How often somebody looks makes no difference.
    assert!(story(1, 1).await == story(1, 60).await);
    assert!(story(1, 1).await != story(2, 1).await);
}
