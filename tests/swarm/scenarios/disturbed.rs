//! Deployments that somebody comes in between.

use crate::{
    lab::Lab,
    scenarios::{Going, PATIENCE, Scene, service},
    wait::wait_until,
};
use serde_json::json;
use std::fs;

#[test]
fn a_way_back_that_cannot_succeed_needs_a_person_and_says_what_differs() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "no-return");
    let place = |value: &str| {
        let label = format!("no-return={value}");
        lab.docker(&["node", "update", "--label-add", &label, "node2"]);
    };
    place("here");
    let bound = "placement: {constraints: ['node.labels.no-return == here']}";
    scene.deploy(&[&service("web", "1", bound)]).with(0, "");
    let going = scene.begin(&[&service("web", "bad", "replicas: 1")], &[]);
    scene.sees("web", "bad");
    place("gone");
    let ended = going.end().with(4, "needs attention");
    assert!(ended.said.contains("not as it was: service no-return_web: "), "{}", ended.said);
    // What could be brought back is: the spec.
    scene.stands("web 1", &["failed", "healthy"]);
}

#[test]
fn a_service_that_somebody_else_changes_meanwhile_is_left_to_them() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "meddled");
    let db = |tag| service("db", tag, "replicas: 1");
    let web = |tag| service("web", tag, "replicas: 1").replacen('{', "{depends_on: [db], ", 1);
    scene.deploy(&[&db("1"), &web("1")]).with(0, "");
    let before = scene.specs();
    // The first wave never stands; the second is changed by hand meanwhile.
    let slow = "web: {image: skep-workload:2, depends_on: [db]}";
    let waits = "db: {image: skep-workload:2, command: [--healthy-after, '6000'], healthcheck: \
                 {test: [CMD, /workload, health], interval: 1s, start_period: 20s}}";
    let going = scene.begin(&[waits, slow], &[]);
    scene.sees("db", "2");
    scene.docker(&["service", "update", "--detach", "--label-add", "by=hand", "meddled_web"]);
    going.end().with(3, "meddled_web");
    let after = scene.specs();
    assert_eq!(after["db"], before["db"]);
    assert_eq!(after["web"]["Labels"]["by"], json!("hand"));
    scene.stands("db 1, web 1", &["rolled-back", "healthy"]);
}

#[test]
fn of_two_writers_at_once_one_is_refused_and_told_whom_to_ask() {
    let Some(lab) = Lab::shared() else { return };
    let (scene, other) = (Scene::new(lab, "crowded"), Scene::new(lab, "crowded"));
    let web = |tag| service("web", tag, "replicas: 2");
    scene.deploy(&[&web("1")]).with(0, "");
    let going = scene.begin(&[&web("2")], &["-m", "first"]);
    scene.sees("web", "2");
    let refused = other.deploy(&[&web("bad")]).with(1, "deploy crowded");
    assert!(refused.said.contains("pid"), "{}", refused.said);
    going.end().with(0, "");
    scene.stands("web 2", &["healthy", "healthy"]);
}

/// Interrupts a deployment of three waves once this service has its new image.
#[track_caller]
fn check_cancelled(stack: &'static str, reached: &str) {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, stack);
    let lines = |tag: &str| {
        let line = |name, on: &str| {
            service(name, tag, "replicas: 1").replacen('{', &format!("{{depends_on: [{on}], "), 1)
        };
        [line("a", ""), line("b", "a")]
    };
    let [a, b] = lines("1");
    scene.deploy(&[&a, &b]).with(0, "");
    let before = scene.specs();
    let [a, b] = lines("2");
    let going = scene.begin(&[&a, &b], &[]);
    scene.sees(reached, "2");
    going.interrupt();
    going.end().with(3, "the deployment was cancelled");
    assert_eq!(scene.specs(), before);
    scene.stands("a 1, b 1", &["rolled-back", "healthy"]);
}

#[test]
fn a_deployment_that_is_cancelled_in_its_first_wave_goes_back() {
    check_cancelled("cancel-first", "a");
}

#[test]
fn a_deployment_that_is_cancelled_in_its_last_wave_goes_back() {
    check_cancelled("cancel-last", "b");
}

#[test]
fn a_way_back_cannot_be_cancelled() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "cancel-back");
    scene.deploy(&[&service("web", "1", "replicas: 1")]).with(0, "");
    let before = scene.specs();
    let going = scene.begin(&[&service("web", "bad", "replicas: 1")], &[]);
    scene.sees("web", "bad");
    scene.sees("web", "1");
    going.interrupt();
    going.end().with(3, "cancel-back_web");
    assert_eq!(scene.specs(), before);
    scene.stands("web 1", &["rolled-back", "healthy"]);
}

#[test]
fn a_deployment_that_is_cancelled_while_it_waits_for_its_turn_touches_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let (scene, other) = (Scene::new(lab, "cancel-wait"), Scene::new(lab, "cancel-wait"));
    let web = |tag| service("web", tag, "replicas: 1");
    scene.deploy(&[&web("1")]).with(0, "");
    let going = scene.begin(&[&web("2")], &[]);
    scene.sees("web", "2");
    let waiting = other.begin(&[&web("bad")], &["--wait", "5m"]);
    wait_until("skep to listen to ctrl-c", PATIENCE, || listens(&waiting));
    waiting.interrupt();
    waiting.end().with(1, "cancelled: nothing was changed");
    going.end().with(0, "");
    scene.stands("web 2", &["healthy", "healthy"]);
}

/// Whether a process catches SIGINT, as its kernel says.
fn listens(going: &Going) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", going.child.id())).unwrap();
    let caught = status.lines().find_map(|it| it.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & 2 != 0
}
