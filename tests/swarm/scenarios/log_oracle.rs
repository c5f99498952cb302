//! Logs held against those of docker: what `skep logs` and the cockpit tell of the nodes
//! that live is what `docker logs` says of their very containers, line for line and in the
//! order of each task, whatever becomes of another node.

use crate::{
    lab::Lab,
    scenarios::{
        PATIENCE, Scene,
        followed::{Followed, Told},
        service,
    },
    wait::wait_until,
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

/// Lines by who wrote them, as `web.1@node1`, each with its moment.
pub type Said = BTreeMap<String, Vec<(Timestamp, String)>>;

/// `skep logs -f --json`, whose output goes to a file.
pub struct Command {
    pub child: Child,
    out: PathBuf,
    pub err: PathBuf,
}

impl Command {
    pub fn start(scene: &Scene<'_>, folder: &Path, of: &str) -> Self {
        let (out, err) = (folder.join("out"), folder.join("err"));
        let mut skep = scene.skep(&["--json", "logs", "-f", of]);
        skep.stdout(File::create(&out).unwrap()).stderr(Stdio::from(File::create(&err).unwrap()));
        Self { child: skep.spawn().unwrap(), out, err }
    }

    pub fn said(&self, stack: &str) -> Said {
        let out = fs::read_to_string(&self.out).unwrap();
        // The last line may not be complete yet.
        read(out.rfind('\n').map_or("", |end| &out[..end]), stack)
    }

    /// What skep itself said.
    pub fn notes(&self) -> String {
        let out = fs::read_to_string(&self.out).unwrap();
        let notes = out.lines().filter(|it| it.contains(r#""stream":"note""#));
        notes.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        // It may have ended by itself: that is checked elsewhere.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(json: &str, stack: &str) -> Said {
    let mut said = Said::new();
    for line in json.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if let (Some(origin), Some(text)) = (event["origin"].as_str(), event["text"].as_str()) {
            let origin = origin.trim_start_matches(&format!("{stack}_")).to_owned();
            let at = event["at"].as_str().unwrap().parse().unwrap();
            said.entry(origin).or_default().push((at, text.to_owned()));
        }
    }
    said
}

/// What the cockpit is told of the service.
fn cockpit(lab: &Lab) -> Followed<Said> {
    Followed::start(lab, 100_000, |said: &mut Said, told| {
        if let Told::Line(origin, line) = told {
            said.entry(origin).or_default().push((line.at, line.text));
        }
    })
}

/// What docker says of all containers of a service on these nodes, each asked of its own
/// engine; those that had the same place follow each other.
pub fn docker(lab: &Lab, nodes: &[&str], name: &str, stack: &str) -> Said {
    let mut said = Said::new();
    for node in nodes {
        let filter = format!("label=com.docker.swarm.service.name={name}");
        let line = ["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"];
        let names = lab.docker_at(node, &line);
        // The newest comes first.
        for container in names.lines().rev() {
            let logs = lab.docker_at(node, &["logs", "--timestamps", container]);
            let place = container.rsplit_once('.').unwrap().0;
            let place = place.trim_start_matches(&format!("{stack}_"));
            let of = said.entry(format!("{place}@{node}")).or_default();
            for line in logs.lines() {
                let (at, text) = line.split_once(' ').unwrap();
                of.push((at.parse().unwrap(), text.to_owned()));
            }
        }
    }
    said
}

/// Whether somebody told at least so much of each of these.
fn has(said: &Said, wanted: &Said) -> bool {
    let count = |it: &String| said.get(it).map_or(0, Vec::len);
    wanted.iter().all(|(origin, lines)| count(origin) >= lines.len())
}

/// They told what docker had at a moment: the same lines, in the same order, none twice.
#[track_caller]
pub fn check(who: &str, said: &Said, wanted: &Said) {
    assert!(wanted.values().map(Vec::len).sum::<usize>() > 100, "docker says nothing: {wanted:?}");
    for (origin, lines) in wanted {
        let told = said.get(origin).map_or(&[][..], Vec::as_slice);
        for (at, line) in lines.iter().enumerate() {
            let found = told.get(at);
            assert!(found == Some(line), "{who}: {origin}, line {at}: {found:?} for {line:?}");
        }
    }
}

/// Troubles node3 while both faces follow, and holds both against docker; then what is
/// printed once, with the trouble and without it.
fn hold_against_docker(trouble: fn(&Lab), mend: fn(&Lab), comes_back: bool) {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let scene = Scene::new(&lab, "whole");
    let line = service("web", "1", "replicas: 6").replacen('{', "{command: [--lines, '20'], ", 1);
    scene.deploy(&[&line]).with(0, "");
    let folder = tempfile::tempdir().unwrap();
    let (command, cockpit) = (Command::start(&scene, folder.path(), "whole_web"), cockpit(&lab));
    let (name, stack, living) = ("whole_web", "whole", &["node1", "node2"][..]);
    let all = docker(&lab, &["node1", "node2", "node3"], name, stack);
    wait_until("what docker had at the start", PATIENCE, || {
        has(&command.said(stack), &all) && has(&cockpit.heard.lock().unwrap(), &all)
    });
    check("the command", &command.said(stack), &all);
    check("the cockpit", &cockpit.heard.lock().unwrap(), &all);
    trouble(&lab);
    wait_until("the gap", PATIENCE, || command.notes().contains("gap: node3"));
    let wanted = docker(&lab, living, name, stack);
    wait_until("what docker has of the living", PATIENCE, || {
        has(&command.said(stack), &wanted) && has(&cockpit.heard.lock().unwrap(), &wanted)
    });
    check("the command", &command.said(stack), &wanted);
    check("the cockpit", &cockpit.heard.lock().unwrap(), &wanted);
    // What is there, once: all of the living, and a code that says that some is missing.
    let printed = scene.skep(&["--json", "logs", name]).output().unwrap();
    assert_eq!(printed.status.code(), Some(5), "{}", String::from_utf8_lossy(&printed.stderr));
    check("printed once", &read(&String::from_utf8_lossy(&printed.stdout), stack), &wanted);
    mend(&lab);
    if !comes_back {
        return;
    }
    wait_until("all of it again", PATIENCE, || {
        let printed = scene.skep(&["--json", "logs", name]).output().unwrap();
        printed.status.code() == Some(0)
    });
    let nodes = ["node1", "node2", "node3"];
    let wanted = docker(&lab, &nodes, name, stack);
    let printed = scene.skep(&["--json", "logs", name]).output().unwrap();
    check("printed at the end", &read(&String::from_utf8_lossy(&printed.stdout), stack), &wanted);
    wait_until("what docker has of all", PATIENCE, || {
        has(&command.said(stack), &wanted) && has(&cockpit.heard.lock().unwrap(), &wanted)
    });
    check("the command, of all", &command.said(stack), &wanted);
    check("the cockpit, of all", &cockpit.heard.lock().unwrap(), &wanted);
}

#[test]
fn a_node_that_hangs_takes_no_line_of_others_and_its_own_come_later() {
    hold_against_docker(|lab| lab.pause("node3"), |lab| lab.resume("node3"), true);
}

#[test]
fn a_node_that_dies_takes_no_line_of_others() {
    hold_against_docker(|lab| lab.kill("node3"), |lab| lab.start("node3"), false);
}

#[test]
fn a_node_that_is_cut_off_takes_no_line_of_others() {
    hold_against_docker(|lab| lab.cut("node3"), |lab| lab.mend("node3"), false);
}
