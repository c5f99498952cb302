//! What is made of tasks with what is known around them.

use super::*;
use crate::domain::{
    health::{
        exit::crowd::Network,
        tests::{a_node, a_service, a_task, ago},
    },
    swarm::objects::TaskTemplate,
};
use serde_json::{Value, json};

/// Node0, whose engine was heard of again 50 s ago.
fn back() -> Node {
    Node { heard: ago(50), ..a_node("node0", "") }
}

/// A task that was made ten minutes ago, ended, and was told of so many seconds ago.
fn told(seconds: i64, error: &str) -> Task {
    let task = a_task(1, TaskState::Failed, seconds, error);
    Task { created: ago(600), ..task }
}

#[test]
fn what_ended_with_its_node_is_told_apart_from_what_ended_by_itself() {
    let unknown = "task: non-zero exit (255)";
    let nodes = [back()];
    let lost = |task: Task| is_lost_with_node(&task, &nodes);
    assert!(lost(told(49, unknown)));
    assert!(lost(told(49, "No such container: api.1.x")));
    // It said so itself, long before or after, or of another code.
    assert!(!lost(told(400, unknown)));
    assert!(lost(told(20, "task: non-zero exit (-1)")));
    assert!(!lost(told(49, "task: non-zero exit (1)")));
    // One that was made after that.
    assert!(!lost(Task { created: ago(49), ..told(48, unknown) }));
    let around = Around::of_template(TaskTemplate(&Value::Null), &nodes);
    let says = around.cause(&told(49, unknown)).meaning_first();
    assert_eq!(
        says,
        format!("node0 went down and came back, and the task ended with it ({unknown})")
    );
}

#[test]
fn a_template_and_a_service_lead_to_the_same_cause() {
    let template = json!({ "Resources": { "Limits": { "MemoryBytes": 16 << 20 } } });
    let mut service = a_service(0, 1);
    service.memory_limit = 16 << 20;
    let task = Task { exit_code: Some(137), ..told(5, "task: non-zero exit (137)") };
    let of_service = Around::of(&service, &[], &[]).cause(&task);
    assert_eq!(Around::of_template(TaskTemplate(&template), &[]).cause(&task), of_service);
    assert!(of_service.meaning_first().contains("its limit of 16 MiB"), "{of_service:?}");
}

#[test]
fn a_network_without_addresses_is_named_with_its_size() {
    let raw = json!({ "Id": "n1", "Name": "shop_back",
        "IPAM": { "Config": [{ "Subnet": "10.0.3.0/29", "Gateway": "10.0.3.1" }] } });
    let mut service = a_service(3, 8);
    service.networks = vec!["n1".to_owned()];
    let network = Network::read(&raw, std::slice::from_ref(&service), &[back()]).unwrap();
    assert_eq!((network.room, network.wanted), (5, 10));
    let networks = [network];
    let around = Around::of(&service, &[], &networks);
    let waits = Task { node: None, ..a_task(4, TaskState::New, 40, "") };
    let cause = around.cause(&waits).means.unwrap();
    let says = "network shop_back has no address left: its subnet 10.0.3.0/29 has 5, and tasks, services and nodes need 10";
    assert_eq!(cause.says, says);
    assert!(cause.what_now.contains("larger subnet"), "{}", cause.what_now);
    let exhausted = "node is missing network attachments, ip addresses may be exhausted";
    let refused = a_task(4, TaskState::Rejected, 40, exhausted);
    assert_eq!(around.cause(&refused).means.unwrap().says, says);
    // Where there is room, nothing says that this network is why.
    let roomy = [Network { room: 253, ..networks[0].clone() }];
    assert_eq!(Around::of(&service, &[], &roomy).cause(&waits).means, None);
}
