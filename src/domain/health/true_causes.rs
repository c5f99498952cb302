//! Tests of causes: no wrong explanations, no false alarms.

use crate::domain::{
    health::{
        Ends,
        exit::crowd::Network,
        judge, see,
        sight::Sight,
        tests::{a_node, a_service, a_task, ago, an_update, check_service, managers, said, seen},
    },
    swarm::{
        cluster::{Condition, Mode, Port, Restarts, Service, Tally, Task, TaskState, Update},
        names::{NodeId, ServiceId},
        since::Since,
        states::{Availability, NodeState, Reachability},
    },
};

/// A task that ended `ended` seconds ago and was made `made` seconds ago.
fn over(slot: u64, made: i64, ended: i64, error: &str) -> Task {
    Task { created: ago(made), ..a_task(slot, TaskState::Failed, ended, error) }
}

fn runs(slot: u64, made: i64) -> Task {
    Task { created: ago(made), ..a_task(slot, TaskState::Running, made, "") }
}

const KILLED: &str = "task: non-zero exit (137)";

#[test]
fn what_was_stopped_on_purpose_is_no_end() {
    // An update, a drain, a lost node: the next task is made before the old one ends.
    let replaced = [over(1, 900, 40, KILLED), runs(1, 50)];
    check_service(&a_service(1, 1), &replaced, "");
    // A crash: it is made after.
    let crashed = [over(1, 900, 50, KILLED), runs(1, 50)];
    let service = seen(a_service(1, 1), &crashed);
    assert_eq!((service.seen.restarts.count, service.seen.condition), (1, Condition::Unsteady));
}

#[test]
fn what_was_lost_with_its_node_is_no_end_and_stays_none() {
    let mut nodes = managers(3, 0);
    nodes[0].heard = ago(50);
    let unknown = "task: non-zero exit (255)";
    let lost = over(1, 900, 49, unknown);
    let (service, tasks) = (a_service(1, 1), [lost, runs(1, 44)]);
    let its: Vec<&Task> = tasks.iter().collect();
    let mut ends = Ends::default();
    ends.take_in(&service, &its, &nodes, ago(40));
    // A label of the node is changed, and the moment at which it came back is lost.
    nodes[0].heard = ago(10);
    ends.take_in(&service, &its, &nodes, ago(5));
    assert_eq!(ends.restarts(ago(0)).count, 0);
    // Where nobody saw that, it is what the engine says.
    let mut late = Ends::default();
    late.take_in(&service, &its, &nodes, ago(5));
    assert_eq!(late.restarts(ago(0)).count, 1);
}

#[test]
fn what_was_lost_with_its_node_is_told_until_it_runs_again() {
    let mut nodes = managers(3, 0);
    nodes[0].heard = ago(4);
    let mut service = a_service(0, 1);
    service.changed = ago(900);
    let tasks = [
        over(1, 900, 3, "task: non-zero exit (255)"),
        Task { created: ago(3), ..a_task(1, TaskState::Ready, 3, "") },
    ];
    let expected = "Notice: api runs 0 of 1 task: api.1 ended 3s ago: node0 went down and came back, and the task ended with it (task: non-zero exit (255))";
    let node =
        "Warning: node0, or its engine, went down and came back 3s ago: 1 task ended with it: api";
    assert_eq!(said(&[service], &nodes, &tasks), [node, expected]);
}

#[test]
fn a_wrong_clock_of_a_node_makes_no_crash_a_stop() {
    let ahead = Task { since: ago(20), updated: ago(50), ..over(1, 900, 50, KILLED) };
    let service = seen(a_service(1, 1), &[ahead, runs(1, 50)]);
    assert_eq!(service.seen.restarts.count, 1);
}

#[test]
fn what_was_scaled_away_explains_nothing() {
    // Slot 2 is gone: it was killed when the service was scaled down.
    check_service(&a_service(1, 1), &[over(2, 900, 20, KILLED), runs(1, 900)], "");
}

#[test]
fn more_tasks_than_wanted_are_no_trouble_and_make_up_for_none() {
    let surplus = a_service(3, 2);
    check_service(&surplus, &[], "");
    let lacking = Service { id: ServiceId::from("b"), ..a_service(1, 2) };
    let both = [seen(surplus, &[]), seen(lacking, &[])];
    assert_eq!(Tally::of(&both).to_string(), "3/4");
    assert_eq!(both[0].replicas(), "2/2 +1 stopping");
}

#[test]
fn failures_of_a_spec_that_was_replaced_are_history() {
    let mut service = a_service(1, 1);
    let old = || (0..4).map(|it| over(1, 300 + 20 * it, 290 + 20 * it, KILLED));
    let tasks: Vec<Task> = old().chain([runs(1, 100)]).collect();
    assert_eq!(seen(service.clone(), &tasks).seen.condition, Condition::Unsteady);
    let mut update = an_update("completed", "");
    update.started = Some(ago(110));
    service.update = Some(update);
    assert_eq!(seen(service, &tasks).seen.condition, Condition::Fine);
}

#[test]
fn a_service_that_ends_again_and_again_is_told_while_it_runs() {
    let tasks: Vec<Task> = (1..=4)
        .map(|it| over(1, 105 * it + 105, 105 * it, "task: non-zero exit (1)"))
        .chain([runs(1, 105)])
        .collect();
    let expected = "Warning: tasks of api ended at least 4 times in the last hour: api.1 ended 4 times in 7m, last 1m ago after it ran for at most 2m: the program itself failed (task: non-zero exit (1))";
    check_service(&a_service(1, 1), &tasks, expected);
}

#[test]
fn ends_are_remembered_longer_than_the_engine_keeps_them() {
    let service = a_service(1, 1);
    let mut ends = Ends::default();
    for second in 0..600 {
        let now = ago(600 - second);
        // A task ends every 7 s; the engine keeps the last four.
        let ended = (0..4).filter_map(|back| {
            let number = second / 7 - back;
            let since = 600 - number * 7;
            (number > 0).then(|| Task {
                id: format!("t{number}").as_str().into(),
                ..over(1, since + 7, since, "task: non-zero exit (1)")
            })
        });
        let tasks: Vec<Task> = ended.chain([runs(1, 0)]).collect();
        ends.take_in(&service, &tasks.iter().collect::<Vec<_>>(), &[], now);
    }
    let restarts = ends.restarts(ago(0));
    assert_eq!((restarts.count, restarts.more), (85, false));
    assert_eq!(ends.restarts(ago(-3_700)).count, 0);
}

#[test]
fn one_dead_node_is_one_finding() {
    let mut nodes = managers(3, 0);
    nodes.push(a_node("dead", ""));
    nodes[3].state = NodeState::Down.into();
    let lost =
        Task { node: Some(NodeId::from("dead")), desired: TaskState::Shutdown, ..runs(1, 900) };
    let mut service = a_service(2, 2);
    service.seen.lost = 1;
    let expected =
        ["Warning: node dead is down: for at least 1d; its 1 task runs elsewhere; 0 are missing"];
    assert_eq!(said(&[service.clone()], &nodes, &[lost.clone(), runs(1, 60)]), expected);
    service.running = 1;
    let found = said(&[service], &nodes, &[lost, runs(2, 900)]);
    assert_eq!(
        found[1],
        "Warning: node dead is down: for at least 1d; its 0 tasks run elsewhere; 1 is missing"
    );
}

#[test]
fn a_task_that_never_started_has_no_log() {
    let starting = "starting container failed: something new";
    for (state, error) in [
        (TaskState::Rejected, "no words for this"),
        (TaskState::Failed, starting),
        (TaskState::Rejected, "node is missing network attachments, ip addresses may be exhausted"),
    ] {
        let task = a_task(1, state, 20, error);
        let service = seen(a_service(0, 1), std::slice::from_ref(&task));
        let sight = Sight {
            system: None,
            services: &[service],
            nodes: &managers(3, 0),
            tasks: &[task],
            leaderless: false,
            networks: &[],
            now: ago(0),
        };
        let now = judge(&sight).troubles[0].what_now.clone();
        assert!(!now.contains("read its log"), "{error}: {now}");
    }
}

#[test]
fn a_kill_under_a_memory_limit_names_the_limit() {
    let mut service = a_service(0, 1);
    service.memory_limit = 16 << 20;
    let task = Task { exit_code: Some(137), ..over(1, 900, 20, KILLED) };
    let expected = "Critical: api runs 0 of 1 task: api.1 failed 20s ago after it ran for at most 15m: killed (SIGKILL): most likely it wanted more memory than its limit of 16 MiB (task: non-zero exit (137))";
    check_service(&service, &[task], expected);
}

#[test]
fn what_ends_well_and_is_not_started_again_is_no_failure() {
    let mut service = a_service(0, 1);
    service.restart.may_end = true;
    let task = a_task(1, TaskState::Complete, 47, "");
    let expected = "Notice: api ended, and is not started again: api.1 ended 47s ago without an error, and its restart condition is not `any`";
    check_service(&service, &[task], expected);
}

#[test]
fn a_pull_says_where_what_and_how_long() {
    let task = a_task(1, TaskState::Preparing, 40, "");
    let expected = "Critical: api runs 0 of 1 task: api.1: node0 has been pulling api:1 for 40s (or waits for a volume or a network)";
    check_service(&a_service(0, 1), &[task], expected);
    let young = Task { created: ago(4), ..a_task(1, TaskState::Preparing, 4, "") };
    let expected = "Notice: api runs 0 of 1 task: for 4s; its tasks are starting";
    check_service(&a_service(0, 1), &[young], expected);
}

#[test]
fn a_generic_resource_that_no_node_has_is_named() {
    let mut service = a_service(0, 1);
    service.generic = vec!["gpu".to_owned()];
    let error = "no suitable node (insufficient resources on 3 nodes)";
    let task = Task { node: None, ..a_task(1, TaskState::Pending, 9, error) };
    let expected = format!(
        "Critical: api runs 0 of 1 task: api.1 is pending for 9s: no node has the generic resource gpu ({error})"
    );
    check_service(&service, &[task], &expected);
}

#[test]
fn what_was_scaled_to_nothing_is_told_quietly() {
    let mut service = a_service(0, 0);
    service.replicas_before = Some(3);
    service.changed = ago(53);
    check_service(&service, &[], "Notice: api is scaled to 0: was 3, 53s ago");
    service.stopped = Some(3);
    check_service(&service, &[], "");
}

#[test]
fn a_rollback_says_why_and_is_history_after_an_hour() {
    let mut service = a_service(1, 1);
    let mut update = an_update("rollback_completed", "rollback completed");
    (update.started, update.completed) = (Some(ago(720)), Some(ago(700)));
    service.update = Some(update.clone());
    let bad = over(1, 719, 710, "task: non-zero exit (127)");
    let tasks = [bad, runs(1, 705)];
    let expected = "Notice: the update of api was rolled back: 11m ago; rollback completed; api.1: the command was not found (task: non-zero exit (127))";
    check_service(&service, &tasks, expected);
    update.completed = Some(ago(4_000));
    service.update = Some(update);
    check_service(&service, &tasks[1..], "");
}

#[test]
fn jobs_that_are_done_or_at_work_are_well() {
    let mut job = a_service(0, 1);
    job.mode = Mode::ReplicatedJob { at_once: 1, total: 5 };
    job.completed = 5;
    assert_eq!(seen(job.clone(), &[]).seen.condition, Condition::Fine);
    assert_eq!((job.tally().wanted, job.replicas()), (0, "0/0 (5/5 completed)".to_owned()));
    job.completed = 2;
    assert_eq!(seen(job, &[]).seen.condition, Condition::Changing);
}

#[test]
fn a_swarm_without_a_leader_has_lost_its_quorum_whatever_was_read_before() {
    let nodes = managers(3, 0);
    let sight = Sight {
        system: None,
        services: &[],
        nodes: &nodes,
        tasks: &[],
        leaderless: true,
        networks: &[],
        now: ago(0),
    };
    assert_eq!(judge(&sight).troubles[0].what, "the quorum is lost");
}

#[test]
fn a_network_that_is_used_up_is_named_with_the_size_of_its_subnet() {
    let mut service = a_service(5, 8);
    service.networks = vec!["n1".to_owned()];
    let waits = Task { node: None, ..a_task(6, TaskState::New, 40, "") };
    let service = seen(service, std::slice::from_ref(&waits));
    let subnet = "10.0.3.0/29".to_owned();
    let (id, name) = ("n1".to_owned(), "shop_back".to_owned());
    let networks = [Network { id, name, subnet, room: 5, wanted: 12 }];
    let sight = Sight {
        system: None,
        services: &[service],
        nodes: &managers(3, 0),
        tasks: &[waits],
        leaderless: false,
        networks: &networks,
        now: ago(0),
    };
    let trouble = judge(&sight).troubles.remove(0);
    let expected = "api.6 is new for 40s: network shop_back has no address left: its subnet 10.0.3.0/29 has 5, and tasks, services and nodes need 12";
    assert_eq!(trouble.why, expected);
    assert!(trouble.what_now.contains("larger subnet"), "{}", trouble.what_now);
}

/// A task that no node takes, and what is said of it.
#[track_caller]
fn check_unplaced(
    service: Service,
    reasons: &str,
    others: &[Service],
    tasks: &[Task],
    named: &str,
) {
    let mut nodes = managers(3, 0);
    nodes[0].labels.insert("disk".to_owned(), "ssd".to_owned());
    nodes.push(a_node("gpu1", ""));
    nodes[3].availability = Availability::Drain.into();
    nodes[3].labels.insert("gpu".to_owned(), "yes".to_owned());
    let error = format!("no suitable node ({reasons})");
    let waits = Task { node: None, ..a_task(1, TaskState::Pending, 9, &error) };
    let tasks: Vec<Task> = [waits].into_iter().chain(tasks.iter().cloned()).collect();
    let services: Vec<Service> =
        [seen(service, &tasks[..1])].into_iter().chain(others.iter().cloned()).collect();
    let told = said(&services, &nodes, &tasks);
    let its = told.iter().find(|it| it.contains("api runs 0 of 1")).unwrap();
    let ending = format!("{named} ({error})");
    assert!(its.ends_with(&ending), "{its}");
}

#[test]
fn a_constraint_that_no_node_meets_is_named() {
    let check = |constraints: &[&str], named: &str| {
        let constraints = constraints.iter().map(|it| (*it).to_owned()).collect();
        let service = Service { constraints, ..a_service(0, 1) };
        let reasons = "scheduling constraints not satisfied on 3 nodes";
        let named = format!("no node fits: 3 nodes do not meet its placement constraints{named}");
        check_unplaced(service, reasons, &[], &[], &named);
    };
    check(&["node.labels.disk == nvme"], "; no node meets node.labels.disk == nvme");
    check(
        &["node.role == worker"],
        "; no node meets node.role == worker but gpu1, which takes no tasks now",
    );
    check(
        &["node.role == manager", "node.role == worker"],
        "; no node that takes tasks meets node.role == worker",
    );
    check(
        &["node.labels.disk == ssd", "node.hostname == node1"],
        "; no node meets all of node.labels.disk == ssd, node.hostname == node1",
    );
    // What a client cannot know is not claimed, nor where the reason is another.
    check(&["engine.labels.x == y"], "");
    check(&["node.labels.disk == ssd"], "");
}

#[test]
fn who_holds_a_port_of_the_host_is_named_with_its_nodes() {
    let port = |published| Port { published, target: 80, protocol: "tcp".to_owned(), host: true };
    let service = || Service { ports: vec![port(19_000)], ..a_service(0, 1) };
    let holder = |published| Service {
        id: ServiceId::from("lb"),
        name: "ops_lb".into(),
        ports: vec![port(published)],
        ..a_service(2, 2)
    };
    let on = |node: &str| Task {
        service: Some(ServiceId::from("lb")),
        node: Some(NodeId::from(node)),
        ..runs(1, 900)
    };
    let reasons = "host-mode port already in use on 3 nodes";
    let words = "no node fits: 3 nodes have their host ports taken by other tasks";
    let check = |others: &[Service], tasks: &[Task], named: &str| {
        check_unplaced(service(), reasons, others, tasks, &format!("{words}{named}"));
    };
    let both = [on("node0"), on("node2")];
    check(&[holder(19_000)], &both, "; port 19000/tcp is used by ops_lb on node0, node2");
    check(&[holder(19_000)], &[], "; port 19000/tcp is used by ops_lb");
    check(&[holder(18_000)], &both, "");
    let idle = Service { running: 0, ..holder(19_000) };
    check(&[idle], &[], "");
}

#[test]
fn what_is_so_says_since_when_where_that_is_known() {
    let mut nodes = managers(4, 0);
    (nodes[0].availability, nodes[0].heard) = (Availability::Drain.into(), ago(180));
    (nodes[1].state, nodes[1].heard) = (NodeState::Down.into(), ago(50));
    nodes[2].manager.as_mut().unwrap().reachability = Reachability::Unreachable.into();
    let told = said(&[], &nodes, &[]);
    let find = |what: &str| told.iter().find(|it| it.contains(what)).unwrap().as_str();
    assert_eq!(
        find("node0"),
        "Notice: node0 is drained: for at least 3m; it runs no tasks of services"
    );
    assert!(find("node1 is down").ends_with("node1 is down: for at least 50s"), "{told:?}");
    // Of who reaches a manager nothing tells a moment.
    assert!(!find("node2 is unreachable").contains("for "), "{told:?}");
}

#[test]
fn an_update_is_paused_since_its_task_failed_and_not_since_it_began() {
    let mut service = a_service(1, 1);
    let mut failed = over(1, 100, 90, "task: non-zero exit (1)");
    failed.id = "x1".into();
    let because = "update paused due to failure or early termination of task x1";
    let update = an_update("paused", because);
    service.update = Some(Update { started: Some(ago(3_000)), ..update });
    service.updated = ago(89);
    let tasks = [failed, runs(1, 95)];
    let expected = format!(
        "Warning: the update of api is paused: for 1m; {because}; api.1: the program itself failed (task: non-zero exit (1))"
    );
    check_service(&service, &tasks, &expected);
    let forgotten = format!("Warning: the update of api is paused: for at least 1m; {because}");
    check_service(&service, &tasks[1..], &forgotten);
}

#[test]
fn how_long_a_service_is_not_fine_is_known_with_its_condition() {
    let since = |service: Service, tasks: &[Task]| seen(service, tasks).seen.since;
    let waits = a_task(1, TaskState::Pending, 120, "no suitable node (x)");
    assert_eq!(since(a_service(0, 1), &[waits]), Some(Since::exactly(ago(120))));
    let failed = over(1, 400, 40, KILLED);
    let last = std::slice::from_ref(&failed);
    assert_eq!(since(a_service(0, 1), last), Some(Since::exactly(ago(40))));
    assert_eq!(since(a_service(1, 1), &[runs(1, 900)]), None);
    // It failed before, and what fails now is a new attempt.
    let before = seen(a_service(0, 1), &[over(1, 800, 700, KILLED)]);
    let mut again = a_service(0, 1);
    let its: Vec<&Task> = last.iter().collect();
    see(&mut again, its, Restarts::default(), &[], Some(&before), ago(0));
    assert_eq!(again.seen.since, Some(Since::exactly(ago(700))));
}
