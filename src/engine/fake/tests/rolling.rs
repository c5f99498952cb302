//! How updates replace tasks, fail and are undone.

use crate::{
    domain::swarm::{
        change::Change,
        cluster::{Task, TaskState},
        spec::UpdateBody,
    },
    engine::{
        Engine,
        fake::{
            Behaviour,
            tests::{
                create, engine, image, live, running, service, spec, tasks, until, update,
                update_state, with,
            },
        },
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn an_update_replaces_one_task_after_the_other() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    let started = Instant::now();
    let mut least = 3;
    while update_state(&service(&engine, &id).await) != Some("completed") {
        least = least.min(service(&engine, &id).await.running);
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(least, 2, "stop-first, one at a time");
    assert!(started.elapsed() > Duration::from_secs(5), "new tasks are watched for a while");
    let live = tasks(&engine, &id).await.into_iter().filter(|it| it.state == TaskState::Running);
    assert!(live.clone().all(|it| &*it.image == "web:2"));
    assert_eq!(live.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn start_first_never_runs_fewer_tasks() {
    let engine = engine();
    let config = json!({ "Parallelism": 1, "Order": "start-first" });
    let id = running(&engine, with(spec("web", 2), "/UpdateConfig", config)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    let (mut least, mut most) = (2, 2);
    while update_state(&service(&engine, &id).await) != Some("completed") {
        let running = service(&engine, &id).await.running;
        (least, most) = (least.min(running), most.max(running));
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((least, most), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn parallelism_zero_replaces_all_at_once() {
    let engine = engine();
    let id = running(&engine, with(spec("web", 3), "/UpdateConfig", json!({}))).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    let tasks = tasks(&engine, &id).await;
    let started: Vec<_> =
        tasks.iter().filter(|it| &*it.image == "web:2").map(|it| it.created).collect();
    assert_eq!(started, [started[0]; 3]);
}

#[tokio::test(start_paused = true)]
async fn the_delay_lies_between_two_places() {
    let engine = engine();
    let config = json!({ "Parallelism": 1, "Delay": 20_000_000_000_u64 });
    let id = running(&engine, with(spec("web", 2), "/UpdateConfig", config)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    let new: Vec<_> =
        tasks(&engine, &id).await.into_iter().filter(|it| &*it.image == "web:2").collect();
    let apart = new[1].created.duration_since(new[0].since);
    assert!(apart.as_secs() >= 20, "{apart}");
}

#[tokio::test(start_paused = true)]
async fn only_what_differs_for_tasks_replaces_them() {
    let rows: [(&str, Value, bool); 12] = [
        ("/Labels", json!({ "a": "b" }), false),
        ("/UpdateConfig", json!({ "Parallelism": 2 }), false),
        ("/TaskTemplate/ContainerSpec/Env", json!([]), false),
        ("/TaskTemplate/ContainerSpec/Hostname", json!(""), false),
        ("/TaskTemplate/ContainerSpec/Labels", json!({}), false),
        ("/TaskTemplate/Placement/Constraints", json!(["node.role!=nobody"]), false),
        ("/TaskTemplate/ContainerSpec/Env", json!(["A=b"]), true),
        ("/TaskTemplate/ContainerSpec/Init", json!(false), true),
        ("/TaskTemplate/ContainerSpec/Healthcheck", json!({}), true),
        ("/TaskTemplate/Resources/Limits", json!({}), true),
        ("/TaskTemplate/LogDriver", json!({}), true),
        ("/TaskTemplate/ForceUpdate", json!(1), true),
    ];
    for (pointer, value, replaced) in rows {
        let engine = engine();
        let id = running(&engine, spec("web", 1)).await;
        let before = tasks(&engine, &id).await;
        let edit = |it: &mut Value| *it = with(it.clone(), pointer, value.clone());
        update(&engine, &id, edit).await.unwrap();
        sleep(Duration::from_secs(30)).await;
        let after = tasks(&engine, &id).await;
        assert_eq!(after.len() == 2, replaced, "{pointer} {value}");
        assert_eq!(after == before, !replaced, "{pointer} {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_out_what_the_cli_always_sends_replaces_tasks() {
    for (parent, key) in [
        ("/TaskTemplate/ContainerSpec", "Privileges"),
        ("/TaskTemplate", "Resources"),
        ("", "EndpointSpec"),
    ] {
        let engine = engine();
        let id = running(&engine, spec("web", 1)).await;
        let edit = |it: &mut Value| {
            it.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
        };
        update(&engine, &id, edit).await.unwrap();
        until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
        assert_eq!(tasks(&engine, &id).await.len(), 2, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_runs_tasks_again_that_had_ended_for_good() {
    let engine = engine().behaving("web:1", Behaviour::Completes);
    let policy = json!({ "Condition": "none" });
    let id = create(&engine, with(spec("web", 2), "/TaskTemplate/RestartPolicy", policy)).await;
    let ended = |it: &Task| it.state == TaskState::Complete;
    until(&engine, &id, |_, it| it.len() == 2 && it.iter().all(ended)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    assert_eq!(service(&engine, &id).await.running, 2);
}

#[tokio::test(start_paused = true)]
async fn a_failing_update_pauses() {
    let engine = engine().breaking("web:2");
    let config = json!({ "Parallelism": 1, "Delay": 10_000_000_000_u64 });
    let id = running(&engine, with(spec("web", 2), "/UpdateConfig", config)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("paused")).await;
    let message = service(&engine, &id).await.update.unwrap().message;
    let because = "update paused due to failure or early termination of task ";
    assert!(message.starts_with(because), "{message}");
    sleep(Duration::from_secs(60)).await;
    let tasks = tasks(&engine, &id).await;
    let old = tasks.iter().filter(|it| it.state == TaskState::Running && &*it.image == "web:1");
    assert_eq!(old.count(), 1, "the other place is left alone");
}

#[tokio::test(start_paused = true)]
async fn a_failing_update_is_rolled_back_and_forgets_the_way() {
    let engine = engine().breaking("web:2");
    let config = json!({ "Parallelism": 1, "FailureAction": "rollback" });
    let id = running(&engine, with(spec("web", 2), "/UpdateConfig", config)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("rollback_completed")).await;
    until(&engine, &id, |it, _| it.converged()).await;
    let live = live(&engine, &id).await;
    assert_eq!(live["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"], "web:1");
    assert_eq!(live.get("PreviousSpec"), None);
}

#[tokio::test(start_paused = true)]
async fn a_failing_update_goes_on_where_asked_to() {
    let engine = engine().breaking("web:2");
    let config = json!({ "Parallelism": 1, "FailureAction": "continue" });
    let id = running(&engine, with(spec("web", 2), "/UpdateConfig", config)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    assert!(
        tasks(&engine, &id)
            .await
            .iter()
            .all(|it| it.state != TaskState::Running || &*it.image == "web:2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_the_watch_does_not_count() {
    let engine = engine().behaving("web:2", Behaviour::Collapses);
    let id = running(&engine, spec("web", 1)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    until(&engine, &id, |_, tasks| tasks.iter().any(|it| it.state == TaskState::Failed)).await;
    assert_eq!(update_state(&service(&engine, &id).await), Some("completed"));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_never_starts_blocks_an_update_for_ever() {
    let engine = engine();
    let id = running(&engine, spec("web", 2)).await;
    let nowhere = |it: &mut Value| {
        it["TaskTemplate"]["Placement"] = json!({ "Constraints": ["node.labels.a==b"] });
    };
    update(&engine, &id, nowhere).await.unwrap();
    sleep(Duration::from_secs(3_600)).await;
    let service = service(&engine, &id).await;
    assert_eq!((update_state(&service), service.running), (Some("updating"), 1));
}

#[tokio::test(start_paused = true)]
async fn the_engines_own_way_back_exchanges_the_specs() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    let service = live(&engine, &id).await;
    let back = Change::RollBackService {
        id: id.clone(),
        name: "web".into(),
        version: service["Version"]["Index"].as_u64().unwrap(),
        body: UpdateBody::replace(service["Spec"].clone()).unwrap(),
    };
    engine.apply(&back).await.unwrap();
    let after = live(&engine, &id).await;
    assert_eq!(after["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"], "web:1");
    assert_eq!(after["PreviousSpec"], service["Spec"]);
    assert_eq!(after["UpdateStatus"]["Message"], "manually requested rollback");
    until(&engine, &id, |it, _| update_state(it) == Some("rollback_completed")).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_update_takes_the_place_of_the_one_under_way() {
    let engine = engine();
    let id = running(&engine, spec("web", 3)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |_, tasks| tasks.iter().any(|it| &*it.image == "web:2")).await;
    update(&engine, &id, image("web:3")).await.unwrap();
    until(&engine, &id, |it, _| update_state(it) == Some("completed")).await;
    let live: Vec<_> = tasks(&engine, &id).await;
    let live = live.iter().filter(|it| it.state == TaskState::Running);
    assert!(live.clone().all(|it| &*it.image == "web:3"));
    assert_eq!(live.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_global_service_is_updated_node_by_node() {
    let engine = engine();
    let global = with(spec("agent", 1), "/Mode", json!({ "Global": {} }));
    let id = running(&engine, global).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    let mut least = 3;
    while update_state(&service(&engine, &id).await) != Some("completed") {
        least = least.min(service(&engine, &id).await.running);
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(least, 2);
    assert_eq!(service(&engine, &id).await.running, 3);
}
