//! Clusters in trouble, and what is said of them.

use super::*;
use crate::domain::swarm::{
    cluster::{
        Manager, Mode, Node, Resources, RestartRule, Seen, SpecDigest, Task, TaskState, Update,
    },
    names::{NodeId, ServiceId, TaskId},
    states::{Availability, NodeState},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

const NOW: i64 = 1_800_000_000;
const GIB: i64 = 1 << 30;

pub(in crate::domain) fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW - seconds).unwrap()
}

pub fn a_node(name: &str, reachability: &str) -> Node {
    let manager =
        Manager { leader: false, reachability: reachability.into(), address: String::new() };
    Node {
        id: NodeId::from(name),
        hostname: name.into(),
        version: 1,
        manager: (!reachability.is_empty()).then_some(manager),
        availability: Availability::Active.into(),
        state: NodeState::Ready.into(),
        message: String::new(),
        address: String::new(),
        engine: "20.10.24".to_owned(),
        platform: "linux/x86_64".to_owned(),
        capacity: Resources { nano_cpus: 4_000_000_000, memory: 4 * GIB },
        generic: BTreeMap::new(),
        plugins: Vec::new(),
        labels: BTreeMap::new(),
        created: ago(90_000),
        heard: ago(90_000),
    }
}

pub fn managers(reachable: usize, unreachable: usize) -> Vec<Node> {
    let up = (0..reachable).map(|it| a_node(&format!("node{it}"), "reachable"));
    up.chain((0..unreachable).map(|it| a_node(&format!("lost{it}"), "unreachable"))).collect()
}

pub fn a_service(running: u64, desired: u64) -> Service {
    Service {
        id: ServiceId::from("api"),
        name: "api".into(),
        stack: None,
        version: 1,
        mode: Mode::Replicated { replicas: desired },
        image: "api:1".into(),
        running,
        desired,
        completed: 0,
        stopped: None,
        update: None,
        ports: Vec::new(),
        reserved: Resources::default(),
        created: ago(90_000),
        updated: ago(9_000),
        changed: ago(9_000),
        generic: Vec::new(),
        constraints: Vec::new(),
        restart: RestartRule::default(),
        memory_limit: 0,
        networks: Vec::new(),
        virtual_ip: true,
        max_per_node: None,
        replicas_before: None,
        container_spec: SpecDigest::default(),
        seen: Seen::default(),
    }
}

pub fn a_task(slot: u64, state: TaskState, seconds: i64, error: &str) -> Task {
    Task {
        id: TaskId::from(&*format!("task{slot}at{seconds}")),
        service: Some(ServiceId::from("api")),
        node: Some(NodeId::from("node0")),
        slot,
        state,
        desired: if state.is_over() { TaskState::Shutdown } else { TaskState::Running },
        message: "started".to_owned(),
        error: error.to_owned(),
        exit_code: None,
        container_spec: SpecDigest::default(),
        container: None,
        image: "api:1".into(),
        created: ago(seconds + 5),
        since: ago(seconds),
        updated: ago(seconds),
    }
}

fn crashing(times: i64) -> Vec<Task> {
    let error = "task: non-zero exit (1)";
    (0..times).map(|it| a_task(1, TaskState::Failed, 10 + 20 * it, error)).collect()
}

pub fn an_update(state: &str, message: &str) -> Update {
    let (state, message) = (state.into(), message.to_owned());
    Update { state, message, started: None, completed: None }
}

/// A service as one look at its tasks shows it.
pub fn seen(service: Service, tasks: &[Task]) -> Service {
    seen_on(service, tasks, &managers(3, 0))
}

fn seen_on(mut service: Service, tasks: &[Task], nodes: &[Node]) -> Service {
    let its: Vec<&Task> =
        tasks.iter().filter(|it| it.service.as_ref() == Some(&service.id)).collect();
    let mut ends = Ends::default();
    ends.take_in(&service, &its, nodes, ago(0));
    let restarts = ends.restarts(ago(0));
    see(&mut service, its, restarts, nodes, None, ago(0));
    service
}

/// What is said, as `Severity: what: why`.
pub fn said(services: &[Service], nodes: &[Node], tasks: &[Task]) -> Vec<String> {
    let services: Vec<Service> =
        services.iter().map(|it| seen_on(it.clone(), tasks, nodes)).collect();
    let services = &services;
    let sight = Sight {
        system: None,
        services,
        nodes,
        tasks,
        leaderless: false,
        now: ago(0),
        networks: &[],
    };
    let troubles = judge(&sight).troubles;
    troubles.iter().map(|it| format!("{:?}: {}: {}", it.severity, it.what, it.why)).collect()
}

pub(super) fn check_service(service: &Service, tasks: &[Task], expected: &str) {
    let said = said(std::slice::from_ref(service), &managers(3, 0), tasks);
    assert_eq!(said.join("\n"), expected);
}

#[test]
fn a_healthy_cluster_has_no_troubles() {
    let tasks = [a_task(1, TaskState::Running, 50, "")];
    assert_eq!(said(&[a_service(1, 1)], &managers(3, 0), &tasks), [""; 0]);
}

#[test]
fn the_quorum_is_counted() {
    for (managers, reachable, standing) in [
        (0, 0, QuorumState::Unknown),
        (1, 1, QuorumState::Single),
        (1, 0, QuorumState::Lost),
        (2, 2, QuorumState::AtRisk),
        (2, 1, QuorumState::Lost),
        (3, 3, QuorumState::Safe),
        (3, 2, QuorumState::AtRisk),
        (3, 1, QuorumState::Lost),
        (4, 4, QuorumState::Safe),
        (4, 3, QuorumState::AtRisk),
        (5, 4, QuorumState::Safe),
        (5, 3, QuorumState::AtRisk),
        (5, 2, QuorumState::Lost),
    ] {
        let quorum = Quorum { managers, reachable };
        assert_eq!(quorum.standing(), standing, "{reachable} of {managers}");
    }
}

#[test]
fn lost_managers_come_first() {
    let reason =
        "the other managers do not reach it; whether its node is down too is known in some seconds";
    let expected = [
        "Critical: the quorum is at risk: 2 of 3 managers answer: losing one more loses it"
            .to_owned(),
        format!("Critical: manager lost0 is unreachable: {reason}"),
    ];
    assert_eq!(said(&[], &managers(2, 1), &[]), expected);
    let said_of_five = said(&[], &managers(4, 1), &[]);
    assert_eq!(said_of_five, [format!("Warning: manager lost0 is unreachable: {reason}")]);
}

#[test]
fn small_sets_of_managers_are_mentioned() {
    for (count, expected) in [
        (1, "Notice: there is only one manager: if it is lost, so is the cluster"),
        (
            2,
            "Warning: the quorum is at risk: with two managers, the loss of either one loses the quorum: one alone would be safer",
        ),
        (
            4,
            "Notice: 4 managers are not safer than 3: 3 must answer, so the last one adds no safety",
        ),
    ] {
        assert_eq!(said(&[], &managers(count, 0), &[]), [expected]);
    }
}

#[test]
fn nodes_say_what_is_wrong_with_them() {
    let mut nodes = managers(3, 0);
    nodes.extend(["down", "unknown", "drained", "new"].map(|it| a_node(it, "")));
    nodes[3].state = NodeState::Down.into();
    nodes[3].message = "heartbeat failure".to_owned();
    nodes[4].state = NodeState::Unknown.into();
    nodes[5].availability = Availability::Drain.into();
    nodes[6].engine = "28.2.2".to_owned();
    let mut task = a_task(1, TaskState::Running, 50, "");
    task.node = Some(NodeId::from("down"));
    let expected = [
        "Warning: node down is down: for at least 1d; heartbeat failure",
        "Warning: node unknown is unknown: for at least 1d; the leader has not heard from it yet",
        "Notice: the nodes run different engines: 20.10.24, 28.2.2",
        "Notice: drained is drained: for at least 1d; it runs no tasks of services",
    ];
    assert_eq!(said(&[], &nodes, &[task]), expected);
}

#[test]
fn a_crash_loop_is_recognised() {
    let mut tasks = crashing(3);
    tasks.push(a_task(1, TaskState::Ready, 5, ""));
    let why = "api.1 ended 3 times in 45s, last 10s ago after it ran for less than 1s: the program itself failed (task: non-zero exit (1))";
    // Whether one runs at this very moment changes nothing.
    for running in [0, 1] {
        let expected = format!("Critical: api does not stay up: {why}");
        check_service(&a_service(running, 1), &tasks, &expected);
    }
    let expected = format!("Warning: 1 of 2 tasks of api does not stay up: {why}");
    check_service(&a_service(1, 2), &tasks, &expected);
}

#[test]
fn a_few_old_failures_are_no_loop() {
    check_service(&a_service(1, 1), &crashing(2), "");
    let old: Vec<_> = (0..5).map(|it| a_task(1, TaskState::Failed, 3_600 + it, "x")).collect();
    check_service(&a_service(1, 1), &old, "");
    let spread: Vec<_> = (1..=4).map(|it| a_task(it, TaskState::Failed, 10, "x")).collect();
    check_service(&a_service(4, 4), &spread, "");
    let stopped: Vec<_> = (0..5).map(|it| a_task(1, TaskState::Shutdown, it, "")).collect();
    check_service(&a_service(1, 1), &stopped, "");
}

#[test]
fn a_program_that_just_ends_is_a_loop_too() {
    let tasks: Vec<_> = (0..4).map(|it| a_task(1, TaskState::Complete, 9 + 20 * it, "")).collect();
    let expected = "Critical: api does not stay up: api.1 ended 4 times in 1m, last 9s ago after it ran for less than 1s: it ended without an error: its program was done, or somebody stopped it, or a health check of its image failed (started)";
    check_service(&a_service(0, 1), &tasks, expected);
}

#[test]
fn a_waiting_task_says_what_for() {
    let unplaced = "no suitable node (insufficient resources on 3 nodes)";
    for (state, seconds, error, why) in [
        (
            TaskState::Pending,
            120,
            unplaced,
            "api.2 is pending for 2m: no node fits: 3 nodes lack the cpu, memory or generic resource it reserves (no suitable node (insufficient resources on 3 nodes))",
        ),
        (
            TaskState::New,
            90,
            "",
            "api.2 is new for 1m: the engine gives no reason; mostly its networks have no address left, or their subnets overlap with others",
        ),
        (
            TaskState::Pending,
            90,
            "",
            "api.2 is pending for 1m: the engine gives no reason; the scheduler may have lost it",
        ),
        (TaskState::Assigned, 60, "", "api.2 is assigned for 1m: its node does not start it"),
        (
            TaskState::Preparing,
            300,
            "",
            "api.2: node0 has been pulling api:1 for 5m (or waits for a volume or a network)",
        ),
    ] {
        let tasks = [a_task(1, TaskState::Running, 900, ""), a_task(2, state, seconds, error)];
        check_service(&a_service(1, 2), &tasks, &format!("Warning: api runs 1 of 2 tasks: {why}"));
    }
}

#[test]
fn the_last_failure_is_the_reason_while_nothing_followed_it() {
    let image = "No such image: api:1";
    let explained = "node0 has no such image and could not pull it (No such image: api:1)";
    let failed = a_task(1, TaskState::Rejected, 3_600, image);
    let why = format!("api.1 was rejected 1h ago: {explained}; it is not started again");
    let expected = format!("Critical: api runs 0 of 1 task: {why}");
    check_service(&a_service(0, 1), std::slice::from_ref(&failed), &expected);
    let followed = [failed, a_task(1, TaskState::Preparing, 10, "")];
    let expected = "Notice: api runs 0 of 1 task: api.1: node0 has been pulling api:1 for 10s (or waits for a volume or a network)";
    check_service(&a_service(0, 1), &followed, expected);
}

#[test]
fn what_changes_right_now_is_only_mentioned() {
    let mut service = a_service(1, 2);
    service.update = Some(an_update("updating", "update in progress"));
    check_service(&service, &[], "Notice: api runs 1 of 2 tasks: update in progress");
    service.update = None;
    service.changed = ago(12);
    check_service(&service, &[], "Notice: api runs 1 of 2 tasks: changed 12s ago");
    service.running = 3;
    check_service(&service, &[], "");
    check_service(&a_service(1, 2), &[], "Warning: api runs 1 of 2 tasks: its tasks were not read");
}

#[test]
fn an_update_that_stopped_names_the_task_that_stopped_it() {
    let task = a_task(2, TaskState::Failed, 9_999, "task: non-zero exit (127)");
    let message = format!("update paused due to failure of task {}", task.id);
    let mut service = a_service(2, 2);
    service.update = Some(an_update("paused", &message));
    let cause = "api.2: the command was not found (task: non-zero exit (127))";
    let expected = format!("Warning: the update of api is paused: for 2h; {message}; {cause}");
    check_service(&service, std::slice::from_ref(&task), &expected);
    service.update = Some(an_update("rollback_paused", "x"));
    check_service(&service, &[], "Critical: the rollback of api is paused: for at least 2h; x");
    service.update = Some(an_update("rollback_completed", "x"));
    check_service(&service, &[], "Notice: the update of api was rolled back: x");
    service.update = Some(an_update("completed", "x"));
    check_service(&service, &[], "");
}

#[test]
fn an_update_that_stopped_is_told_with_what_keeps_tasks_from_running() {
    let mut service = a_service(1, 2);
    service.update = Some(an_update("paused", "x"));
    let tasks = [a_task(2, TaskState::Failed, 40, "task: non-zero exit (127)")];
    let expected = "Warning: api runs 1 of 2 tasks: api.2 failed 40s ago after it ran for at most 5s: the command was not found (task: non-zero exit (127)); it is not started again; the update of api is paused";
    check_service(&service, &tasks, expected);
}

#[test]
fn jobs_are_in_trouble_only_when_their_tasks_are() {
    let mut job = a_service(0, 1);
    job.mode = Mode::ReplicatedJob { at_once: 1, total: 3 };
    job.completed = 1;
    check_service(&job, &[], "");
    let why = "api on node0 ended 3 times in 45s, last 10s ago after it ran for less than 1s: the program itself failed (task: non-zero exit (1))";
    let tasks: Vec<_> = crashing(3).into_iter().map(|it| Task { slot: 0, ..it }).collect();
    check_service(&job, &tasks, &format!("Warning: api completed 1 of 3: {why}"));
}

#[test]
fn room_is_what_no_service_has_reserved() {
    for (gib, expected) in [
        (7, vec![]),
        (9, vec!["Notice: no memory to spare for the loss of node2: 9 GiB of 12 GiB reserved"]),
        (11, vec!["Notice: memory is reserved up to 92%: 11 GiB of 12 GiB reserved"]),
        (13, vec!["Warning: more memory is reserved than there is: 13 GiB of 12 GiB reserved"]),
    ] {
        let mut service = a_service(1, 1);
        service.reserved.memory = gib * GIB;
        assert_eq!(said(&[service], &managers(3, 0), &[]), expected);
    }
}

#[test]
fn loads_count_the_tasks_that_run_or_will() {
    let mut service = a_service(2, 2);
    service.reserved = Resources { nano_cpus: 1_000_000_000, memory: GIB };
    let mut nodes = managers(2, 0);
    nodes[1].availability = Availability::Drain.into();
    let tasks = [
        a_task(1, TaskState::Running, 50, ""),
        a_task(2, TaskState::Preparing, 50, ""),
        a_task(1, TaskState::Failed, 90, ""),
    ];
    let sight = Sight {
        system: None,
        services: &[service],
        nodes: &nodes,
        tasks: &tasks,
        leaderless: false,
        networks: &[],
        now: ago(0),
    };
    let capacity = Capacity::of(&sight);
    assert_eq!(capacity.nodes.len(), 1);
    let node = &capacity.nodes[0];
    assert_eq!((node.tasks, node.load.reserved.memory), (2, 2 * GIB));
    assert_eq!((node.load.memory_percent(), node.load.cpu_percent()), (Some(50), Some(50)));
    assert_eq!(capacity.cluster, node.load);
}

#[test]
fn an_engine_that_cannot_speak_for_the_swarm_says_so() {
    let error = "certificate expired".to_owned();
    for (swarm, expected) in [
        (
            Membership::Locked,
            "Critical: the swarm is locked on node1: the unlock key is needed after a restart",
        ),
        (
            Membership::Pending { state: "error".to_owned(), error },
            "Critical: node1 is not connected to its swarm: error: certificate expired",
        ),
        (Membership::None, "Critical: node1 is not part of a swarm: "),
    ] {
        let system = System {
            name: "node1".to_owned(),
            version: String::new(),
            api: String::new(),
            time: None,
            swarm,
        };
        let sight = Sight {
            system: Some(&system),
            services: &[],
            nodes: &[],
            tasks: &[],
            leaderless: false,
            networks: &[],
            now: ago(0),
        };
        let health = judge(&sight);
        let trouble = &health.troubles[0];
        assert_eq!(format!("{:?}: {}: {}", trouble.severity, trouble.what, trouble.why), expected);
        assert_eq!(health.worst(), Some(Severity::Critical));
    }
}
