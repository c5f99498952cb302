//! How labs end: whatever happens to whom, nothing is left.

use crate::{
    lab::{
        Lab, is_possible,
        leftovers::{Footprint, processes_saying},
        say, script, stdout_of, words,
    },
    wait::{wait_for, wait_until_is},
};
use std::{
    env::current_exe,
    io::{BufRead, BufReader, IsTerminal, Read, stdin},
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn nothing_is_left_of_a_lab_that_was_dropped_in_the_middle_of_everything() {
    let since = Instant::now();
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let up = since.elapsed();
    let footprint = Footprint::of(&lab.id);
    let create = "service create --detach --no-resolve-image --replicas 12 --publish 8080 \
                  skep-workload:1 --lines 50";
    lab.docker(&words(create));
    lab.docker_at("node2", &["run", "--detach", "--name", "paused", "skep-workload:1"]);
    lab.docker_at("node2", &["pause", "paused"]);
    lab.slow("node2", 50);
    lab.pause("node1");
    lab.kill("node3");
    let there = footprint.left();
    for kind in ["process", "mounts", "namespace", "control group", "file"] {
        assert!(there.iter().any(|thing| thing.starts_with(kind)), "no {kind} in {there:#?}");
    }
    let since = Instant::now();
    drop(lab);
    say(&format!("a lab of 3 nodes is up in {up:.1?} and down in {:.1?}", since.elapsed()));
    assert_eq!(footprint.left(), [""; 0]);
}

#[test]
fn nothing_is_left_when_the_owner_is_killed_while_the_lab_is_built() {
    let Some(mut victim) = Victim::start() else { return };
    let owner = victim.child.id();
    let footprint = wait_for("the lab to be founded", PATIENCE, || Footprint::owned_by(owner));
    victim.kill();
    wait_until_nothing_is_left(&footprint);
}

#[test]
fn nothing_is_left_when_the_owner_is_killed_later() {
    let Some(mut victim) = Victim::start() else { return };
    let footprint = victim.wait_until_it_has_a_lab();
    victim.kill();
    wait_until_nothing_is_left(&footprint);
}

#[test]
fn a_sweep_ends_a_lab_without_owner_and_keeper_and_no_other() {
    let (Some(other), Some(mut victim)) = (Lab::shared(), Victim::start()) else { return };
    let footprint = victim.wait_until_it_has_a_lab();
    let owner = victim.child.id().to_string();
    for keeper in processes_saying(&["--owner", &owner]) {
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -KILL {keeper}")])
                .status()
                .unwrap()
                .success()
        );
    }
    sweep();
    assert_ne!(footprint.left(), [""; 0], "a lab was swept whose owner lives");
    victim.kill();
    sweep();
    assert_eq!(footprint.left(), [""; 0]);
    assert_eq!(other.docker(&["node", "ls", "--quiet"]).lines().count(), 3);
}

#[test]
fn without_a_lab_one_line_of_the_whole_run_says_so() {
    check_run("off", &[], "tests that need a lab are skipped: SKEP_LAB=off");
    check_run(
        "",
        &[("RUSTC", "no-rustc")],
        "tests that need a lab are skipped: `no-rustc` is missing: ",
    );
}

#[test]
fn without_a_lab_a_run_that_requires_it_fails() {
    let run = run_of_two("require", &[("RUSTC", "no-rustc")]);
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("SKEP_LAB=require, but `no-rustc` is missing"), "{said}");
}

/// Not a test: the process that others start and kill.
#[test]
#[ignore = "holds a lab until its standard input ends"]
fn holds_a_lab() {
    if stdin().is_terminal() {
        return;
    }
    let Some(lab) = Lab::fresh(2, 1) else { return };
    println!("\nholding {}", lab.id);
    let _ = stdin().read(&mut [0]);
}

struct Victim {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Victim {
    /// None where there are no labs.
    fn start() -> Option<Self> {
        is_possible().then(|| {
            let mut command = Command::new(current_exe().unwrap());
            command.args(["lab::ending::holds_a_lab", "--exact", "--ignored", "--nocapture"]);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let says = BufReader::new(child.stdout.take().unwrap());
            Self { child, says }
        })
    }

    fn wait_until_it_has_a_lab(&mut self) -> Footprint {
        let mut lines = (&mut self.says).lines();
        let id = lines.find_map(|line| Some(line.unwrap().strip_prefix("holding ")?.to_owned()));
        Footprint::of(&id.expect("the victim has a lab"))
    }

    /// As with `kill -9`.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn wait_until_nothing_is_left(footprint: &Footprint) {
    wait_until_is(&Vec::new(), PATIENCE, || footprint.left());
}

fn sweep() {
    stdout_of("lab sweep", script(["sweep"]));
}

#[track_caller]
fn check_run(wish: &str, environment: &[(&str, &str)], line: &str) {
    let run = run_of_two(wish, environment);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with(line), "{said}");
}

/// A run of two tests which need a lab.
fn run_of_two(wish: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(current_exe().unwrap());
    command.args(["lab::tests::three_nodes", "lab::tests::every_engine"]);
    command.env("SKEP_LAB", wish).envs(environment.iter().copied()).output().unwrap()
}
