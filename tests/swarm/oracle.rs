//! The lists of skep beside those of the docker client, on a real swarm.

use crate::{lab::Lab, wait::wait_until};
use serde_json::{Value, json};
use std::{
    fs,
    process::{Command, Output},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(180);

const STACK: &str = "
services:
  web:
    image: skep-workload:1
    deploy:
      replicas: 2
      placement: { max_replicas_per_node: 1 }
    ports: ['18090-18092:80-82', '18490:443/udp']
  agent:
    image: skep-workload:1
    deploy: { mode: global }
  web10: { image: skep-workload:1 }
  web2: { image: skep-workload:1 }
  bad:
    image: skep-workload:bad
    deploy: { restart_policy: { condition: any, max_attempts: 1 } }
  nowhere:
    image: skep-workload:1
    deploy: { placement: { constraints: [node.labels.no==where] } }
  job:
    image: skep-workload:1
    command: ['--exit-after', '0']
    deploy: { mode: replicated-job, replicas: 3 }
  everywhere:
    image: skep-workload:1
    command: ['--exit-after', '0']
    deploy: { mode: global-job }
";

#[test]
fn the_lists_say_what_docker_says() {
    let Some(lab) = Lab::shared() else { return };
    deploy(lab);
    let settled = "7 of 8 services are as they should be, the failed one has failed twice";
    wait_until(settled, PATIENCE, || {
        let replicas = docker(lab, "stack services oracle --format {{.Replicas}}");
        let failed = docker(lab, "service ps oracle_bad --format {{.CurrentState}}");
        let expected = [
            "0/0 (3/3 completed)",
            "0/1",
            "0/1",
            "0/3 (3/3 completed)",
            "1/1",
            "1/1",
            "2/2 (max 1 per node)",
            "3/3",
        ];
        sorted(&replicas) == expected && failed.matches("Failed").count() == 2
    });
    services_agree(lab);
    tasks_agree(lab);
    let stacks = docker(lab, "stack ls --format {{.Name}}:{{.Services}}");
    assert!(stacks.lines().any(|it| it == "oracle:8"), "{stacks}");
    let ours = rows(lab, "ls").into_iter().find(|it| it["name"] == "oracle").unwrap();
    assert_eq!(ours["services"], 8);
    assert_eq!(ours["trouble"], json!(["bad", "nowhere"]));
    nodes_agree(lab);
    lab.remove_stack("oracle");
}

fn services_agree(lab: &Lab) {
    let format = "{{.ID}}|{{.Name}}|{{.Mode}}|{{.Replicas}}|{{.Image}}|{{.Ports}}";
    let theirs = docker(lab, &format!("stack services oracle --format {format}"));
    // Their list has a word of its own; ours is the one that compose files take.
    let theirs = theirs.replace(" job|", "-job|");
    // A job that is done wants no task; docker counts those that it had.
    let theirs = theirs.replace("|0/3 (3/3 completed)|", "|0/0 (3/3 completed)|");
    let ours = rows(lab, "services oracle").into_iter().map(|it| {
        let id = text(&it["id"])[..12].to_owned();
        let rest = ["name", "mode", "replicas", "image", "ports"].map(|key| text(&it[key]));
        format!("{id}|{}", rest.join("|"))
    });
    assert_eq!(ours.collect::<Vec<_>>(), theirs.lines().collect::<Vec<_>>());
}

fn tasks_agree(lab: &Lab) {
    let format =
        "{{.ID}}|{{.Name}}|{{.Image}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}|{{.Error}}";
    let theirs = docker(lab, &format!("stack ps oracle --no-trunc --format {format}"));
    let theirs = theirs.lines().map(|line| {
        let parts: Vec<&str> = line.split('|').collect();
        // `Running 5 seconds ago`: we say since when, they how long.
        let state = parts[5].split_whitespace().next().unwrap().to_lowercase();
        let error = parts[6].trim_matches('"');
        format!(
            "{}|{state}|{error}",
            [&parts[..4], &[&*parts[4].to_lowercase()]].concat().join("|")
        )
    });
    let ours = rows(lab, "ps oracle").into_iter().map(|it| {
        let rest = ["image", "node", "desired", "state", "error"].map(|key| text(&it[key]));
        format!("{}|{}|{}", text(&it["id"]), text(&it["name"]), rest.join("|"))
    });
    assert_eq!(by_name(ours), by_name(theirs));
}

/// Sorts by names: docker puts `web2.1` before `web.1`, though not `web2` before
/// `web`. Tasks of one name stay in their order.
fn by_name(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort_by_key(|it| it.split('|').nth(1).map(ToOwned::to_owned));
    lines
}

fn nodes_agree(lab: &Lab) {
    let format = "{{.ID}}|{{.Hostname}}|{{.Status}}|{{.Availability}}|{{.ManagerStatus}}|{{.EngineVersion}}|{{.Self}}";
    let theirs = docker(lab, &format!("node ls --format {format}")).to_lowercase();
    let ours = rows(lab, "nodes").into_iter().map(|it| {
        let manager = it["manager"].as_str().unwrap_or_default().to_owned();
        let words = ["id", "name", "state", "availability"].map(|key| text(&it[key]));
        format!("{}|{manager}|{}|{}", words.join("|"), text(&it["engine"]), it["here"])
    });
    assert_eq!(ours.collect::<Vec<_>>(), theirs.lines().collect::<Vec<_>>());
}

fn deploy(lab: &Lab) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("oracle.yml");
    fs::write(&file, STACK).unwrap();
    let file = file.to_str().unwrap();
    lab.docker(&[
        "stack",
        "deploy",
        "--resolve-image",
        "never",
        "--detach=true",
        "-c",
        file,
        "oracle",
    ]);
}

fn docker(lab: &Lab, line: &str) -> String {
    lab.docker(&line.split_whitespace().collect::<Vec<_>>())
}

/// What a command of skep prints as JSON, on the same engine.
fn rows(lab: &Lab, line: &str) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
    skep.env_clear().env("HOME", home.path()).args(["--json", "--host", lab.socket("node1")]);
    let Output { stdout, stderr, .. } = skep.args(line.split_whitespace()).output().unwrap();
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}
