//! What writes do, and which are refused of networks, secrets, configs and nodes.

use crate::{
    domain::swarm::{
        change::{Change, Confidential},
        cluster::Object,
        names::NodeId,
        states::UpdateState,
    },
    engine::{
        Engine, ReadEngine,
        fake::tests::{created, engine, image, live, running, spec, tasks, until, update, with},
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn the_updater_makes_the_version_stale_soon_after_an_update() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    let read = live(&engine, &id).await["Version"]["Index"].clone();
    until(&engine, &id, |it, _| it.update.is_some()).await;
    assert!(live(&engine, &id).await["Version"]["Index"].as_u64() > read.as_u64());
}

#[tokio::test(start_paused = true)]
async fn an_update_that_changes_nothing_wipes_the_way_back() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    update(&engine, &id, image("web:2")).await.unwrap();
    until(&engine, &id, |it, _| {
        it.update.as_ref().is_some_and(|it| it.state == UpdateState::Completed)
    })
    .await;
    let before = tasks(&engine, &id).await;
    update(&engine, &id, |_| {}).await.unwrap();
    let after = live(&engine, &id).await;
    assert_eq!(after["PreviousSpec"], after["Spec"]);
    assert_eq!(after.get("UpdateStatus"), None);
    assert_eq!(tasks(&engine, &id).await, before);
}

#[tokio::test(start_paused = true)]
async fn specs_are_stored_with_defaults_written_out() {
    let engine = engine();
    engine.apply(&network("net")).await.unwrap();
    let sent = json!({
        "Name": "web",
        "TaskTemplate": {
            "ContainerSpec": { "Image": "web:1", "Privileges": {} },
            "Placement": {}, "RestartPolicy": {}, "Networks": [{ "Target": "net" }],
        },
        "UpdateConfig": { "Parallelism": 1 },
        "EndpointSpec": { "Ports": [{ "TargetPort": 80 }] },
    });
    let id = running(&engine, sent).await;
    let answer = live(&engine, &id).await;
    let net = &engine.inspect(&Object::Network("net".into())).await.unwrap()["Id"];
    let mut expected = json!({
        "Name": "web",
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "web:1", "Isolation": "default",
                "Privileges": { "CredentialSpec": null, "SELinuxContext": null },
            },
            "Placement": {}, "RestartPolicy": { "Condition": "any", "MaxAttempts": 0 },
            "ForceUpdate": 0, "Runtime": "container",
        },
        "UpdateConfig": {
            "Parallelism": 1, "FailureAction": "pause", "MaxFailureRatio": 0, "Order": "stop-first",
        },
        "EndpointSpec": {
            "Mode": "vip", "Ports": [{ "TargetPort": 80, "Protocol": "tcp", "PublishMode": "ingress" }],
        },
        "Labels": {},
        "Mode": { "Replicated": { "Replicas": 1 } },
    });
    expected["TaskTemplate"]["Networks"] = json!([{ "Target": net }]);
    assert_eq!(answer["Spec"], expected);
    assert_eq!(answer["Endpoint"]["Ports"][0]["PublishedPort"], 30_000);
    assert_eq!(answer["Endpoint"]["VirtualIPs"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn secrets_and_configs_follow_their_rules() {
    let engine = engine();
    let s = |name: &str, data: &str| Change::CreateSecret {
        name: name.into(),
        body: Confidential(json!({ "Name": name, "Data": data })),
    };
    let c = |name: &str, data: &str| Change::CreateConfig {
        name: name.into(),
        body: json!({ "Name": name, "Data": data }),
    };
    let id = engine.apply(&s("db", "aGk=")).await.unwrap().id.unwrap();
    engine.apply(&c("conf", "aGk=")).await.unwrap();
    let name = "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]";
    let big = "A".repeat(512_000 / 3 * 4 + 4);
    for (change, expected) in [
        (s("db", "aGk="), "secret db: secret db already exists".to_owned()),
        (c("conf", "aGk="), "config conf: config conf already exists".to_owned()),
        (s("-a", "aGk="), format!("the engine refuses create secret -a: {name}")),
        (s("a", ""), "the engine refuses create secret a: secret data must be larger than 0 and less than 512000 bytes".to_owned()),
        (s("a", &big), "the engine refuses create secret a: secret data must be larger than 0 and less than 512000 bytes".to_owned()),
        (c("a", ""), "the engine refuses create config a: config data must be larger than 0 and less than 1024000 bytes".to_owned()),
        (Change::RemoveSecret { id: "x".into(), name: "x".into() }, "secret x not found".to_owned()),
    ] {
        assert_eq!(engine.apply(&change).await.expect_err(&expected).to_string(), expected);
    }
    engine.apply(&c("big", &big)).await.unwrap();
    let answer = engine.inspect(&Object::Secret(id.clone())).await.unwrap();
    assert_eq!(answer["Spec"].get("Data"), None, "data of secrets is never told");
    let version = answer["Version"]["Index"].as_u64().unwrap();
    let updated = |version: u64, body: Value| Change::UpdateSecret {
        id: id.clone(),
        name: "db".into(),
        version,
        body: Confidential(body),
    };
    let err = engine.apply(&updated(1, json!({ "Name": "db" }))).await.unwrap_err();
    assert_eq!(err.to_string(), "secret db changed since it was read");
    let data = json!({ "Name": "db", "Data": "bm8=" });
    let err = engine.apply(&updated(version, data)).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "the engine refuses update secret db: only updates to Labels are allowed"
    );
    engine.apply(&updated(version, json!({ "Name": "db", "Labels": { "a": "b" } }))).await.unwrap();
    let answer = engine.inspect(&Object::Secret(id)).await.unwrap();
    assert_eq!(answer["Spec"]["Labels"], json!({ "a": "b" }));
}

#[tokio::test(start_paused = true)]
async fn what_a_service_uses_cannot_be_removed() {
    let engine = engine();
    let secret = Change::CreateSecret {
        name: "db".into(),
        body: Confidential(json!({ "Name": "db", "Data": "aGk=" })),
    };
    let secret = engine.apply(&secret).await.unwrap().id.unwrap();
    let net = engine.apply(&network("net")).await.unwrap().id.unwrap();
    let file = json!({ "Name": "db", "UID": "0", "GID": "0", "Mode": 292 });
    let reference = json!([{ "SecretID": secret, "SecretName": "db", "File": file }]);
    let spec = with(spec("web", 1), "/TaskTemplate/ContainerSpec/Secrets", reference);
    let id =
        running(&engine, with(spec, "/TaskTemplate/Networks", json!([{ "Target": "net" }]))).await;
    let removals = [
        Change::RemoveSecret { id: secret, name: "db".into() },
        Change::RemoveNetwork { id: net.clone(), name: "net".into() },
    ];
    for (change, expected) in removals.iter().zip([
        "secret db: secret 'db' is in use by the following service: web".to_owned(),
        format!("network net: network {net} is in use by service {id}"),
    ]) {
        assert_eq!(engine.apply(change).await.unwrap_err().to_string(), expected);
    }
    engine.apply(&Change::RemoveService { id, name: "web".into() }).await.unwrap();
    for change in &removals {
        engine.apply(change).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_removed_network_is_listed_until_its_tasks_have_stopped() {
    let engine = engine();
    let net = engine.apply(&network("net")).await.unwrap().id.unwrap();
    let attached = with(spec("web", 1), "/TaskTemplate/Networks", json!([{ "Target": "net" }]));
    let id = running(&engine, attached.clone()).await;
    engine.apply(&Change::RemoveService { id, name: "web".into() }).await.unwrap();
    let remove = Change::RemoveNetwork { id: net.clone(), name: "net".into() };
    engine.apply(&remove).await.unwrap();
    assert!(engine.inspect(&Object::Network(net.clone())).await.is_ok());
    for (change, expected) in [
        (network("net"), "network net: network with name net already exists"),
        (created(attached), "network net not found"),
        (remove, "network net not found"),
    ] {
        assert_eq!(engine.apply(&change).await.unwrap_err().to_string(), expected);
    }
    sleep(Duration::from_secs(5)).await;
    assert!(engine.inspect(&Object::Network(net)).await.is_err());
    engine.apply(&network("net")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn networks_follow_their_rules() {
    let engine = engine();
    engine.apply(&network("net")).await.unwrap();
    let bridge = Change::RemoveNetwork { id: "bridge".into(), name: "bridge".into() };
    for (change, expected) in [
        (network("net"), "network net: network with name net already exists"),
        (
            network("a.b"),
            "the engine refuses create network a.b: name must be valid as a DNS name component",
        ),
        (bridge, "network bridge: bridge is a pre-defined network and cannot be removed"),
    ] {
        assert_eq!(engine.apply(&change).await.unwrap_err().to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_follow_their_rules() {
    let engine = engine();
    let nodes = engine.nodes().await.unwrap();
    let change = |version: u64, spec: Value| Change::UpdateNode {
        id: nodes[0].id.clone(),
        hostname: "node1".into(),
        version,
        spec,
    };
    let version = nodes[0].version;
    let manager = json!({ "Role": "manager", "Availability": "active" });
    let lost = Change::UpdateNode {
        id: NodeId::from("x"),
        hostname: "x".into(),
        version,
        spec: manager.clone(),
    };
    for (change, expected) in [
        (
            change(version, json!({ "Role": "worker", "Availability": "active" })),
            "the engine refuses update node node1: attempting to demote the last manager of the swarm",
        ),
        (
            change(version, json!({ "Role": "manager" })),
            "the engine refuses update node node1: invalid Availability: \"\"",
        ),
        (
            change(version, json!({ "Role": "x", "Availability": "active" })),
            "the engine refuses update node node1: invalid Role: \"x\"",
        ),
        (change(version + 9, manager), "node node1 changed since it was read"),
        (lost, "node x not found"),
    ] {
        assert_eq!(engine.apply(&change).await.unwrap_err().to_string(), expected);
    }
}

fn network(name: &str) -> Change {
    Change::CreateNetwork { name: name.into(), body: json!({ "Name": name, "Driver": "overlay" }) }
}
