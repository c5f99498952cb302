//! What is wrong stays wrong while one attempt follows the other, and what was replaced is
//! no news.

use crate::domain::{
    health::{
        Attempts, Ends, see,
        tests::{a_node, a_service, a_task, ago, an_update, managers, said, seen},
    },
    swarm::{
        cluster::{Condition, Restarts, Service, SpecDigest, Task, TaskState},
        since::Since,
    },
};
use TaskState::{Failed, Preparing, Rejected, Running};
use jiff::Timestamp;

const NO_IMAGE: &str = "No such image: api:2";

/// Tasks of slot 1 that were rejected so many seconds ago, and one that is made.
fn rejected(seconds: &[i64]) -> Vec<Task> {
    let ended = seconds.iter().map(|it| a_task(1, Rejected, *it, NO_IMAGE));
    ended.chain([a_task(1, Preparing, 1, "")]).collect()
}

#[track_caller]
fn check_since(tasks: &[Task], expected: Since) {
    let seen = seen(a_service(0, 1), tasks).seen;
    assert_eq!((seen.condition, seen.since), (Condition::Failing, Some(expected)));
}

#[test]
fn a_failure_lasts_since_its_first_attempt_and_not_since_the_last_one() {
    for newest in [3, 6, 9] {
        check_since(&rejected(&[newest, 12, 24]), Since::exactly(ago(24)));
    }
    // An end of half an hour ago was another story: what came then ran for a while.
    check_since(&rejected(&[3, 12, 1_800]), Since::exactly(ago(12)));
    // Engines keep five tasks of a slot: there may have been more.
    check_since(&rejected(&[3, 12, 24, 36]), Since::at_least(ago(36)));
}

/// A service that runs `v1`, with three ends of tasks that ran what is given.
fn after_ends_of(spec: &str) -> (Service, Vec<Task>) {
    let service = Service { container_spec: SpecDigest::of("v1"), ..a_service(1, 1) };
    let container_spec = SpecDigest::of(spec);
    let ended =
        [300, 310, 320].map(|it| Task { container_spec, ..a_task(1, Failed, it, "exit (1)") });
    let container_spec = service.container_spec;
    let now = Task { container_spec, ..a_task(1, Running, 200, "") };
    (service, ended.into_iter().chain([now]).collect())
}

#[test]
fn ends_of_a_spec_that_was_replaced_do_not_come_back_when_a_service_is_scaled() {
    // Scaling takes away the word on the update, and with it when the spec began.
    let (service, tasks) = after_ends_of("v2");
    let replaced = seen(service, &tasks).seen;
    assert_eq!((replaced.condition, replaced.restarts.count), (Condition::Fine, 0));
    let (service, tasks) = after_ends_of("v1");
    let present = seen(service, &tasks).seen;
    assert_eq!((present.condition, present.restarts.count), (Condition::Unsteady, 3));
}

#[test]
fn what_was_remembered_of_a_spec_is_forgotten_with_it() {
    let (mut service, tasks) = after_ends_of("v1");
    let tasks: Vec<&Task> = tasks.iter().collect();
    let mut ends = Ends::default();
    ends.take_in(&service, &tasks, &managers(3, 0), ago(0));
    assert_eq!(ends.restarts(ago(0)).count, 3);
    service.container_spec = SpecDigest::of("v3");
    ends.take_in(&service, &tasks, &managers(3, 0), ago(0));
    assert_eq!(ends.restarts(ago(0)).count, 0);
}

#[test]
fn tasks_that_are_missing_while_an_update_is_rolled_back_are_trouble() {
    let mut service = a_service(0, 3);
    service.update = Some(an_update("rollback_started", "update rolled back"));
    let tasks = [a_task(1, Preparing, 1, "")];
    assert_eq!(seen(service.clone(), &tasks).seen.condition, Condition::Failing);
    assert_eq!(
        said(&[service.clone()], &managers(3, 0), &tasks),
        ["Critical: api runs 0 of 3 tasks: for 6s; its update is being rolled back"]
    );
    service.update = Some(an_update("updating", "update in progress"));
    assert_eq!(seen(service, &tasks).seen.condition, Condition::Changing);
}

#[test]
fn what_a_node_took_with_it_is_not_an_error_of_the_program() {
    let mut node = a_node("node0", "reachable");
    node.heard = ago(60);
    for (code, told, count) in [(-1, 40, 0), (255, 59, 0), (1, 59, 1), (-1, 70, 1)] {
        let error = format!("task: non-zero exit ({code})");
        let ended = a_task(1, Failed, told, &error);
        let ended = Task { created: ago(900), exit_code: Some(code), ..ended };
        let mut service = a_service(1, 1);
        let tasks = [ended, a_task(1, Running, 30, "")];
        let its: Vec<&Task> = tasks.iter().collect();
        let mut ends = Ends::default();
        ends.take_in(&service, &its, std::slice::from_ref(&node), ago(0));
        let restarts = ends.restarts(ago(0));
        see(&mut service, its, restarts, std::slice::from_ref(&node), None, Timestamp::UNIX_EPOCH);
        assert_eq!(service.seen.restarts.count, count, "exit {code}, told {told} s ago");
    }
}

/// The restarts of a service that looked at such tasks one time after the other.
fn counted(service: &Service, looks: &[&[Task]]) -> (usize, bool) {
    let mut ends = Ends::default();
    for tasks in looks {
        ends.take_in(service, &tasks.iter().collect::<Vec<_>>(), &managers(3, 0), ago(0));
    }
    let Restarts { count, more, .. } = ends.restarts(ago(0));
    (count, more)
}

/// Tasks of slot 1 that failed so many seconds ago, and one that runs.
fn crashed(seconds: &[i64]) -> Vec<Task> {
    let ended = seconds.iter().map(|it| a_task(1, Failed, *it, "exit (1)"));
    ended.chain([a_task(1, Running, 1, "")]).collect()
}

#[test]
fn a_count_is_a_lower_bound_where_the_engine_may_have_forgotten_some() {
    let service = a_service(1, 1);
    assert_eq!(counted(&service, &[&crashed(&[10, 20, 30])]), (3, false));
    assert_eq!(counted(&service, &[&crashed(&[10, 20, 30, 40])]), (4, true));
    // What began with the first of them is all there.
    let young = Service { created: ago(41), ..a_service(1, 1) };
    let mut all = crashed(&[10, 20, 30, 40]);
    for it in &mut all {
        it.created = it.created.max(ago(40));
    }
    assert_eq!(counted(&young, &[&all]), (4, false));
    // Whoever looked before knows the ones that are gone.
    let looks = [&crashed(&[40, 50, 60])[..], &crashed(&[10, 20, 30, 40])[..]];
    assert_eq!(counted(&service, &looks), (6, false));
    // The oldest was told to end: what was before it is not known either.
    let mut stopped = crashed(&[10, 20, 30, 40]);
    stopped[3].state = TaskState::Shutdown;
    assert_eq!(counted(&service, &[&stopped]), (3, true));
    // The tasks of its place say the same.
    let attempts = Attempts::of(&stopped, &[service], &[], ago(0));
    let of_place = attempts.restarts(&stopped[4]).unwrap();
    assert_eq!((of_place.count, of_place.more), (3, true));
}

#[test]
fn what_is_remembered_of_places_that_were_scaled_away_tells_nothing_any_more() {
    let slots = |second: bool| {
        let ended = [1, 2].map(|slot| a_task(slot, Failed, 60, "exit (1)"));
        let runs = [1, 2].map(|slot| a_task(slot, Running, 30, ""));
        let all = ended.into_iter().chain(runs);
        all.filter(|it| second || it.slot == 1).collect::<Vec<_>>()
    };
    assert_eq!(counted(&a_service(2, 2), &[&slots(true)]), (2, false));
    assert_eq!(counted(&a_service(1, 1), &[&slots(true), &slots(false)]), (1, false));
    // Stopped on purpose it is not restless.
    let mut stopped = Service { stopped: Some(1), ..a_service(0, 0) };
    let restarts = Restarts { count: 5, last: Some(ago(60)), ..Restarts::default() };
    see(&mut stopped, Vec::new(), restarts, &[], None, ago(0));
    assert_eq!(stopped.seen.condition, Condition::Stopped);
}
