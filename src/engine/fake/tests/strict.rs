//! What is refused of services, in the engine's words.

use crate::{
    domain::swarm::{change::Change, names::ServiceId, spec::UpdateBody},
    engine::{
        Engine,
        fake::{
            handle::FakeEngine,
            tests::{create, created, engine, live, running, spec, update, with},
            writing::check::service_spec,
        },
    },
};
use serde_json::{Value, json};

/// Sets one thing of a good spec and expects the engine's refusal.
async fn check(pointer: &str, value: Value, expected: &str) {
    check_spec(&engine(), with(spec("web", 1), pointer, value), expected).await;
}

async fn check_spec(engine: &FakeEngine, spec: Value, expected: &str) {
    let err = engine.apply(&created(spec)).await.expect_err(expected);
    let refused = "the engine refuses create service ";
    let said = err.to_string();
    let name = said.strip_prefix(refused).and_then(|it| it.split_once(": "));
    assert_eq!(name.map_or(said.as_str(), |it| it.1), expected);
}

#[tokio::test(start_paused = true)]
async fn names_of_services_are_labels_of_the_dns() {
    for (name, expected) in [
        ("", "name must be provided"),
        ("a.b", "name must be valid as a DNS name component"),
        ("-a", "name must be valid as a DNS name component"),
        ("a_", "name must be valid as a DNS name component"),
        (&*"a".repeat(64), "name must be 63 characters or fewer"),
    ] {
        check("/Name", json!(name), expected).await;
    }
    create(&engine(), spec(&"a".repeat(63), 1)).await;
}

#[tokio::test(start_paused = true)]
async fn containers_that_make_no_sense_are_refused() {
    let mount = json!({ "Type": "tmpfs", "Target": "/x" });
    let container = "/TaskTemplate/ContainerSpec";
    for (key, value, expected) in [
        ("", json!(null), "mismatched Runtime and *Spec fields"),
        ("/Image", json!(""), "ContainerSpec: image reference must be provided"),
        ("/Image", json!("A B"), "ContainerSpec: \"A B\" is not a valid repository/tag"),
        ("/Mounts", json!([mount, mount]), "ContainerSpec: duplicate mount point: /x"),
    ] {
        check(&format!("{container}{key}"), value, expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn templates_that_make_no_sense_are_refused() {
    for (key, value, expected) in [
        (
            "Placement/Constraints",
            json!(["node.role"]),
            "the engine failed: create service web: constraint expected one operator from ==, !=",
        ),
        (
            "Placement/Constraints",
            json!(["!x==y"]),
            "the engine failed: create service web: key '!x' is invalid",
        ),
        (
            "Resources/Limits",
            json!({ "MemoryBytes": 5 }),
            "invalid memory value 5: Must be at least 4MiB",
        ),
        (
            "Resources/Reservations",
            json!({ "NanoCPUs": 5 }),
            "invalid cpu value 5e-09: Must be at least 0.001",
        ),
        ("RestartPolicy", json!({ "Delay": -1 }), "TaskSpec: restart-delay cannot be negative"),
    ] {
        check(&format!("/TaskTemplate/{key}"), value, expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn modes_that_make_no_sense_are_refused() {
    let both = json!({ "Global": {}, "Replicated": {} });
    check("/Mode", both, "must specify only one service mode").await;
    let job = with(spec("web", 1), "/Mode", json!({ "GlobalJob": {} }));
    let job = with(job, "/UpdateConfig", json!({}));
    check_spec(&engine(), job, "Jobs may not have an update config").await;
}

#[tokio::test(start_paused = true)]
async fn ports_that_collide_are_refused() {
    let port = |published: u64| json!({ "TargetPort": 80, "PublishedPort": published });
    let taking = |name: &str| with(spec(name, 1), "/EndpointSpec/Ports", json!([port(8080)]));
    let engine = engine();
    let id = create(&engine, taking("web")).await;
    let expected = format!(
        "service other: port '8080' is already in use by service 'web' ({id}) as an ingress port"
    );
    check_spec(&engine, taking("other"), &expected).await;
    let expected =
        "service web: name conflicts with an existing object: service web already exists";
    check_spec(&engine, spec("web", 1), expected).await;
    assert_eq!(engine.writes(), ["create service web"]);
    for (value, expected) in [
        (
            json!({ "Ports": [port(9), port(9)] }),
            "EndpointSpec: duplicate published ports provided",
        ),
        (
            json!({ "Mode": "dnsrr", "Ports": [port(9)] }),
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
        ),
    ] {
        check("/EndpointSpec", value, expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn references_to_nothing_are_refused() {
    let file = json!({ "Name": "f", "UID": "0", "GID": "0", "Mode": 292 });
    let secret = json!([{ "SecretID": "x", "SecretName": "s", "File": file }]);
    for (key, value, expected) in [
        ("ContainerSpec/Secrets", secret, "secret not found: s"),
        (
            "ContainerSpec/Configs",
            json!([{ "ConfigName": "c", "File": file }]),
            "malformed config reference",
        ),
        ("Networks", json!([{ "Target": "lost" }]), "network lost not found"),
        (
            "Networks",
            json!([{ "Target": "ingress" }]),
            "Service cannot be explicitly attached to the ingress network \"ingress\"",
        ),
    ] {
        check(&format!("/TaskTemplate/{key}"), value, expected).await;
    }
}

#[test]
fn what_would_hurt_a_manager_or_a_spec_is_refused_even_past_the_gate() {
    for (pointer, value) in [
        ("/TaskTemplate/Placement", json!(null)),
        ("/TaskTemplate/ContainerSpec/HealthCheck", json!({ "Test": ["NONE"] })),
    ] {
        assert!(service_spec(&with(spec("web", 1), pointer, value)).is_err(), "{pointer}");
    }
    assert_eq!(service_spec(&spec("web", 1)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn updates_that_engines_refuse_are_refused() {
    let engine = engine();
    let id = running(&engine, spec("web", 1)).await;
    let renamed = update(&engine, &id, |it| it["Name"] = json!("other")).await.unwrap_err();
    assert_eq!(
        renamed.to_string(),
        "the engine failed: update service other: renaming services is not supported"
    );
    let global = |it: &mut Value| it["Mode"] = json!({ "Global": {} });
    let err = update(&engine, &id, global).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "the engine failed: update service web: service mode change is not allowed"
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
