//! What is refused, in whose words; and what a write does.

use crate::{
    domain::{
        change::{Change, Confidential},
        cluster::Object,
        names::{NodeId, ServiceId},
        spec::UpdateBody,
    },
    engine::{
        Engine,
        fake::{
            FakeEngine,
            tests::{
                create, created, engine, image, live, running, spec, tasks, until, update, with,
            },
            writing::check,
        },
    },
};
use serde_json::{Value, json};

const PORTS: &str = "/EndpointSpec/Ports";

#[tokio::test(start_paused = true)]
async fn specs_that_engines_refuse_are_refused() {
    let engine = engine();
    create(
        &engine,
        with(spec("taken", 1), PORTS, json!([{ "TargetPort": 80, "PublishedPort": 8080 }])),
    )
    .await;
    let taken = id_of(&engine, "taken");
    let web = || spec("web", 1);
    let container = "/TaskTemplate/ContainerSpec";
    let mount = json!({ "Type": "tmpfs", "Target": "/x" });
    let file = json!({ "Name": "f", "UID": "0", "GID": "0", "Mode": 292 });
    let rows: Vec<(Value, String)> = vec![
        (spec("a.b", 1), refused("a.b", "name must be valid as a DNS name component")),
        (spec("-a", 1), refused("-a", "name must be valid as a DNS name component")),
        (spec(&"a".repeat(64), 1), refused(&"a".repeat(64), "name must be 63 characters or fewer")),
        (
            spec("taken", 1),
            "service taken: name conflicts with an existing object: service taken already exists"
                .into(),
        ),
        (
            with(web(), container, json!(null)),
            refused("web", "mismatched Runtime and *Spec fields"),
        ),
        (
            with(web(), "/TaskTemplate/ContainerSpec/Image", json!("")),
            refused("web", "ContainerSpec: image reference must be provided"),
        ),
        (
            with(web(), "/TaskTemplate/ContainerSpec/Image", json!("BAD IMAGE")),
            refused("web", "ContainerSpec: \"BAD IMAGE\" is not a valid repository/tag"),
        ),
        (
            with(web(), "/TaskTemplate/ContainerSpec/Mounts", json!([mount, mount])),
            refused("web", "ContainerSpec: duplicate mount point: /x"),
        ),
        (
            with(web(), "/TaskTemplate/Placement/Constraints", json!(["node.role"])),
            "the engine failed at create service web: constraint expected one operator from ==, !="
                .into(),
        ),
        (
            with(web(), "/TaskTemplate/Placement/Constraints", json!(["!x==y"])),
            "the engine failed at create service web: key '!x' is invalid".into(),
        ),
        (
            with(web(), "/TaskTemplate/Resources/Limits", json!({ "MemoryBytes": 5 })),
            refused("web", "invalid memory value 5: Must be at least 4MiB"),
        ),
        (
            with(web(), "/TaskTemplate/Resources/Limits", json!({ "NanoCPUs": 5 })),
            refused("web", "invalid cpu value 5e-09: Must be at least 0.001"),
        ),
        (
            with(web(), "/TaskTemplate/RestartPolicy", json!({ "Delay": -1 })),
            refused("web", "TaskSpec: restart-delay cannot be negative"),
        ),
        (
            with(web(), "/Mode", json!({ "Global": {}, "Replicated": {} })),
            refused("web", "must specify only one service mode"),
        ),
        (
            with(with(web(), "/Mode", json!({ "GlobalJob": {} })), "/UpdateConfig", json!({})),
            refused("web", "Jobs may not have an update config"),
        ),
        (
            with(
                web(),
                "/EndpointSpec",
                json!({ "Mode": "dnsrr", "Ports": [{ "TargetPort": 80 }] }),
            ),
            refused(
                "web",
                "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
            ),
        ),
        (
            with(
                web(),
                PORTS,
                json!([
                    { "TargetPort": 80, "PublishedPort": 90 }, { "TargetPort": 81, "PublishedPort": 90 },
                ]),
            ),
            refused("web", "EndpointSpec: duplicate published ports provided"),
        ),
        (
            with(web(), PORTS, json!([{ "TargetPort": 1, "PublishedPort": 8080 }])),
            format!(
                "service web: port '8080' is already in use by service 'taken' ({taken}) as an ingress port"
            ),
        ),
        (
            with(web(), "/TaskTemplate/Networks", json!([{ "Target": "lost" }])),
            "network lost not found".into(),
        ),
        (
            with(web(), "/TaskTemplate/Networks", json!([{ "Target": "ingress" }])),
            refused(
                "web",
                "Service cannot be explicitly attached to the ingress network \"ingress\"",
            ),
        ),
        (
            with(
                web(),
                "/TaskTemplate/ContainerSpec/Secrets",
                json!([{ "SecretID": "x", "SecretName": "s", "File": file }]),
            ),
            refused("web", "secret not found: s"),
        ),
        (
            with(
                web(),
                "/TaskTemplate/ContainerSpec/Configs",
                json!([{ "ConfigName": "c", "File": file }]),
            ),
            refused("web", "malformed config reference"),
        ),
    ];
    for (spec, expected) in rows {
        let err = engine.apply(&created(spec.clone())).await.expect_err(&expected);
        assert_eq!(err.to_string(), expected, "{spec}");
    }
    assert_eq!(engine.writes(), ["create service taken"]);
}

#[test]
fn what_would_hurt_a_manager_or_a_spec_is_refused_even_past_the_gate() {
    for (pointer, value) in [
        ("/TaskTemplate/Placement", json!(null)),
        ("/TaskTemplate/ContainerSpec/HealthCheck", json!({ "Test": ["NONE"] })),
    ] {
        assert!(check::service_spec(&with(spec("web", 1), pointer, value)).is_err(), "{pointer}");
    }
    assert_eq!(check::service_spec(&spec("web", 1)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn updates_that_engines_refuse_are_refused() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    let renamed = update(&engine, &id, |it| it["Name"] = json!("other")).await.unwrap_err();
    assert_eq!(
        renamed.to_string(),
        "the engine failed at update service other: renaming services is not supported"
    );
    let global = |it: &mut Value| it["Mode"] = json!({ "Global": {} });
    let err = update(&engine, &id, global).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "the engine failed at update service web: service mode change is not allowed"
    );
    let body = UpdateBody::replace(spec("web", 1)).unwrap();
    let stale = Change::UpdateService {
        id: id.clone(),
        name: "web".into(),
        version: 1,
        body: body.clone(),
        auth: None,
    };
    let err = engine.apply(&stale).await.unwrap_err();
    assert_eq!(err.to_string(), "service web changed since it was read");
    let lost = Change::UpdateService {
        id: ServiceId::from("nope"),
        name: "nope".into(),
        version: 1,
        body: body.clone(),
        auth: None,
    };
    assert_eq!(engine.apply(&lost).await.unwrap_err().to_string(), "service nope not found");
    let version = live(&engine, &id).await["Version"]["Index"].as_u64().unwrap();
    let back = Change::RollBackService { id: id.clone(), name: "web".into(), version, body };
    let err = engine.apply(&back).await.unwrap_err().to_string();
    assert!(err.ends_with("does not have a previous spec"), "{err}");
}

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
    until(&engine, &id, |it, _| it.update.as_ref().is_some_and(|it| it.state == "completed")).await;
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

fn refused(name: &str, why: &str) -> String {
    format!("the engine refuses create service {name}: {why}")
}

fn id_of(engine: &FakeEngine, name: &str) -> ServiceId {
    engine.lock().swarm.service_named(name).unwrap().id.clone()
}
