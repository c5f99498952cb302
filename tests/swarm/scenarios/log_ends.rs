//! What becomes of `skep logs -f`: it goes on through what passes, and ends where nothing
//! more can come, with words and a code for it.

use crate::{
    lab::{Lab, words},
    scenarios::{
        PATIENCE, Scene,
        log_oracle::{Command, check, docker},
        service,
    },
    wait::{wait_for, wait_until},
};
use std::fs;

fn lines(command: &Command, stack: &str) -> usize {
    command.said(stack).values().map(Vec::len).sum()
}

#[test]
fn a_service_that_is_removed_ends_it_with_0_and_says_so() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "parting");
    let line = service("web", "1", "replicas: 2").replacen('{', "{command: [--lines, '20'], ", 1);
    scene.deploy(&[&line]).with(0, "");
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::start(&scene, folder.path(), "parting_web");
    wait_until("lines", PATIENCE, || lines(&command, "parting") > 50);
    lab.docker(&["service", "rm", "parting_web"]);
    let status = wait_for("its end", PATIENCE, || command.child.try_wait().unwrap());
    let said = command.notes();
    assert_eq!(status.code(), Some(0), "{said}\n{}", fs::read_to_string(&command.err).unwrap());
    assert!(said.contains("it was removed: there are no more lines"), "{said}");
}

#[test]
fn a_stack_without_a_task_yet_is_followed_until_it_has_one() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "later");
    lab.docker(&words(
        "service create --detach --no-resolve-image --name later_web --label com.docker.stack.namespace=later --constraint node.hostname==nobody skep-workload:1 --lines 20",
    ));
    let folder = tempfile::tempdir().unwrap();
    let command = Command::start(&scene, folder.path(), "later");
    wait_until("why there are no lines", PATIENCE, || {
        command.notes().contains("no task of later_web was started yet")
    });
    assert_eq!(lines(&command, "later"), 0);
    lab.docker(&words(
        "service update --detach --no-resolve-image --constraint-rm node.hostname==nobody later_web",
    ));
    wait_until("lines of the task that came", PATIENCE, || lines(&command, "later") > 50);
    // All of them, from the first on.
    let said = command.said("later");
    let first = said.values().next().unwrap()[0].1.clone();
    assert!(first.ends_with(" 1"), "{first}");
}

#[test]
fn a_manager_that_dies_and_comes_back_interrupts_it_and_costs_no_line_of_others() {
    let Some(lab) = Lab::fresh(2, 1) else { return };
    let scene = Scene::new(&lab, "again");
    let line = service("web", "1", "replicas: 4").replacen('{', "{command: [--lines, '20'], ", 1);
    scene.deploy(&[&line]).with(0, "");
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::start(&scene, folder.path(), "again_web");
    wait_until("lines", PATIENCE, || lines(&command, "again") > 100);
    lab.kill("node1");
    wait_until("the gap", PATIENCE, || command.notes().contains("gap: "));
    assert!(command.child.try_wait().unwrap().is_none(), "it ended: {}", command.notes());
    // Who asks now is told that nobody answers.
    let printed = scene.skep(&["logs", "again_web"]).output().unwrap();
    let said = String::from_utf8_lossy(&printed.stderr).into_owned();
    assert_eq!(printed.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: "), "{said}");
    lab.start("node1");
    wait_until("it to go on", PATIENCE, || command.notes().contains("answers again"));
    let wanted = docker(&lab, &["node2"], "again_web", "again");
    let has = || {
        let said = command.said("again");
        wanted.iter().all(|it| said.get(it.0).map_or(0, Vec::len) >= it.1.len())
    };
    wait_until("what the other node wrote meanwhile", PATIENCE, has);
    check("the command", &command.said("again"), &wanted);
    assert!(command.child.try_wait().unwrap().is_none(), "it ended: {}", command.notes());
}
