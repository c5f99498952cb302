//! Tests of health with recorded task histories of engines (20.10.24).

use crate::domain::{
    health::{
        Conditions, Ends, at_most, judge, less_than, see,
        sight::Sight,
        tests::{a_node, a_service, a_task, ago, an_update, check_service, managers, said, seen},
        trouble::Severity,
    },
    swarm::{
        cluster::{Condition, Mode, Service, Task, TaskState, Update},
        names::{NodeId, TaskId},
        states::{Availability, NodeState},
    },
};
use TaskState::{Complete, Failed, Preparing, Rejected, Running, Shutdown};
use jiff::SignedDuration;

/// A task of a slot that was made and came to its state so many seconds ago.
fn past(slot: u64, state: TaskState, made: i64, since: i64, error: &str) -> Task {
    let id = format!("{state}{slot}made{made}");
    let done = state == Complete;
    let task =
        Task { id: TaskId::from(&*id), created: ago(made), ..a_task(slot, state, since, error) };
    let exit_code = task.error.contains("(137)").then_some(137).or(done.then_some(0));
    let message = if done { "finished" } else { "started" };
    Task { exit_code, message: message.to_owned(), ..task }
}

fn on(node: &str, task: Task) -> Task {
    Task { node: Some(NodeId::from(node)), ..task }
}

/// Taken back 60 s ago, six seconds after it had begun.
fn taken_back() -> Update {
    let update = an_update("rollback_completed", "rollback completed");
    Update { started: Some(ago(66)), completed: Some(ago(60)), ..update }
}

const KILLED: &str = "task: non-zero exit (137)";
const NO_IMAGE: &str = "No such image: api:2";

/// A rollback for an image that is not there: of slot 2 the old task was stopped, the
/// new one rejected, and the old spec made a third.
fn rolled_back() -> (Service, Vec<Task>) {
    let mut service = a_service(2, 2);
    service.update = Some(taken_back());
    let rejected = Task { image: "api:2".into(), ..past(2, Rejected, 66, 65, NO_IMAGE) };
    let tasks = vec![
        past(1, Running, 900, 899, ""),
        past(2, Shutdown, 900, 64, ""),
        rejected,
        past(2, Running, 65, 64, ""),
    ];
    (service, tasks)
}

const WHY_BACK: &str = "Notice: the update of api was rolled back: 1m ago; rollback completed; api.2: node0 has no such image and could not pull it (No such image: api:2)";

#[test]
fn a_rollback_was_for_what_ended_before_it() {
    let (service, tasks) = rolled_back();
    check_service(&service, &tasks, WHY_BACK);
    // What failed within the update and belongs to the spec from before did not stop it.
    let earlier = past(1, Failed, 900, 63, "task: non-zero exit (255)");
    let tasks: Vec<Task> =
        tasks.into_iter().skip(1).chain([earlier, past(1, Running, 62, 61, "")]).collect();
    check_service(&service, &tasks, WHY_BACK);
}

#[test]
fn a_death_after_a_rollback_is_one_of_the_present_spec() {
    for (slot, made) in [(1, 900), (2, 65)] {
        let (mut service, mut tasks) = rolled_back();
        service.running = 1;
        tasks.retain(|it| it.slot != slot || it.state != Running);
        tasks.push(past(slot, Failed, made, 20, KILLED));
        tasks.push(past(slot, Preparing, 19, 18, ""));
        let seen = seen(service.clone(), &tasks);
        let told = (seen.seen.condition, seen.seen.restarts.count);
        assert_eq!(told, (Condition::Failing, 1), "slot {slot}");
        let told = said(&[service], &managers(3, 0), &tasks).join("\n");
        assert!(told.contains(&format!("api.{slot} failed 20s ago")), "{told}");
        assert!(told.ends_with("the update of api was rolled back"), "{told}");
    }
}

#[test]
fn a_rollback_for_an_end_without_an_error_says_so() {
    // The health check failed, the program was told to end and did: `Complete`.
    let mut service = a_service(1, 1);
    service.update = Some(taken_back());
    service.restart.checked = true;
    let tasks = [
        past(1, Shutdown, 900, 65, ""),
        past(1, Complete, 66, 61, ""),
        past(1, Running, 60, 55, ""),
    ];
    check_service(
        &service,
        &tasks,
        "Notice: the update of api was rolled back: 1m ago; rollback completed; api.1: it ended without an error: its health check may have failed, or somebody stopped it, or its program was done (exit code 0)",
    );
}

#[test]
fn what_ended_without_an_error_did_not_surely_end_by_itself() {
    for (checked, who) in [
        (true, "its health check may have failed, or somebody stopped it, or its program was done"),
        (
            false,
            "its program was done, or somebody stopped it, or a health check of its image failed",
        ),
    ] {
        let mut service = a_service(1, 1);
        service.restart.checked = checked;
        let tasks = [past(1, Complete, 160, 40, ""), past(1, Running, 40, 33, "")];
        let expected = format!(
            "Warning: api runs again after a task ended: api.1 ended 40s ago after it ran for at most 2m: it ended without an error: {who} (exit code 0)"
        );
        check_service(&service, &tasks, &expected);
    }
}

/// A global job for three nodes whose tasks fail every 6 s, as the engine counts it.
fn failing_job(second: i64) -> (Service, Vec<Task>) {
    let mut job = a_service(0, 0);
    job.mode = Mode::GlobalJob;
    // The tasks that wait for their turn do not count, those that start or run do.
    (job.running, job.desired) = match second % 6 {
        0..=3 => (0, 0),
        4 => (0, 3),
        _ => (1, 1),
    };
    let mut tasks = Vec::new();
    for round in (0..=second / 6).filter(|it| *it > 0) {
        let ended = second - 6 * round;
        for node in ["node0", "node1", "node2"] {
            let task = past(0, Failed, ended + 6, ended, "task: non-zero exit (1)");
            let id = TaskId::from(&*format!("{node}{round}"));
            tasks.push(on(node, Task { id, ..task }));
        }
    }
    for node in ["node0", "node1", "node2"] {
        let next = past(0, TaskState::Ready, second % 6, second % 6, "");
        let next =
            Task { id: TaskId::from(&*format!("{node}next")), desired: TaskState::Ready, ..next };
        tasks.push(on(node, next));
    }
    (job, tasks)
}

#[test]
fn a_job_that_fails_on_every_node_does_so_at_every_moment() {
    for second in 6..60 {
        let (job, tasks) = failing_job(second);
        let job = seen(job, &tasks);
        assert_eq!(job.seen.condition, Condition::Failing, "at {second} s");
        assert!(job.replicas().ends_with("/3 (0/3 completed)"), "{} at {second} s", job.replicas());
    }
}

#[test]
fn a_job_whose_attempts_are_used_up_is_not_done() {
    let (mut job, mut tasks) = failing_job(600);
    (job.running, job.desired) = (0, 0);
    tasks.retain(|it| it.state == Failed && it.since < ago(40));
    let told = said(&[job], &managers(3, 0), &tasks).join("\n");
    assert!(told.starts_with("Warning: api completed on 0 of 3 nodes: "), "{told}");
    assert!(told.ends_with("it is not started again"), "{told}");
}

#[test]
fn a_job_that_completed_on_every_node_is_done() {
    let mut job = a_service(0, 0);
    (job.mode, job.completed) = (Mode::GlobalJob, 3);
    let done = |node| on(node, Task { desired: Complete, ..past(0, Complete, 60, 58, "") });
    let mut tasks: Vec<Task> = ["node0", "node1", "node2"].map(done).into();
    // One needed two attempts.
    tasks.push(on("node1", past(0, Failed, 70, 65, "task: non-zero exit (1)")));
    let job = seen(job, &tasks);
    assert_eq!(
        (job.seen.condition, job.replicas()),
        (Condition::Fine, "0/0 (3/3 completed)".to_owned())
    );
}

/// Looks each second, and remembers as the survey does.
fn watched(
    mut service: Service,
    seconds: i64,
    tasks: impl Fn(i64) -> (u64, Vec<Task>),
) -> Vec<Condition> {
    let (mut ends, mut before) = (Ends::default(), None::<Service>);
    let mut conditions = Vec::new();
    for second in 0..seconds {
        let (running, tasks) = tasks(second);
        service.running = running;
        let its: Vec<&Task> = tasks.iter().collect();
        ends.take_in(&service, &its, &[], ago(0));
        see(&mut service, its, ends.restarts(ago(0)), &[], before.as_ref(), ago(0));
        conditions.push(service.seen.condition);
        before = Some(service.clone());
    }
    conditions
}

#[test]
fn a_pull_that_hangs_is_trouble_until_a_task_runs() {
    let mut service = a_service(0, 1);
    service.update = Some(Update { started: Some(ago(200)), ..an_update("paused", "") });
    // Each attempt takes 25 s and is rejected; the next begins at once.
    let conditions = watched(service, 120, |second| {
        let rejected = |it: i64| {
            let made = second - 25 * it;
            past(1, Rejected, made, made - 25, "No such image: api:1")
        };
        let mut tasks: Vec<Task> = (0..second / 25).map(rejected).collect();
        tasks.push(past(1, Preparing, second % 25, second % 25, ""));
        (0, tasks)
    });
    let bad = conditions.iter().position(|it| *it == Condition::Failing);
    assert!(bad.is_some_and(|it| it <= 31), "{conditions:?}");
    let after = &conditions[bad.unwrap_or_default()..];
    assert!(after.iter().all(|it| *it == Condition::Failing), "{conditions:?}");
}

#[test]
fn what_was_missing_is_missing_until_it_runs() {
    // A pull took too long; then the task starts, which says nothing yet; then it runs.
    let conditions = watched(a_service(0, 1), 60, |second| match second {
        0..20 => (0, vec![past(1, Preparing, 20 + second, 20 + second, "")]),
        20..40 => (0, vec![past(1, TaskState::Starting, 20 + second, second - 20, "")]),
        _ => (1, vec![past(1, Running, 20 + second, second - 40, "")]),
    });
    assert!(conditions[..11].iter().all(|it| *it == Condition::Changing), "{conditions:?}");
    assert!(conditions[11..40].iter().all(|it| *it == Condition::Failing), "{conditions:?}");
    assert!(conditions[40..].iter().all(|it| *it == Condition::Fine), "{conditions:?}");
}

#[test]
fn a_loop_has_one_name_as_long_as_it_lasts() {
    // Starts for two seconds, runs for two: the engine keeps four of them.
    let of = |second: i64| {
        let ended = |it: i64| {
            let since = second - 4 * it;
            let task = past(1, Failed, since + 4, since, "task: non-zero exit (3)");
            Task { id: TaskId::from(&*format!("t{it}")), ..task }
        };
        let mut tasks: Vec<Task> = (1..=second / 4).rev().take(4).map(ended).collect();
        let age = second % 4;
        let state = if age < 2 { TaskState::Starting } else { Running };
        tasks.push(past(1, state, age, age, ""));
        (u64::from(age >= 2), tasks)
    };
    let mut service = a_service(1, 1);
    service.restart.delay = SignedDuration::from_secs(1);
    let conditions = watched(service.clone(), 200, of);
    assert!(conditions[20..].iter().all(|it| *it == Condition::Failing), "{conditions:?}");
    let (running, tasks) = of(201);
    service.running = running;
    check_service(
        &service,
        &tasks,
        "Critical: api does not stay up: api.1 ended 4 times in 16s, last 1s ago after it ran for at most 3s: task: non-zero exit (3)",
    );
}

#[test]
fn a_service_that_ended_well_is_not_as_it_should_be() {
    let mut service = a_service(0, 1);
    service.restart.may_end = true;
    let tasks = [past(1, Complete, 50, 47, "")];
    let service = seen(service, &tasks);
    assert_eq!(service.seen.condition, Condition::Ended);
    assert!(!service.in_trouble());
    let all = Conditions::of([&service]);
    assert_eq!((all.fine, all.ended), (0, 1));
}

#[test]
fn a_task_without_a_successor_by_rule_is_told_by_its_node() {
    let mut service = a_service(0, 1);
    (service.restart.never, service.restart.may_end) = (true, true);
    let lost = on("dead", Task { desired: Shutdown, ..past(1, Running, 900, 899, "") });
    let mut nodes = managers(3, 0);
    nodes.push(a_node("dead", ""));
    nodes[3].state = NodeState::Down.into();
    let told = said(&[service], &nodes, &[lost]).join("\n");
    let why = "Critical: api runs 0 of 1 task: api.1 was on dead, which is down for at least 1d, and its restart condition `none` starts no other";
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_node_that_was_away_for_a_moment_is_one_finding() {
    // Its engine tells the end of each task right after the node is written anew.
    let mut nodes = managers(3, 0);
    nodes[0].heard = ago(30);
    let services = ["api", "web"].map(|name| Service {
        id: name.into(),
        name: name.into(),
        ..a_service(1, 1)
    });
    let tasks: Vec<Task> = ["api", "web"]
        .into_iter()
        .flat_map(|name| {
            let lost = past(1, Failed, 900, 30, "task: non-zero exit (255)");
            let lost = Task { exit_code: Some(255), updated: ago(29), ..lost };
            let next = past(1, Running, 29, 23, "");
            [lost, next].map(|it| Task {
                id: TaskId::from(&*format!("{name}{}", it.id)),
                service: Some(name.into()),
                ..it
            })
        })
        .collect();
    let told = said(&services, &nodes, &tasks);
    assert_eq!(
        told,
        [
            "Warning: node0, or its engine, went down and came back 29s ago: 2 tasks ended with it: api, web"
        ]
    );
}

#[test]
fn without_a_leader_nobody_knows_the_rest() {
    let mut nodes = managers(1, 2);
    nodes[0].availability = Availability::Drain.into();
    let slow = [past(1, Preparing, 54, 54, "")];
    let services = [seen(a_service(0, 1), &slow)];
    let of = |leaderless| {
        let (services, nodes) = (&services[..], &nodes[..]);
        let sight = Sight {
            system: None,
            services,
            nodes,
            tasks: &slow,
            leaderless,
            networks: &[],
            now: ago(0),
        };
        let troubles = judge(&sight).troubles;
        troubles.into_iter().map(|it| (it.severity, it.what)).collect::<Vec<_>>()
    };
    assert!(of(false).len() > 3, "{:?}", of(false));
    assert_eq!(of(true), [(Severity::Critical, "the quorum is lost".to_owned())]);
}

#[test]
fn how_long_something_ran_is_rounded_up() {
    for (millis, words, column) in [
        (0, "less than 1s", "<1s"),
        (999, "less than 1s", "<1s"),
        (1_000, "at most 1s", "<1s"),
        (15_200, "at most 16s", "<16s"),
        (640_000, "at most 11m", "<11m"),
        (7_300_000, "at most 3h", "<3h"),
    ] {
        let ran = SignedDuration::from_millis(millis);
        assert_eq!((&*at_most(ran), &*less_than(ran)), (words, column), "{millis}");
    }
}
