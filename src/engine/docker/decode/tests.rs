//! Decoding of answers as engines give them, odd ones too.

use super::*;
use crate::{
    domain::swarm::{
        cluster::{Manager, Membership, Mode, Port, TaskState, Update},
        states::{Reachability, UpdateState},
    },
    engine::docker::decode::{node::node, service::service, system::system, task::task},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn decoded<T>(list: &Value, decode: Decode<T>) -> Vec<T> {
    elements_and_rest(list.to_string().as_bytes(), decode).unwrap().0
}

fn full_service() -> Value {
    json!({
        "ID": "s1", "Version": { "Index": 42 },
        "CreatedAt": "2024-05-06T07:08:09.123456789Z", "UpdatedAt": "2024-05-06T07:08:10Z",
        "Spec": {
            "Name": "shop_web",
            "Labels": { "com.docker.stack.image": "web:1", "com.docker.stack.namespace": "shop" },
            "TaskTemplate": {
                "ContainerSpec": { "Image": "web:1@sha256:ab", "Env": ["A=\"b\""] },
                "Resources": { "Limits": { "NanoCPUs": 9 },
                    "Reservations": { "NanoCPUs": 500_000_000, "MemoryBytes": 1024 } },
                "Placement": {}, "ForceUpdate": 0, "Runtime": "container" },
            "Mode": { "Replicated": { "Replicas": 3 } },
            "EndpointSpec": { "Mode": "vip", "Ports": [{ "TargetPort": 80 }] } },
        "Endpoint": { "Spec": {}, "Ports": [
            { "Protocol": "tcp", "TargetPort": 80, "PublishedPort": 30000, "PublishMode": "ingress" },
            { "Protocol": "udp", "TargetPort": 53, "PublishedPort": 53, "PublishMode": "host" }] },
        "UpdateStatus": { "State": "completed", "StartedAt": "2024-05-06T07:08:09Z",
            "CompletedAt": "0001-01-01T00:00:00Z", "Message": "update completed" },
        "ServiceStatus": { "RunningTasks": 2, "DesiredTasks": 3, "CompletedTasks": 0 }
    })
}

#[test]
fn a_service_is_read_whole() {
    let read = decoded(&json!([full_service()]), service).remove(0);
    assert_eq!((read.id.as_str(), &*read.name, read.version), ("s1", "shop_web", 42));
    assert_eq!(read.stack.as_ref().unwrap().as_str(), "shop");
    assert_eq!(&*read.image, "web:1@sha256:ab");
    assert_eq!((read.running, read.desired, read.completed), (2, 3, 0));
    assert_eq!(read.mode, Mode::Replicated { replicas: 3 });
    assert_eq!((read.reserved.nano_cpus, read.reserved.memory), (500_000_000, 1024));
    assert_eq!(read.created.to_string(), "2024-05-06T07:08:09.123456789Z");
    let port = |published, target, protocol: &str, host| Port {
        published,
        target,
        protocol: protocol.to_owned(),
        host,
    };
    assert_eq!(read.ports, [port(30000, 80, "tcp", false), port(53, 53, "udp", true)]);
    let update = Update {
        state: UpdateState::Completed.into(),
        message: "update completed".to_owned(),
        started: Some("2024-05-06T07:08:09Z".parse().unwrap()),
        completed: None,
    };
    assert_eq!(read.update, Some(update));
}

#[test]
fn a_service_with_nothing_but_its_id_is_read() {
    let read = decoded(&json!([{ "ID": "s1" }]), service).remove(0);
    assert_eq!((&*read.name, &*read.image), ("s1", ""));
    assert_eq!((read.stack, read.update, read.ports), (None, None, Vec::new()));
    assert_eq!(read.created, Timestamp::UNIX_EPOCH);
}

#[test]
fn ports_that_are_not_assigned_yet_come_from_the_spec() {
    let mut wanted = full_service();
    wanted["Endpoint"] = json!({ "Spec": {} });
    let read = decoded(&json!([wanted]), service).remove(0);
    assert_eq!((read.ports[0].target, read.ports[0].published), (80, 0));
}

#[test]
fn modes_are_read_with_the_engines_defaults() {
    let check = |mode: Value, expected: Mode| {
        let mut it = full_service();
        it["Spec"]["Mode"] = mode;
        assert_eq!(decoded(&json!([it]), service).remove(0).mode, expected);
    };
    check(json!({ "Replicated": {} }), Mode::Replicated { replicas: 1 });
    check(json!({ "Global": {} }), Mode::Global);
    check(json!({ "GlobalJob": {} }), Mode::GlobalJob);
    let job = |at_once, total| Mode::ReplicatedJob { at_once, total };
    check(json!({ "ReplicatedJob": {} }), job(1, 1));
    check(json!({ "ReplicatedJob": { "MaxConcurrent": 2, "TotalCompletions": 9 } }), job(2, 9));
    check(json!({ "ReplicatedJob": { "MaxConcurrent": 2 } }), job(2, 2));
    check(json!({ "OfTheFuture": {} }), Mode::Replicated { replicas: 3 });
}

#[test]
fn one_odd_object_spoils_neither_the_list_nor_itself() {
    let mut odd = full_service();
    odd["Version"] = json!("many");
    odd["CreatedAt"] = json!("yesterday");
    odd["UpdateStatus"]["State"] = json!(7);
    odd["Spec"]["Labels"] = json!("a");
    odd["Endpoint"]["Ports"][0]["TargetPort"] = json!(-1);
    let list = json!([full_service(), odd, "no object", 7, null, {}, { "ID": 3 }, full_service()]);
    let read = decoded(&list, service);
    assert_eq!(read.len(), 3);
    let odd = &read[1];
    assert_eq!((&*odd.name, &*odd.image, odd.version), ("shop_web", "web:1@sha256:ab", 0));
    assert_eq!((odd.running, odd.created), (2, Timestamp::UNIX_EPOCH));
    assert_eq!((odd.stack.as_ref(), odd.update.as_ref()), (None, None));
    let ports: Vec<_> = odd.ports.iter().map(|it| (it.published, it.target)).collect();
    assert_eq!(ports, [(30000, 0), (53, 53)], "all of a port that can be read");
}

#[test]
fn a_list_of_odd_objects_keeps_nobody_busy() {
    let mut ports = vec![json!({ "TargetPort": -1 })];
    ports.extend((0..20_000).map(|it| json!({ "TargetPort": 80, "PublishedPort": it + 60_000 })));
    let huge = json!({ "ID": "s1", "Endpoint": { "Ports": ports } });
    let mut many = vec![huge];
    many.extend((0..20_000).map(|it| json!({ "ID": format!("t{it}"), "Version": "many" })));
    many.push(full_service());
    let start = Instant::now();
    let (read, left_out) =
        elements_and_rest(Value::from(many).to_string().as_bytes(), service).unwrap();
    // Without an end it would take hours.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert_eq!((read.len(), left_out), (20_002, 0), "all of it can be read in part");
    assert_eq!(read[0].ports.len(), 20_001);
    assert_eq!(read.last().map(|it| &*it.name), Some("shop_web"), "what is sound is read");
}

#[test]
fn a_list_that_is_none_is_an_error_and_null_is_empty() {
    let none = elements_and_rest(b"{\"message\":\"x\"}", service);
    assert!(none.is_err());
    assert!(elements_and_rest(b"[{\"ID\":\"s1\"}", service).is_err());
    assert_eq!(elements_and_rest(b"null", service).unwrap(), (vec![], 0));
}

#[test]
fn nodes_are_read_whole_and_in_part() {
    let manager = json!({
        "ID": "n1", "Version": { "Index": 9 }, "CreatedAt": "2024-05-06T07:08:09Z",
        "Spec": { "Labels": { "zone": "a" }, "Role": "manager", "Availability": "drain" },
        "Description": { "Hostname": "node1",
            "Platform": { "Architecture": "x86_64", "OS": "linux" },
            "Resources": { "NanoCPUs": 2_000_000_000, "MemoryBytes": 4096 },
            "Engine": { "EngineVersion": "20.10.24" } },
        "Status": { "State": "ready", "Addr": "0.0.0.0" },
        "ManagerStatus": { "Leader": true, "Reachability": "reachable", "Addr": "10.0.0.1:2377" } });
    let worker = json!({ "ID": "n2", "Spec": { "Labels": null, "Availability": "active" },
        "Description": {}, "Status": { "State": "down", "Message": "heartbeat", "Addr": "10.0.0.2" } });
    let read = decoded(&json!([manager, worker]), node);
    let (manager, worker) = (&read[0], &read[1]);
    assert_eq!((&*manager.hostname, &*manager.address), ("node1", "10.0.0.1"));
    assert_eq!((manager.availability.word(), manager.state.word()), ("drain", "ready"));
    assert_eq!((&*manager.platform, &*manager.engine), ("linux/x86_64", "20.10.24"));
    assert_eq!((manager.capacity.nano_cpus, manager.capacity.memory), (2_000_000_000, 4096));
    assert_eq!(manager.labels["zone"], "a");
    let status = Manager {
        leader: true,
        reachability: Reachability::Reachable.into(),
        address: "10.0.0.1:2377".to_owned(),
    };
    assert_eq!(manager.manager, Some(status));
    assert_eq!((&*worker.hostname, &*worker.address), ("n2", "10.0.0.2"));
    assert_eq!((&*worker.message, worker.manager.as_ref()), ("heartbeat", None));
}

#[test]
fn tasks_are_read_whole_and_in_part() {
    let task_in = |state: &str, container: Value| {
        json!({ "ID": "t1", "CreatedAt": "2024-05-06T07:08:09Z", "ServiceID": "s1", "NodeID": "n1",
            "Slot": 4, "Spec": { "ContainerSpec": { "Image": "web:1" } }, "DesiredState": "shutdown",
            "Status": { "Timestamp": "2024-05-06T07:09:09Z", "State": state, "Message": "m",
                "Err": "task: non-zero exit (3)", "ContainerStatus": container } })
    };
    let container = json!({ "ContainerID": "c1", "PID": 1, "ExitCode": 3 });
    let list = json!([
        task_in("failed", container.clone()),
        task_in("running", container),
        task_in("rejected", json!({ "ContainerID": "", "ExitCode": 0 })),
        { "ID": "t2", "ServiceID": "", "Status": { "State": "dreaming" } },
    ]);
    let read = decoded(&list, task);
    let failed = &read[0];
    assert_eq!((failed.state, failed.desired), (TaskState::Failed, TaskState::Shutdown));
    assert_eq!((failed.exit_code, failed.container.as_deref()), (Some(3), Some("c1")));
    assert_eq!(
        (&*failed.error, failed.slot, &*failed.image),
        ("task: non-zero exit (3)", 4, "web:1")
    );
    assert_eq!(failed.since.to_string(), "2024-05-06T07:09:09Z");
    assert_eq!(read[1].exit_code, None, "a container that runs has not exited");
    assert_eq!((read[2].exit_code, read[2].container.as_ref()), (None, None));
    let odd = &read[3];
    assert_eq!(
        (odd.state, odd.service.as_ref(), odd.node.as_ref()),
        (TaskState::Unknown, None, None)
    );
}

#[test]
fn the_place_in_a_swarm_is_read() {
    let check = |swarm: Value, expected: Membership| {
        let info = json!({ "Name": "node1", "ServerVersion": "20.10.24", "Swarm": swarm });
        let read = system(info.to_string().as_bytes(), "1.41").unwrap();
        assert_eq!((&*read.name, &*read.version, &*read.api), ("node1", "20.10.24", "1.41"));
        assert_eq!(read.swarm, expected);
    };
    check(Value::Null, Membership::None);
    check(json!({ "LocalNodeState": "inactive", "RemoteManagers": null }), Membership::None);
    check(json!({ "LocalNodeState": "locked" }), Membership::Locked);
    check(
        json!({ "LocalNodeState": "error", "Error": "certificates expired" }),
        Membership::Pending { state: "error".to_owned(), error: "certificates expired".to_owned() },
    );
    check(
        json!({ "NodeID": "n1", "LocalNodeState": "active", "ControlAvailable": true,
            "Cluster": { "ID": "c1" } }),
        Membership::Manager { node: "n1".into(), cluster: "c1".to_owned() },
    );
    check(
        json!({ "NodeID": "n2", "LocalNodeState": "active", "ControlAvailable": false,
            "RemoteManagers": [{ "NodeID": "n1", "Addr": "10.0.0.1:2377" }] }),
        Membership::Worker { node: "n2".into(), managers: vec!["10.0.0.1:2377".to_owned()] },
    );
}
