//! The lists agree with the raw answers, as the gateway to real engines reads
//! them.

use crate::{
    domain::swarm::cluster::{Node, Object, ObjectKind, Service, Task, TaskScope},
    engine::{
        ReadEngine,
        docker::decode::{node::node, service::service, task::task},
        fake::{handle::FakeEngine, tests::now},
    },
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn services_are_what_their_answers_say() {
    let engine = FakeEngine::demo(7, now());
    let listed = engine.services().await.unwrap();
    let mut read: Vec<Service> = Vec::new();
    for mut answer in engine.list(ObjectKind::Services, None).await.unwrap() {
        let same = listed.iter().find(|it| answer["ID"] == it.id.as_str()).unwrap();
        answer["ServiceStatus"] = json!({
            "RunningTasks": same.running,
            "DesiredTasks": same.desired,
            "CompletedTasks": same.completed,
        });
        read.push(service(&answer.to_string()).unwrap().unwrap());
    }
    read.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(read, *listed);
}

#[tokio::test(start_paused = true)]
async fn tasks_are_what_their_answers_say() {
    let engine = FakeEngine::demo(7, now());
    let listed = engine.tasks(&TaskScope::All).await.unwrap();
    let mut read: Vec<Task> = Vec::new();
    for it in &listed {
        let answer = engine.inspect(&Object::Task(it.id.clone())).await.unwrap();
        read.push(task(&answer.to_string()).unwrap().unwrap());
    }
    assert_eq!(read, listed);
}

#[tokio::test(start_paused = true)]
async fn nodes_are_what_their_answers_say() {
    let engine = FakeEngine::demo(7, now()).losing_node("hive3");
    let listed = engine.nodes().await.unwrap();
    let mut read: Vec<Node> = Vec::new();
    for it in listed.iter() {
        let answer = engine.inspect(&Object::Node(it.id.clone())).await.unwrap();
        read.push(node(&answer.to_string()).unwrap().unwrap());
    }
    assert_eq!(read, *listed);
}
