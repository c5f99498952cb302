//! Benchmarks of decoding. Run in release:
//! `cargo test --release --lib figures -- --ignored --nocapture`.

use crate::{
    domain::swarm::cluster::{Service, Task},
    engine::docker::{
        decode::{elements_and_rest, service::service, task::task},
        logs::lines::Lines,
    },
};
use serde_json::{Value, json};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// The best of some runs: what the code costs, without what else goes on.
fn best(mut work: impl FnMut()) -> Duration {
    let run = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..20).map(run).min().unwrap()
}

fn list_of(count: usize, one: impl Fn(usize) -> Value) -> Vec<u8> {
    serde_json::to_vec(&(0..count).map(one).collect::<Vec<_>>()).unwrap()
}

/// As swarm writes it: about a kilobyte, twice the spec.
fn wired_service(n: usize) -> Value {
    let spec = json!({
        "Name": format!("stack{}_service{n}", n % 20),
        "Labels": { "com.docker.stack.image": "registry.example.org/team/app:1.2.3",
            "com.docker.stack.namespace": format!("stack{}", n % 20) },
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "registry.example.org/team/app:1.2.3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "Env": ["A=1", "B=two", "PATH=/bin"], "Privileges": {}, "Isolation": "default",
                "Healthcheck": { "Test": ["CMD", "true"], "Interval": 5_000_000_000_u64 } },
            "Resources": { "Reservations": { "MemoryBytes": 1024 } },
            "RestartPolicy": { "Condition": "any", "Delay": 5_000_000_000_u64, "MaxAttempts": 0 },
            "Placement": { "Constraints": ["node.role==worker"] },
            "Networks": [{ "Target": "abcdefghijklmnopqrstuvwxy", "Aliases": ["app"] }],
            "ForceUpdate": 0, "Runtime": "container" },
        "Mode": { "Replicated": { "Replicas": 10 } },
        "UpdateConfig": { "Parallelism": 1, "FailureAction": "pause", "Order": "stop-first" },
        "EndpointSpec": { "Mode": "vip" } });
    json!({ "ID": format!("{n:025}"), "Version": { "Index": n },
        "CreatedAt": "2026-01-02T03:04:05.678901234Z", "UpdatedAt": "2026-01-02T03:04:05.678901234Z",
        "Spec": spec, "PreviousSpec": spec,
        "Endpoint": { "Spec": { "Mode": "vip" }, "VirtualIPs": [
            { "NetworkID": "abcdefghijklmnopqrstuvwxy", "Addr": "10.0.1.2/24" }] },
        "UpdateStatus": { "State": "completed", "StartedAt": "2026-01-02T03:04:05Z",
            "CompletedAt": "2026-01-02T03:05:05Z", "Message": "update completed" },
        "ServiceStatus": { "RunningTasks": 10, "DesiredTasks": 10, "CompletedTasks": 0 } })
}

fn wired_task(n: usize) -> Value {
    json!({ "ID": format!("{n:025}"), "Version": { "Index": n }, "Labels": {},
        "CreatedAt": "2026-01-02T03:04:05.678901234Z", "UpdatedAt": "2026-01-02T03:04:05.678901234Z",
        "Spec": wired_service(n)["Spec"]["TaskTemplate"],
        "ServiceID": "abcdefghijklmnopqrstuvwxy", "NodeID": "abcdefghijklmnopqrstuvwxy", "Slot": n,
        "Status": { "Timestamp": "2026-01-02T03:04:05.678901234Z", "State": "running",
            "Message": "started", "ContainerStatus": { "ContainerID": "0123456789abcdef", "PID": 1 } },
        "DesiredState": "running" })
}

fn log_stream(lines: usize) -> Vec<u8> {
    let line = |n: usize| {
        let message = format!(
            "2026-01-02T03:04:05.{n:09}Z com.docker.swarm.node.id=abcdefghijklmnopqrstuvwxy,com.docker.swarm.service.id=abcdefghijklmnopqrstuvwxy,com.docker.swarm.task.id={:025} GET /some/path?n={n} 200 12ms\n",
            n % 4
        );
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[1, 0, 0, 0], &length[..], message.as_bytes()].concat()
    };
    (0..lines).flat_map(line).collect()
}

#[test]
#[ignore = "prints figures; worth something in release only"]
fn figures() {
    let services = list_of(500, wired_service);
    let time = best(|| {
        let read: Vec<Service> = elements_and_rest(black_box(&services), service).unwrap().0;
        assert_eq!(black_box(read).len(), 500);
    });
    println!("500 services, {} bytes: {time:?}", services.len());

    let copy = services.clone();
    let time = best(|| assert_eq!(black_box(&services), black_box(&copy)));
    println!("the same bytes again: {time:?}");

    let tasks = list_of(5_000, wired_task);
    let time = best(|| {
        let read: Vec<Task> = elements_and_rest(black_box(&tasks), task).unwrap().0;
        assert_eq!(black_box(read).len(), 5_000);
    });
    println!("5000 tasks, {} bytes: {time:?}", tasks.len());

    let stream = log_stream(100_000);
    let time = best(|| {
        let mut lines = Lines::of("logs".to_owned());
        let mut count = 0;
        for chunk in stream.chunks(8 << 10) {
            lines.feed(chunk).unwrap();
            count += std::iter::from_fn(|| lines.next()).flatten().count();
        }
        assert_eq!(count, 100_000);
    });
    println!("100000 lines of logs, {} bytes: {time:?}", stream.len());
}
