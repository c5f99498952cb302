//! How tasks live, fail, find nodes and are kept.

use crate::{
    domain::swarm::cluster::{Task, TaskState},
    engine::fake::{
        Behaviour,
        tests::{change_node, create, engine, running, spec, tasks, until, with},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn a_task_goes_through_its_states_in_order() {
    let engine = engine();
    let id = create(&engine, spec("web", 1)).await;
    let mut seen = Vec::new();
    while seen.last() != Some(&"running".to_owned()) {
        if let Some(task) = tasks(&engine, &id).await.first() {
            let state = task.state.word().to_owned();
            if seen.last() != Some(&state) {
                seen.push(state);
            }
        }
        sleep(Duration::from_millis(1)).await;
    }
    let order =
        ["new", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running"];
    assert_eq!(seen, order);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_service_spread_over_the_nodes() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    let tasks = tasks(&engine, &id).await;
    let nodes: BTreeSet<_> = tasks.iter().map(|it| it.node.clone()).collect();
    assert_eq!(nodes.len(), 3);
    assert_eq!(tasks.iter().map(|it| it.slot).collect::<BTreeSet<_>>(), (1..=3).collect());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fits_nowhere_says_why() {
    let gib = |gib: i64| json!({ "MemoryBytes": gib << 30 });
    let host = json!([{ "TargetPort": 80, "PublishedPort": 80, "PublishMode": "host" }]);
    let rows: [(&str, Value, u64, &str); 5] = [
        (
            "/TaskTemplate/Placement/Constraints",
            json!(["node.labels.disk == ssd"]),
            1,
            "no suitable node (scheduling constraints not satisfied on 3 nodes)",
        ),
        (
            "/TaskTemplate/Resources/Reservations",
            gib(9),
            1,
            "no suitable node (insufficient resources on 3 nodes)",
        ),
        (
            "/TaskTemplate/Placement/MaxReplicas",
            json!(1),
            4,
            "no suitable node (max replicas per node limit exceed)",
        ),
        (
            "/EndpointSpec/Ports",
            host,
            4,
            "no suitable node (host-mode port already in use on 3 nodes)",
        ),
        (
            "/TaskTemplate/Placement/Constraints",
            json!(["node.role==manager", "node.hostname!=NODE1"]),
            1,
            "no suitable node (scheduling constraints not satisfied on 3 nodes)",
        ),
    ];
    for (pointer, value, replicas, expected) in rows {
        let engine = engine();
        let id = create(&engine, with(spec("web", replicas), pointer, value)).await;
        until(&engine, &id, |it, tasks| {
            it.running == replicas - 1 && tasks.iter().any(|it| it.error == expected)
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pending_task_starts_as_soon_as_a_node_fits() {
    let engine = engine();
    let constrained =
        with(spec("web", 1), "/TaskTemplate/Placement/Constraints", json!(["node.labels.a==b"]));
    let id = create(&engine, constrained).await;
    until(&engine, &id, |_, tasks| tasks.iter().any(|it| !it.error.is_empty())).await;
    let labelled = json!({ "Role": "worker", "Availability": "active", "Labels": { "a": "b" } });
    change_node(&engine, "node2", labelled).await;
    until(&engine, &id, |it, _| it.converged()).await;
    let removed = json!({ "Role": "worker", "Availability": "active", "Labels": {} });
    change_node(&engine, "node2", removed).await;
    until(&engine, &id, |_, tasks| {
        tasks[0].error == "assigned node no longer meets constraints" && tasks.len() == 2
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn images_end_as_their_script_says() {
    let health = json!({ "Test": ["CMD", "x"], "Interval": 1_000_000_000, "Retries": 2 });
    let rows = [
        (Behaviour::Crashes, TaskState::Failed, "task: non-zero exit (1)", Some(1)),
        (Behaviour::Collapses, TaskState::Failed, "task: non-zero exit (1)", Some(1)),
        (Behaviour::RunsOutOfMemory, TaskState::Failed, "task: non-zero exit (137)", Some(137)),
        (
            Behaviour::Unhealthy,
            TaskState::Failed,
            "task: non-zero exit (143): dockerexec: unhealthy container",
            Some(143),
        ),
        (Behaviour::Missing, TaskState::Rejected, "No such image: web:1", None),
        (Behaviour::Completes, TaskState::Complete, "", Some(0)),
    ];
    for (behaviour, state, error, code) in rows {
        let engine = engine().behaving("web:1", behaviour);
        let checked =
            with(spec("web", 1), "/TaskTemplate/ContainerSpec/Healthcheck", health.clone());
        let id = create(&engine, checked).await;
        until(&engine, &id, |_, tasks| {
            let first: Option<&Task> = tasks.first();
            first.is_some_and(|it| {
                (it.state, it.error.as_str(), it.exit_code) == (state, error, code)
            })
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_restarts_every_five_seconds_and_keeps_five_tasks() {
    let engine = engine().breaking("web:1");
    let id = create(&engine, spec("web", 1)).await;
    sleep(Duration::from_secs(120)).await;
    let tasks = tasks(&engine, &id).await;
    assert_eq!(tasks.len(), 5);
    assert!(tasks.iter().rev().skip(1).all(|it| it.desired == TaskState::Shutdown));
    for pair in tasks.windows(2) {
        let apart = pair[1].created.duration_since(pair[0].created).as_millis();
        assert!((5_000..8_000).contains(&apart), "{apart} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_image_is_asked_for_every_five_seconds() {
    let engine = engine().behaving("web:1", Behaviour::Missing);
    let id = create(&engine, spec("web", 1)).await;
    sleep(Duration::from_secs(60)).await;
    let tasks = tasks(&engine, &id).await;
    let apart = tasks[2].created.duration_since(tasks[1].created).as_millis();
    assert!((5_000..6_000).contains(&apart), "{apart} ms");
}

#[tokio::test(start_paused = true)]
async fn restart_policies_are_kept() {
    let rows = [
        (json!({ "Condition": "none" }), Behaviour::Crashes, 1),
        (json!({ "Condition": "on-failure" }), Behaviour::Completes, 1),
        (json!({ "Condition": "any", "MaxAttempts": 2 }), Behaviour::Completes, 3),
        (json!({ "Condition": "on-failure", "MaxAttempts": 3 }), Behaviour::Crashes, 4),
    ];
    for (policy, behaviour, expected) in rows {
        let engine = engine().behaving("web:1", behaviour);
        let id =
            create(&engine, with(spec("web", 1), "/TaskTemplate/RestartPolicy", policy.clone()))
                .await;
        sleep(Duration::from_secs(120)).await;
        let tasks = tasks(&engine, &id).await;
        assert_eq!(tasks.len(), expected, "{policy}");
        assert!(tasks.iter().all(|it| it.desired == TaskState::Shutdown), "{policy}");
    }
}
