//! Services in every state, and what is said of them.

use super::*;
use crate::domain::{health::tests::a_node, swarm::cluster::SpecDigest};
use jiff::Timestamp;
use serde_json::json;

fn task(state: TaskState, error: &str, at: i64) -> Task {
    let at = Timestamp::from_second(at).unwrap();
    let desired = if state.is_over() { TaskState::Shutdown } else { TaskState::Running };
    Task {
        id: "t".into(),
        service: None,
        node: Some("n1".into()),
        slot: 1,
        state,
        desired,
        message: String::new(),
        error: error.to_owned(),
        exit_code: None,
        container_spec: SpecDigest::default(),
        container: None,
        image: "web:1".into(),
        created: at,
        since: at,
        updated: at,
    }
}

/// Looks at a service that was changed at that second.
fn seen(live: &Value, tasks: ServiceTasks<'_>, changed: i64) -> Progress {
    let changed = Timestamp::from_second(changed).unwrap();
    progress(live, tasks, &ServiceContext { changed, own_subnet: false, nodes: &[] })
}

fn check(update: &str, tasks: &[Task]) -> Progress {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } },
        "UpdateStatus": { "State": update, "Message": "because" } });
    let tasks = ServiceTasks { all: tasks, current: tasks };
    seen(&live, tasks, 100)
}

#[test]
fn a_service_is_done_when_all_run_and_no_updater_works() {
    let both = [task(TaskState::Running, "", 1), task(TaskState::Running, "", 1)];
    assert!(check("completed", &both).done());
    assert!(!check("updating", &both).done());
    assert!(!check("completed", &both[..1]).done());
}

#[test]
fn old_failures_are_no_crash_loop() {
    let failures = |at| {
        (0..3).map(|_| task(TaskState::Failed, "task: non-zero exit (1)", at)).collect::<Vec<_>>()
    };
    assert_eq!(check("completed", &failures(50)).hopeless(), None);
    assert!(check("completed", &failures(150)).hopeless().unwrap().contains("non-zero exit (1)"));
}

#[test]
fn a_paused_update_is_hopeless() {
    let why = "the engine paused the update, and no task is left that says why";
    assert_eq!(check("paused", &[]).hopeless().unwrap(), why);
}

#[test]
fn tasks_without_a_node_wait_with_their_reason() {
    let seen = check("completed", &[task(TaskState::Pending, "no suitable node", 150)]);
    let words = "no suitable node (no node takes tasks)";
    assert_eq!((seen.pending, seen.trouble.unwrap()), (1, words.to_owned()));
}

#[test]
fn a_task_that_was_given_up_before_it_ran_is_stranded() {
    let lost = Task { desired: TaskState::Shutdown, ..task(TaskState::Assigned, "", 150) };
    let coming = task(TaskState::Assigned, "", 150);
    assert_eq!(check("updating", &[lost, coming]).stranded, 1);
}

#[test]
fn a_task_that_ended_well_under_a_healthcheck_may_have_been_stopped() {
    let words = |spec| {
        let ended = [task(TaskState::Complete, "", 150)];
        let tasks = ServiceTasks { all: &ended, current: &ended };
        seen(&json!({ "Spec": spec }), tasks, 0).trouble.unwrap()
    };
    let check = json!({ "Test": ["CMD", "true"] });
    let checked = json!({ "TaskTemplate": { "ContainerSpec": { "Healthcheck": check } } });
    assert_eq!(
        words(json!({})),
        "it ended without an error: its program was done, or somebody stopped it, or a health check of its image failed"
    );
    assert!(words(checked).contains("its health check may have failed"));
}

/// Tasks as `state desired`, all of the present spec; running, desired, done.
#[track_caller]
fn counts(spec: &Value, tasks: &[&str], expected: (u64, u64, bool)) {
    let live = json!({ "Spec": spec,
        "JobStatus": { "LastExecution": Timestamp::from_second(100).unwrap() } });
    let tasks: Vec<Task> = tasks
        .iter()
        .enumerate()
        .map(|(number, words)| {
            let (state, desired) = words.split_once(' ').unwrap();
            Task {
                desired: TaskState::from_word(desired),
                node: Some(format!("n{number}").as_str().into()),
                ..task(TaskState::from_word(state), "", 150)
            }
        })
        .collect();
    let tasks = ServiceTasks { all: &tasks, current: &tasks };
    let seen = seen(&live, tasks, 100);
    assert_eq!((seen.running, seen.desired, seen.done()), expected, "{spec}");
}

#[test]
fn each_mode_has_its_own_way_of_being_done() {
    let job = json!({ "Mode": { "ReplicatedJob": { "TotalCompletions": 2 } } });
    counts(&job, &["running complete", "complete complete"], (1, 2, false));
    counts(&job, &["complete complete", "complete complete"], (2, 2, true));
    let global_job = json!({ "Mode": { "GlobalJob": {} } });
    counts(&global_job, &["complete complete", "pending complete"], (1, 2, false));
    let global = json!({ "Mode": { "Global": {} } });
    counts(&global, &["running running", "starting running", "running shutdown"], (1, 2, false));
    counts(&global, &["running running", "running shutdown"], (1, 1, true));
}

#[test]
fn a_task_that_ends_well_has_done_its_work_unless_it_is_started_again() {
    let once = json!({ "TaskTemplate": { "RestartPolicy": { "Condition": "on-failure" } },
        "Mode": { "Replicated": { "Replicas": 1 } } });
    counts(&once, &["complete running"], (1, 1, true));
    let always = json!({ "Mode": { "Replicated": { "Replicas": 1 } } });
    counts(&always, &["complete running"], (0, 1, false));
}

#[test]
fn outgoing_tasks_do_not_count() {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 1 } } } });
    let old = [task(TaskState::Running, "", 1), task(TaskState::Failed, "bad", 150)];
    let seen = seen(&live, ServiceTasks { all: &old, current: &[] }, 0);
    assert_eq!((seen.running, seen.failures, seen.done()), (0, 0, false));
}

#[test]
fn what_is_not_started_again_has_one_try() {
    let failed = [task(TaskState::Failed, "task: non-zero exit (1)", 150)];
    let tasks = ServiceTasks { all: &failed, current: &failed };
    for (policy, hopeless) in [
        (json!({ "Condition": "none" }), true),
        (json!({ "Condition": "any", "MaxAttempts": 1 }), false),
        (json!({}), false),
    ] {
        let live = json!({ "Spec": { "TaskTemplate": { "RestartPolicy": policy },
            "Mode": { "Replicated": { "Replicas": 1 } } } });
        let seen = seen(&live, tasks, 0);
        assert_eq!(seen.hopeless().is_some(), hopeless, "{live}");
    }
}

/// Tasks as `id state desired age error…`, and whether the present spec made them.
fn tasks(lines: &[(&str, bool)]) -> (Vec<Task>, Vec<Task>) {
    let read = |(line, _): &(&str, bool)| {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        Task {
            id: words[0].into(),
            desired: TaskState::from_word(words[2]),
            slot: words[0].trim_start_matches(char::is_alphabetic).parse().unwrap_or(1),
            ..task(
                TaskState::from_word(words[1]),
                words.get(4).copied().unwrap_or_default(),
                words[3].parse().unwrap(),
            )
        }
    };
    let current = lines.iter().filter(|it| it.1).map(read).collect();
    (lines.iter().map(read).collect(), current)
}

#[track_caller]
fn check_reason(state: &str, message: &str, lines: &[(&str, bool)], expected: &str) {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } },
        "UpdateStatus": { "State": state, "Message": message } });
    let (all, current) = tasks(lines);
    let seen = seen(&live, ServiceTasks { all: &all, current: &current }, 100);
    assert_eq!(seen.hopeless().as_deref(), Some(expected), "{state}");
}

#[test]
fn an_engine_that_goes_back_has_its_reason_from_the_task_it_names() {
    let lines = [
        ("new1 rejected shutdown 150 No such file: x", false),
        ("other1 failed shutdown 160 task: non-zero exit (9)", false),
        ("old1 running running 10", true),
    ];
    let named = "update rolled back due to failure or early termination of task new1";
    let back =
        "the engine rolls back by itself after a task failed: No such file: x (it never started)";
    check_reason("rollback_started", named, &lines, back);
    let paused = "update paused due to failure or early termination of task new1";
    let why =
        "the engine paused the update after a task failed: No such file: x (it never started)";
    check_reason("paused", paused, &lines, why);
}

#[test]
fn where_the_named_task_is_gone_one_of_the_same_spec_says_why() {
    let lines = [
        ("old1 failed shutdown 90 long ago", false),
        ("new1 failed shutdown 160 task: non-zero exit (9)", false),
        ("old2 running running 10", true),
    ];
    let named = "update rolled back due to failure or early termination of task new7";
    let why = "the engine rolls back by itself after a task failed: task: non-zero exit (9)";
    check_reason("rollback_started", named, &lines, why);
    let done = "the engine rolled back by itself after a task failed: task: non-zero exit (9)";
    check_reason("rollback_completed", "rollback completed", &lines, done);
    let none = "the engine rolled back by itself, and no task is left that says why";
    check_reason("rollback_completed", "rollback completed", &lines[..1], none);
}

#[test]
fn a_job_has_no_updater() {
    let live = json!({ "Spec": { "Mode": { "ReplicatedJob": { "TotalCompletions": 1 } } },
        "UpdateStatus": { "State": "rollback_started", "Message": "because" } });
    let (all, current) = tasks(&[("job1 complete complete 150", true)]);
    assert!(seen(&live, ServiceTasks { all: &all, current: &current }, 100).done());
}

#[track_caller]
fn check_failure(error: &str, own_subnet: bool, counts: [usize; 4]) {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } } });
    let failed = [task(TaskState::Rejected, error, 150)];
    let changed = Timestamp::from_second(100).unwrap();
    let tasks = ServiceTasks { all: &failed, current: &failed };
    let seen = progress(&live, tasks, &ServiceContext { changed, own_subnet, nodes: &[] });
    let found = [seen.failures, seen.lasting, seen.doomed, seen.passing];
    assert_eq!(found, counts, "{error}");
}

#[test]
fn failures_say_how_much_of_those_to_come() {
    let pool = "invalid pool request: Pool overlaps with other one on this address space";
    check_failure(pool, false, [0, 0, 0, 1]);
    check_failure(pool, true, [1, 1, 0, 0]);
    check_failure("No such image: web:typo", false, [1, 0, 1, 0]);
    check_failure("No such image: web:9@sha256:00", false, [1, 1, 0, 0]);
    check_failure("bind source path does not exist: /data", false, [1, 1, 0, 0]);
    check_failure("exec: \"x\": executable file not found in $PATH", false, [1, 0, 1, 0]);
    check_failure("network shop_front not found", false, [0, 0, 0, 1]);
}

#[test]
fn an_image_that_one_node_has_may_be_had_by_another() {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 2 } } } });
    let lines =
        [("a1 rejected shutdown 150 No such image: web:9", true), ("b2 running running 151", true)];
    let (all, current) = tasks(&lines);
    let seen = seen(&live, ServiceTasks { all: &all, current: &current }, 100);
    assert_eq!((seen.doomed, seen.lasting, seen.hopeless()), (0, 1, None));
}

#[test]
fn what_ended_well_is_not_wanted_any_more_and_not_missing() {
    let once = |mode: Value| {
        json!({ "Spec": { "TaskTemplate": { "RestartPolicy": { "Condition": "on-failure" } },
            "Mode": mode } })
    };
    let (all, current) = tasks(&[
        ("a1 complete shutdown 150", true),
        ("b2 failed shutdown 150 task: non-zero exit (1)", true),
        ("c2 running running 160", true),
    ]);
    let both = ServiceTasks { all: &all, current: &current };
    let seen = |live: &Value, tasks| seen(live, tasks, 100);
    let replicated = once(json!({ "Replicated": { "Replicas": 2 } }));
    let found = seen(&replicated, both);
    assert_eq!((found.running, found.desired, found.ended, found.done()), (2, 2, 1, true));
    let one = ServiceTasks { all: &all[..1], current: &current[..1] };
    let found = seen(&once(json!({ "Global": {} })), one);
    assert_eq!((found.running, found.desired, found.ended), (1, 1, 1));
}

#[test]
fn tasks_that_should_end_are_counted_until_they_have() {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 1 } } } });
    let (all, current) = tasks(&[("a1 running running 10", true), ("a2 running remove 10", true)]);
    let seen = seen(&live, ServiceTasks { all: &all, current: &current }, 100);
    assert_eq!((seen.running, seen.desired, seen.leaving), (1, 1, 1));
}

#[test]
fn a_task_that_no_node_took_has_nothing_to_end() {
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 1 } } } });
    let (mut all, current) =
        tasks(&[("a1 running running 10", true), ("a2 pending shutdown 10", true)]);
    for (node, leaving) in [(None, 0), (Some("n1".into()), 1)] {
        all[1].node = node;
        let seen = seen(&live, ServiceTasks { all: &all, current: &current }, 100);
        assert_eq!((seen.running, seen.leaving), (1, leaving));
    }
}

#[test]
fn the_first_task_that_fails_as_it_begins_ends_an_update_that_would_pause() {
    let lines = [
        ("old1 shutdown shutdown 158", false),
        ("new1 failed shutdown 161 task: non-zero exit (3)", true),
        ("old2 running running 10", false),
    ];
    let early = |config: Value, state: &str, lines: &[(&str, bool)]| {
        let spec = json!({ "Mode": { "Replicated": { "Replicas": 2 } }, "UpdateConfig": config });
        let live = json!({ "Spec": spec, "UpdateStatus": { "State": state } });
        let (mut all, mut current) = tasks(lines);
        // It was made long before its turn came.
        for task in all.iter_mut().chain(&mut current).filter(|it| it.id.as_str() == "new1") {
            task.created = Timestamp::from_second(150).unwrap();
        }
        all[0].created = Timestamp::from_second(1).unwrap();
        let seen = seen(&live, ServiceTasks { all: &all, current: &current }, 100);
        seen.hopeless().is_some()
    };
    assert!(early(json!({}), "updating", &lines));
    assert!(early(json!({ "FailureAction": "rollback" }), "updating", &lines));
    assert!(!early(json!({ "FailureAction": "continue" }), "updating", &lines));
    assert!(!early(json!({ "MaxFailureRatio": 0.5 }), "updating", &lines));
    assert!(!early(json!({}), "completed", &lines));
    let late = [("old1 shutdown shutdown 152", false), lines[1]];
    assert!(!early(json!({}), "updating", &late));
}

#[test]
fn that_its_node_went_down_is_no_fault_of_a_service() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let node = Node { heard: at(140), ..a_node("n", "") };
    let lost = Task {
        node: Some("n".into()),
        created: at(130),
        ..task(TaskState::Failed, "task: non-zero exit (255)", 141)
    };
    let live = json!({ "Spec": { "Mode": { "Replicated": { "Replicas": 1 } } } });
    let tasks = [lost];
    let both = ServiceTasks { all: &tasks, current: &tasks };
    for (nodes, counts) in [(&[node][..], (0, 1)), (&[], (1, 0))] {
        let known = ServiceContext { changed: at(100), own_subnet: false, nodes };
        let seen = progress(&live, both, &known);
        assert_eq!((seen.failures, seen.passing), counts);
        let told = seen.trouble.unwrap();
        assert_eq!(told.contains("n went down and came back"), counts.1 == 1, "{told}");
    }
}
