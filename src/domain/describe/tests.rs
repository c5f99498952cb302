//! Pages as a reader sees them.

use super::*;
use crate::domain::{
    swarm::{
        cluster::{SpecDigest, Task, TaskState},
        names::{NodeId, ServiceId, TaskId},
    },
    text::mask::Secrecy,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: &str = "2026-11-20T12:00:00Z";

fn with_lens<T>(secrecy: Secrecy, use_it: impl FnOnce(&Lens<'_>) -> T) -> T {
    let names = [("n1", "node1"), ("n2", "node2"), ("net1", "shop_back")];
    let names = names.map(|it| (it.0.to_owned(), it.1.to_owned())).into();
    use_it(&Lens { now: NOW.parse().unwrap(), secrecy, nodes: &[], names: &names })
}

/// The rows of a section, as `key: value`, with a sign of their tone in front.
fn rows(page: &ObjectPage, title: &str) -> Vec<String> {
    let section = page.sections.iter().find(|it| it.title == title);
    let rows = section.map(|it| it.rows.as_slice()).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let sign = match row.tone {
                FactTone::Normal => "",
                FactTone::Muted => "· ",
                FactTone::Warn => "! ",
                FactTone::Danger => "!! ",
            };
            format!("{sign}{}: {}", row.key, row.value)
        })
        .collect()
}

fn describe_service(raw: &Value) -> ObjectPage {
    with_lens(Secrecy::Mask, |lens| service(raw, &[], lens))
}

fn shop_api() -> Value {
    json!({
        "ID": "svc1svc1svc1svc1", "Version": { "Index": 42 },
        "CreatedAt": "2026-11-17T11:59:00.123456789Z", "UpdatedAt": "2026-11-20T11:58:00Z",
        "Spec": {
            "Name": "shop_api",
            "Labels": { "com.docker.stack.namespace": "shop", "traefik.basicauth.users": "me:$apr1$x" },
            "Mode": { "Replicated": { "Replicas": 2 } },
            "UpdateConfig": { "Parallelism": 1, "Delay": 10_000_000_000_i64, "FailureAction": "rollback",
                "Monitor": 5_000_000_000_i64, "MaxFailureRatio": 0.25, "Order": "start-first" },
            "EndpointSpec": { "Mode": "vip" },
            "TaskTemplate": {
                "ForceUpdate": 3, "Runtime": "container",
                "Networks": [{ "Target": "net1", "Aliases": ["api"] }],
                "Placement": { "Constraints": ["node.role==worker"], "MaxReplicas": 1,
                    "Preferences": [{ "Spread": { "SpreadDescriptor": "node.labels.zone" } }] },
                "Resources": { "Limits": { "MemoryBytes": 536_870_912 },
                    "Reservations": { "NanoCPUs": 500_000_000, "MemoryBytes": 268_435_456 } },
                "RestartPolicy": { "Condition": "on-failure", "Delay": 5_000_000_000_i64, "MaxAttempts": 0, "Window": 0 },
                "LogDriver": { "Name": "json-file", "Options": { "max-size": "10m" } },
                "ContainerSpec": {
                    "Image": "shop/api:4.2@sha256:abc", "Args": ["serve", "--token", "hunter2", "a b"],
                    "Env": ["LOG_LEVEL=info", "DB_PASSWORD=hunter2", "DB=postgres://u:hunter2@db/x", "HTTP_PROXY"],
                    "StopGracePeriod": 30_000_000_000_i64, "ReadOnly": true, "Init": false,
                    "Healthcheck": { "Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 5_000_000_000_i64, "Retries": 3 },
                    "Mounts": [
                        { "Type": "volume", "Source": "data", "Target": "/data", "ReadOnly": true,
                            "VolumeOptions": { "DriverConfig": { "Options": { "o": "addr=nas,password=hunter2" } } } },
                        { "Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": { "SizeBytes": 1_048_576 } },
                    ],
                    "Secrets": [{ "File": { "Name": "db", "UID": "0", "GID": "0", "Mode": 292 }, "SecretID": "s", "SecretName": "shop_db" }],
                    "Configs": [{ "File": { "Name": "/etc/x", "UID": "33", "GID": "33", "Mode": 256 }, "ConfigID": "c", "ConfigName": "shop_x" }],
                    "Sysctls": { "net.core.somaxconn": "1024" }, "NewThing": { "Key": "hunter2", "Level": 3 },
                    "Ulimits": [{ "Name": "nofile", "Hard": 200, "Soft": 100 }],
                },
            },
        },
        "PreviousSpec": { "Name": "shop_api" },
        "Endpoint": {
            "Ports": [{ "Protocol": "tcp", "TargetPort": 8443, "PublishedPort": 443, "PublishMode": "ingress" }],
            "VirtualIPs": [{ "NetworkID": "ing", "Addr": "10.0.0.5/24" }, { "NetworkID": "net1", "Addr": "10.0.9.2/24" }],
        },
        "UpdateStatus": { "State": "paused", "StartedAt": "2026-11-20T11:50:00Z", "CompletedAt": "0001-01-01T00:00:00Z",
            "Message": "update paused due to failure or early termination of task x" },
    })
}

const SHOP_API: &[(&str, &[&str])] = &[
    (
        "Service",
        &[
            "name: shop_api",
            "stack: shop",
            "mode: 2 replicas",
            "image: shop/api:4.2",
            "· digest: sha256:abc",
            "created: 2026-11-17T11:59:00Z (3d ago)",
            "updated: 2026-11-20T11:58:00Z (2m ago)",
            "· forced updates: 3",
            "· version: 42",
            "· id: svc1svc1svc1svc1",
        ],
    ),
    (
        "Last update",
        &[
            "!! state: paused",
            "!! message: update paused due to failure or early termination of task x",
            "started: 2026-11-20T11:50:00Z (10m ago)",
        ],
    ),
    (
        "Container",
        &[
            "arguments: serve --token •••••• 'a b'",
            "root read-only: yes",
            "time to stop: 30s",
            "kernel settings: net.core.somaxconn = 1024",
            "resource limits: nofile: 100, 200 at most",
        ],
    ),
    ("Health check", &["test: curl -f localhost", "every: 5s", "retries: 3"]),
    (
        "Environment",
        &[
            "· DB: postgres://u:••••••@db/x",
            "· DB_PASSWORD: ••••••",
            "· HTTP_PROXY: (without a value)",
            "LOG_LEVEL: info",
        ],
    ),
    (
        "Mounts",
        &[
            r#"/data: volume data, read-only, {"o":"addr=nas,password=••••••"}"#,
            "/tmp: in memory, 1 MiB",
        ],
    ),
    ("Secrets", &["shop_db: as db"]),
    ("Configs", &["shop_x: as /etc/x, owner 33:33, mode 0400"]),
    (
        "Placement",
        &[
            "constraints: node.role==worker",
            "preferences: spread over node.labels.zone",
            "at most per node: 1",
        ],
    ),
    (
        "Resources of a task",
        &["cpu reserved: 0.5", "memory reserved: 256 MiB", "memory limit: 512 MiB"],
    ),
    ("Restart", &["restarts: when it fails", "after: 5s", "attempts: without end"]),
    ("Logging", &["driver: json-file", "max-size: 10m"]),
    (
        "Networks",
        &[
            "shop_back: virtual address 10.0.9.2/24, as api",
            "· ingress: virtual address 10.0.0.5/24",
            "· endpoint mode: vip",
        ],
    ),
    ("Ports", &["443: → 8443/tcp, on every node"]),
    (
        "Update",
        &[
            "tasks: 1 at once",
            "order: start-first",
            "delay: 10s",
            "on failure: rollback",
            "watched for: 5s",
            "failures allowed: 25%",
        ],
    ),
    ("Service labels", &["com.docker.stack.namespace: shop", "· traefik.basicauth.users: ••••••"]),
    ("Not known to skep, of the task", &[r#"· NewThing: {"Key":"••••••","Level":3}"#]),
];

#[test]
fn a_service_is_told_from_end_to_end() {
    let page = describe_service(&shop_api());
    for (title, expected) in SHOP_API {
        assert_eq!(rows(&page, title), *expected, "{title}");
    }
}

#[test]
fn no_secret_shows_unless_it_is_asked_for() {
    let raw = shop_api();
    let masked = format!("{:?}", describe_service(&raw));
    assert!(!masked.contains("hunter2") && !masked.contains("$apr1$"), "{masked}");
    let revealed = with_lens(Secrecy::Reveal, |lens| service(&raw, &[], lens));
    assert_eq!(rows(&revealed, "Environment")[1], "DB_PASSWORD: hunter2");
}

#[test]
fn modes_are_said_in_words() {
    for (mode, words) in [
        (json!({ "Replicated": { "Replicas": 1 } }), "1 replica"),
        (json!({ "Replicated": {} }), "1 replica"),
        (json!({ "Global": {} }), "global: one task on every node that fits"),
        (
            json!({ "ReplicatedJob": { "MaxConcurrent": 2, "TotalCompletions": 9 } }),
            "job: 9 completions, 2 at once",
        ),
        (json!({ "Moon": {} }), r#"{"Moon":{}}"#),
    ] {
        let page = describe_service(&json!({ "Spec": { "Mode": mode } }));
        assert_eq!(rows(&page, "Service"), [format!("mode: {words}")]);
    }
}

#[test]
fn the_previous_spec_is_told_by_what_differs() {
    let mut raw = shop_api();
    raw["PreviousSpec"] = raw["Spec"].clone();
    let title = "Changed since the previous spec";
    let page = describe_service(&raw);
    assert_eq!(rows(&page, title), ["· nothing: a rollback would change nothing"]);
    let before = &mut raw["PreviousSpec"];
    before["Mode"]["Replicated"]["Replicas"] = json!(1);
    let container = &mut before["TaskTemplate"]["ContainerSpec"];
    container["Image"] = json!("shop/api:4.1");
    container["Env"] = json!([
        "LOG_LEVEL=debug",
        "DB_PASSWORD=old",
        "GONE=1",
        "HTTP_PROXY=x",
        "DB=postgres://u:hunter2@db/x"
    ]);
    raw["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"].as_array_mut().unwrap()[3] =
        json!("HTTP_PROXY=y");
    let expected = [
        "replicas: 1 → 2",
        "environment.DB_PASSWORD: •••••• (another value)",
        "environment.GONE: 1 → removed",
        "environment.HTTP_PROXY: x → y",
        "environment.LOG_LEVEL: debug → info",
        "image: shop/api:4.1 → shop/api:4.2@sha256:abc",
    ];
    assert_eq!(rows(&describe_service(&raw), title), expected);
}

fn a_task(slot: u64, state: TaskState, desired: TaskState, error: &str) -> Task {
    Task {
        id: TaskId::from("t1t1t1t1t1t1t1t1"),
        service: Some(ServiceId::from("svc1")),
        node: Some(NodeId::from("n2")),
        slot,
        state,
        desired,
        message: String::new(),
        error: error.to_owned(),
        exit_code: None,
        container_spec: SpecDigest::default(),
        container: None,
        image: "shop/api:4.2".into(),
        created: "2026-11-20T11:57:00Z".parse().unwrap(),
        since: "2026-11-20T11:57:00Z".parse().unwrap(),
        updated: "2026-11-20T11:57:00Z".parse().unwrap(),
    }
}

#[test]
fn tasks_show_their_errors_uncut_and_explained() {
    let mut failed = a_task(1, TaskState::Failed, TaskState::Shutdown, "task: non-zero exit (127)");
    failed.exit_code = Some(127);
    let tasks = [
        failed.clone(),
        failed,
        a_task(2, TaskState::Running, TaskState::Shutdown, ""),
        a_task(1, TaskState::Running, TaskState::Running, ""),
        Task {
            node: None,
            ..a_task(
                2,
                TaskState::Pending,
                TaskState::Running,
                "no suitable node (insufficient resources on 1 node)",
            )
        },
    ];
    let page = with_lens(Secrecy::Mask, |lens| {
        service(&json!({ "Spec": { "Name": "api" } }), &tasks, lens)
    });
    let expected = [
        "api.1: running 3m on node2",
        "! api.2: pending 3m",
        "! : no suitable node (insufficient resources on 1 node)",
        "· : no node fits: 1 node lacks the cpu, memory or generic resource it reserves",
        "· : lower its reservations, free some, or add a node",
        "!! api.1: failed 3m ago on node2, ran for less than 1s, exit code 127",
        "!! : task: non-zero exit (127)",
        "· : the command was not found",
        "· : check command and entrypoint, and what the image holds",
        "!! api.1: failed 3m ago on node2, ran for less than 1s, exit code 127",
        "· : with the same error",
        "· api.2: running 3m on node2, to be shutdown",
    ];
    assert_eq!(rows(&page, "Tasks"), expected);
}

#[test]
fn a_task_says_what_its_end_means() {
    let raw = json!({
        "ID": "t1", "ServiceID": "svc", "NodeID": "n1", "Slot": 2, "DesiredState": "shutdown",
        "Status": { "State": "failed", "Timestamp": "2026-11-20T11:00:00Z", "Err": "task: non-zero exit (139)",
            "ContainerStatus": { "ContainerID": "c1", "ExitCode": 139 } },
        "NetworksAttachments": [{ "Network": { "ID": "x", "Spec": { "Name": "back" } }, "Addresses": ["10.0.1.4/24"] }],
    });
    let page = with_lens(Secrecy::Mask, |lens| task(&raw, lens));
    let expected = [
        "!! state: failed",
        "since: 2026-11-20T11:00:00Z (1h ago)",
        "!! error: task: non-zero exit (139)",
        "exit code: 139",
        "which means: it crashed (SIGSEGV)",
        "what to do: a bug of the program or a library that does not fit the image; try another version",
        "· container: c1",
    ];
    assert_eq!(rows(&page, "Status"), expected);
    assert_eq!(rows(&page, "Task")[..3], ["service: svc", "slot: 2", "node: node1"]);
    assert_eq!(rows(&page, "Networks"), ["back: 10.0.1.4/24"]);
}

#[test]
fn a_node_shows_what_is_unusual() {
    let raw = json!({
        "ID": "n1", "Spec": { "Role": "manager", "Availability": "drain", "Labels": { "zone": "b" } },
        "Description": { "Hostname": "node1", "Platform": { "OS": "linux", "Architecture": "x86_64" },
            "Resources": { "NanoCPUs": 2_000_000_000_i64, "MemoryBytes": 4_294_967_296_i64 },
            "Engine": { "EngineVersion": "20.10.24", "Plugins": [
                { "Type": "Log", "Name": "json-file" }, { "Type": "Volume", "Name": "local" }, { "Type": "Log", "Name": "gelf" } ] } },
        "Status": { "State": "down", "Message": "heartbeat failure", "Addr": "10.1.0.1" },
        "ManagerStatus": { "Leader": true, "Reachability": "unreachable", "Addr": "10.1.0.1:2377" },
    });
    let page = with_lens(Secrecy::Mask, |lens| node(&raw, &[], &[], lens));
    let expected = [
        "host name: node1",
        "role: manager",
        "!! state: down",
        "!! message: heartbeat failure",
        "! availability: drain",
        "address: 10.1.0.1",
        "· id: n1",
    ];
    assert_eq!(rows(&page, "Node"), expected);
    let manager = ["leader: yes", "!! reachability: unreachable", "address: 10.1.0.1:2377"];
    assert_eq!(rows(&page, "Manager"), manager);
    assert_eq!(rows(&page, "Machine"), ["platform: linux/x86_64", "cpu: 2", "memory: 4 GiB"]);
    assert_eq!(rows(&page, "Plugins"), ["log: gelf, json-file", "volume: local"]);
}

#[test]
fn networks_secrets_and_configs_have_pages() {
    let network_raw = json!({
        "Name": "shop_back", "Id": "net1", "Driver": "overlay", "Scope": "swarm", "Attachable": true, "Internal": false,
        "IPAM": { "Driver": "default", "Config": [{ "Subnet": "10.0.9.0/24", "Gateway": "10.0.9.1" }] },
        "Options": { "encrypted": "" }, "Peers": [{ "Name": "node1-x", "IP": "10.1.0.1" }],
    });
    let config_raw = json!({ "ID": "c", "Spec": { "Name": "x", "Data": "aGVsbG8=" } });
    with_lens(Secrecy::Mask, |lens| {
        let page = network(&network_raw, lens);
        let expected =
            ["name: shop_back", "driver: overlay", "scope: swarm", "attachable: yes", "· id: net1"];
        assert_eq!(rows(&page, "Network"), expected);
        assert_eq!(rows(&page, "Addresses"), ["subnet: 10.0.9.0/24", "gateway: 10.0.9.1"]);
        assert_eq!(rows(&page, "Options"), ["encrypted: "]);
        assert_eq!(rows(&page, "Nodes on it"), ["node1-x: 10.1.0.1"]);
        assert_eq!(rows(&config(&config_raw, lens), "Config"), ["name: x", "size: 5 B", "· id: c"]);
        let page = secret(&json!({ "Spec": { "Name": "s", "Driver": { "Name": "vault" } } }), lens);
        assert_eq!(rows(&page, "Secret"), ["name: s", "driver: vault"]);
    });
}

#[test]
fn control_characters_do_not_reach_the_page() {
    let raw = json!({ "Spec": { "TaskTemplate": { "ContainerSpec": { "Env": ["A=\x1b[2Jx\ny\tz\u{9b}1m"] } } } });
    assert_eq!(rows(&describe_service(&raw), "Environment"), ["A: x\ny    z"]);
}

/// A JSON document that resembles an answer, but is odd somewhere.
fn odd_answer() -> impl Strategy<Value = Value> {
    let odd = prop_oneof![
        Just(json!(null)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, "x", {}])),
        Just(json!({ "Spec": 1, "x": [] })),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,9}".prop_map(Value::from),
    ];
    let pointers = prop::sample::select(paths(&shop_api(), ""));
    prop::collection::vec((pointers, odd), 0..8).prop_map(|changes| {
        let mut raw = shop_api();
        for (pointer, odd) in changes {
            if let Some(place) = raw.pointer_mut(&pointer) {
                *place = odd;
            }
        }
        raw
    })
}

fn paths(value: &Value, here: &str) -> Vec<String> {
    let mut found = vec![here.to_owned()];
    let keys: Vec<String> = match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(list) => (0..list.len()).map(|it| it.to_string()).collect(),
        _ => Vec::new(),
    };
    for key in keys {
        let path = format!("{here}/{key}");
        found.extend(paths(value.pointer(&format!("/{key}")).unwrap_or(&Value::Null), &path));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_answer_is_too_odd(raw in odd_answer()) {
        for secrecy in [Secrecy::Mask, Secrecy::Reveal] {
            with_lens(secrecy, |lens| {
                for page in [service(&raw, &[], lens), task(&raw, lens), node(&raw, &[], &[], lens), network(&raw, lens), secret(&raw, lens)] {
                    let odd = |c: char| c.is_control() && c != '\n';
                    let rows = page.sections.iter().flat_map(|it| &it.rows);
                    assert!(!rows.clone().any(|it| it.value.contains(odd) || it.key.contains(odd)));
                }
            });
        }
    }
}
