//! The lab itself: it can do what tests ask of it.

use crate::{
    lab::{Lab, script, words},
    wait::{wait_for, wait_until, wait_until_is},
};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    process::Output,
    time::{Duration, Instant},
};

/// The lab's engines miss a node after 6 s, and are asked on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn three_nodes_are_ready_and_one_of_them_manages() {
    let Some(lab) = Lab::shared() else { return };
    let roles: Vec<_> = lab.nodes().iter().map(|n| (n.name.as_str(), n.is_manager)).collect();
    assert_eq!(roles, [("node1", true), ("node2", false), ("node3", false)]);
    assert_eq!(nodes(lab, "node1"), ["node1 Ready Leader", "node2 Ready ", "node3 Ready "]);
}

#[test]
fn every_engine_has_the_same_images() {
    let Some(lab) = Lab::shared() else { return };
    let images = |node, column| {
        let listed = lab.docker_at(node, &["images", "--format", column]);
        sorted(&listed)
    };
    let names = ["busybox:latest", "skep-workload:1", "skep-workload:2", "skep-workload:bad"];
    assert_eq!(images("node1", "{{.Repository}}:{{.Tag}}"), names);
    assert_eq!(images("node1", "{{.ID}}"), images("node2", "{{.ID}}"));
    assert_eq!(images("node1", "{{.ID}}"), images("node3", "{{.ID}}"));
}

#[test]
fn an_engine_that_cannot_be_had_is_refused_before_anything_is_built() {
    let Some(lab) = Lab::shared() else { return };
    for (engine, why) in [
        (
            "Forky!",
            "lab: `Forky!` is not an engine: host, a Debian release, or a folder with a root\n",
        ),
        ("/nowhere/root", "lab: /nowhere/root has no dockerd\n"),
        (
            "host,,host",
            "lab: `` is not an engine: host, a Debian release, or a folder with a root\n",
        ),
    ] {
        let Output { status, stdout, stderr } =
            script(["up"]).env("SKEP_ENGINE", engine).output().unwrap();
        assert_eq!(status.code(), Some(1), "{engine}");
        assert_eq!(String::from_utf8_lossy(&stdout), "", "{engine}");
        assert!(String::from_utf8_lossy(&stderr).ends_with(why), "{engine}");
    }
    assert_eq!(lab.nodes().len(), 3);
}

#[test]
fn a_workload_does_as_told() {
    let Some(lab) = Lab::shared() else { return };
    let check = |image: &str, words: &[&str], code: i32, printed: &str| {
        let args = [&["run", "--rm", "--network", "none", image], words].concat();
        let output = lab.docker_command("node2", &args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed, "{words:?}");
    };
    check("skep-workload:1", &["--exit-after", "0", "--code", "7"], 7, "");
    check("skep-workload:bad", &[], 1, "");
    check("skep-workload:1", &["health"], 1, "127.0.0.1:8080: Connection refused (os error 111)\n");
    check(
        "skep-workload:1",
        &["--lines", "100", "--count", "2", "--exit-after", "500"],
        0,
        "line 1\nline 2\n",
    );
    let mut burst: Vec<_> = (1..=20_000).map(|n| format!("line {n}")).collect();
    burst.push(String::new());
    check(
        "skep-workload:1",
        &["--lines", "0", "--count", "20000", "--exit-after", "2000"],
        0,
        &burst.join("\n"),
    );
}

#[test]
fn a_workload_serves_falls_ill_and_crashes_over_http() {
    let Some(lab) = Lab::shared() else { return };
    let run = ["run", "--detach", "--network", "host", "--name", "http", "--env", "VERSION=2"];
    lab.docker_at("node3", &[&run[..], &["skep-workload:1", "--port", "81"]].concat());
    let wget = ["busybox", "wget", "-q", "-O-"];
    let get =
        |path: &str| lab.exec("node3", &[&wget[..], &[&format!("192.0.2.3:81{path}")]].concat());
    let health = || {
        let args = ["exec", "http", "/workload", "health", "--port", "81"];
        let Output { stdout, stderr, .. } = lab.docker_command("node3", &args).output().unwrap();
        String::from_utf8([stdout, stderr].concat()).unwrap()
    };
    wait_until_is(&"healthy\n".to_owned(), PATIENCE, health);
    assert_eq!(get("/"), "version 2 on node3\n");
    get("/unhealthy");
    assert_eq!(health(), "unhealthy\n");
    get("/healthy");
    assert_eq!(health(), "healthy\n");
    get("/exit/9");
    assert_eq!(lab.docker_at("node3", &["wait", "http"]), "9\n");
    lab.docker_at("node3", &["start", "http"]);
    wait_until_is(&"healthy\n".to_owned(), PATIENCE, health);
    let since = Instant::now();
    lab.docker_at("node3", &["stop", "http"]);
    assert!(since.elapsed() < Duration::from_secs(8), "SIGTERM did not stop it, SIGKILL did");
    lab.docker_at("node3", &["rm", "http"]);
}

#[test]
fn services_run_on_all_nodes_and_a_cut_or_killed_worker_is_down_until_it_is_back() {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let create = "service create --detach --no-resolve-image --name everywhere --mode global";
    lab.docker(&words(&format!("{create} skep-workload:1")));
    let list = "service ps everywhere --filter desired-state=running --format {{.CurrentState}}";
    let running = || lab.docker(&words(list)).matches("Running").count();
    wait_until_is(&3, PATIENCE, running);
    lab.cut("node2");
    lab.kill("node3");
    wait_for_nodes(&lab, "node1", ["node1 Ready Leader", "node2 Down ", "node3 Down "]);
    lab.mend("node2");
    lab.start("node3");
    wait_for_nodes(&lab, "node1", ["node1 Ready Leader", "node2 Ready ", "node3 Ready "]);
    wait_until_is(&3, PATIENCE, running);
}

#[test]
fn two_of_three_managers_go_on_when_the_leader_dies() {
    let Some(lab) = Lab::fresh(3, 3) else { return };
    let three = ["node1 Ready Leader", "node2 Ready Reachable", "node3 Ready Reachable"];
    wait_for_nodes(&lab, "node1", three);
    lab.kill("node1");
    wait_until("a new leader", PATIENCE, || {
        let managers = lab.docker_command("node2", &["node", "ls"]).output().unwrap().stdout;
        let managers = String::from_utf8(managers).unwrap();
        managers.contains("Leader") && managers.contains("Unreachable")
    });
    lab.start("node1");
    wait_until("three managers again", PATIENCE, || {
        nodes(&lab, "node1")
            .iter()
            .all(|node| node.contains("Ready") && !node.contains("Unreachable"))
    });
}

#[test]
fn each_of_two_managers_answers_for_the_whole_swarm() {
    let Some(lab) = Lab::fresh(2, 2) else { return };
    for asked in ["node1", "node2"] {
        wait_for_nodes(&lab, asked, ["node1 Ready Leader", "node2 Ready Reachable"]);
    }
}

#[test]
fn a_slow_link_delays_both_ways_and_can_be_cut_and_mended() {
    let Some(lab) = Lab::fresh(2, 1) else { return };
    let ping = || {
        let ping = ["busybox", "ping", "-c", "1", "-w", "5", "192.0.2.2"];
        let said = lab.exec("node1", &ping);
        let time = said.split("time=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        time.parse::<f64>().unwrap()
    };
    let fast = ping();
    lab.slow("node2", 150);
    let slow = ping();
    assert!(slow > fast + 250.0, "{fast} ms became {slow} ms");
    lab.cut("node2");
    wait_for_nodes(&lab, "node1", ["node1 Ready Leader", "node2 Down "]);
    lab.mend("node2");
    wait_for_nodes(&lab, "node1", ["node1 Ready Leader", "node2 Ready "]);
    lab.slow("node2", 20);
    let less = ping();
    assert!(less > fast + 30.0 && less < slow, "{slow} ms became {less} ms");
    lab.fast("node2");
    wait_until("the delay to end", PATIENCE, || ping() < 20.0);
}

#[test]
fn a_paused_engine_says_nothing_until_it_is_resumed() {
    let Some(lab) = Lab::fresh(1, 1) else { return };
    let path = lab.socket("node1").strip_prefix("unix://").unwrap();
    lab.pause("node1");
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").unwrap();
    let mut first = [0];
    assert!(stream.read_exact(&mut first).is_err(), "a stopped engine answered");
    lab.resume("node1");
    let answer = wait_for("the engine to answer", PATIENCE, || {
        stream.read_exact(&mut first).ok().map(|()| first)
    });
    assert_eq!(&answer, b"H");
}

#[test]
fn a_swarm_can_be_filled_with_five_thousand_pending_tasks() {
    let Some(lab) = Lab::fresh(1, 1) else { return };
    let since = Instant::now();
    lab.fill(500, 10);
    println!("500 services with 10 tasks each after {:?}", since.elapsed());
    let services = lab.docker(&["service", "ls", "--quiet"]);
    assert_eq!(services.lines().count(), 500);
    wait_until("the last task to be pending", PATIENCE, || {
        let tasks =
            lab.docker(&words("service ps fill_s0500 --format {{.CurrentState}}{{.Error}}"));
        tasks.matches("Pending").count() == 10 && tasks.contains("no suitable node")
    });
}

#[track_caller]
fn wait_for_nodes<const N: usize>(lab: &Lab, asked: &str, wanted: [&str; N]) {
    wait_until_is(&wanted.map(str::to_owned).to_vec(), PATIENCE, || nodes(lab, asked));
}

/// Name, state and manager state of every node, by name.
#[track_caller]
fn nodes(lab: &Lab, asked: &str) -> Vec<String> {
    let columns = "{{.Hostname}} {{.Status}} {{.ManagerStatus}}";
    sorted(&lab.docker_at(asked, &["node", "ls", "--format", columns]))
}

fn sorted(lines: &str) -> Vec<String> {
    let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}
