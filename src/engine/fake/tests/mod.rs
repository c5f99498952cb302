//! The rules of the swarm in memory, and what its scripts do.

mod demo;
mod keeping;
mod lines;
mod living;
mod parity;
mod rolling;
mod strict;
mod troubled;
mod written;

use crate::{
    domain::swarm::{
        change::{Applied, Change},
        cluster::{Node, Object, Service, Task, TaskScope},
        names::ServiceId,
        spec::{NewService, UpdateBody},
    },
    engine::{Answer, Engine, ReadEngine, fake::handle::FakeEngine},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

fn now() -> Timestamp {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

fn engine() -> FakeEngine {
    FakeEngine::new(7, now())
}

/// A spec as the docker CLI sends it.
fn spec(name: &str, replicas: u64) -> Value {
    json!({
        "Name": name,
        "Labels": {},
        "TaskTemplate": {
            "ContainerSpec": { "Image": "web:1", "Privileges": {} },
            "Resources": {}, "Placement": {}, "ForceUpdate": 0,
        },
        "Mode": { "Replicated": { "Replicas": replicas } },
        "EndpointSpec": {},
    })
}

/// The spec of a service with one thing set, by its pointer.
fn with(mut spec: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    spec.pointer_mut(parent).unwrap()[key] = value;
    spec
}

fn created(spec: Value) -> Change {
    Change::CreateService { spec: NewService::new(spec).unwrap(), auth: None }
}

async fn create(engine: &FakeEngine, spec: Value) -> ServiceId {
    let applied = engine.apply(&created(spec)).await.unwrap();
    ServiceId::from(applied.id.unwrap().as_str())
}

async fn live(engine: &FakeEngine, id: &ServiceId) -> Value {
    engine.inspect(&Object::Service(id.clone())).await.unwrap()
}

/// Reads a service, edits its spec and writes it back.
async fn update(
    engine: &FakeEngine,
    id: &ServiceId,
    edit: impl FnOnce(&mut Value),
) -> Answer<Applied> {
    let mut service = live(engine, id).await;
    edit(&mut service["Spec"]);
    let change = Change::UpdateService {
        id: id.clone(),
        name: service["Spec"]["Name"].as_str().unwrap().to_owned(),
        version: service["Version"]["Index"].as_u64().unwrap(),
        body: UpdateBody::replace(service["Spec"].clone()).unwrap(),
        auth: None,
    };
    engine.apply(&change).await
}

/// Sets the image of a spec.
fn image(name: &str) -> impl FnOnce(&mut Value) {
    move |spec| spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(name)
}

async fn service(engine: &FakeEngine, id: &ServiceId) -> Service {
    let services = engine.services().await.unwrap();
    services.iter().find(|it| it.id == *id).unwrap().clone()
}

/// The tasks of a service, oldest first.
async fn tasks(engine: &FakeEngine, id: &ServiceId) -> Vec<Task> {
    let mut tasks = engine.tasks(&TaskScope::Services(vec![id.clone()])).await.unwrap();
    tasks.sort_by_key(|it| it.created);
    tasks
}

/// Waits until a service is as it should be; minutes pass at once when the clock
/// is paused.
async fn until(engine: &FakeEngine, id: &ServiceId, fine: impl Fn(&Service, &[Task]) -> bool) {
    for _ in 0..6_000 {
        let (service, tasks) = (service(engine, id).await, tasks(engine, id).await);
        if fine(&service, &tasks) {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{:#?}\n{:#?}", service(engine, id).await, tasks(engine, id).await);
}

async fn running(engine: &FakeEngine, spec: Value) -> ServiceId {
    let id = create(engine, spec).await;
    until(engine, &id, |it, _| it.desired > 0 && it.converged()).await;
    id
}

fn update_state(service: &Service) -> Option<&str> {
    service.update.as_ref().map(|it| it.state.word())
}

async fn node_named(engine: &FakeEngine, hostname: &str) -> Node {
    let nodes = engine.nodes().await.unwrap();
    nodes.iter().find(|it| &*it.hostname == hostname).unwrap().clone()
}

async fn change_node(engine: &FakeEngine, hostname: &str, spec: Value) {
    let node = node_named(engine, hostname).await;
    let hostname = hostname.to_owned();
    let change = Change::UpdateNode { id: node.id, hostname, version: node.version, spec };
    engine.apply(&change).await.unwrap();
}
