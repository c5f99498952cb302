//! Whole stacks on a real swarm: what skep and docker leave behind.

use crate::{lab::Lab, wait::wait_until_is};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);

const STACK: &str = "
services:
  web:
    image: skep-workload:1
    deploy: { replicas: 2 }
    configs: [settings]
    networks: [front, removal-outside]
  db:
    image: skep-workload:1
    secrets: [key]
    networks: [front]
    volumes: ['data:/data']
networks:
  front: {}
  removal-outside: { external: true }
configs:
  settings: { file: ./text }
secrets:
  key: { file: ./text }
volumes:
  data: {}
";

/// A stack on the lab, under a name of its own.
struct Stack {
    lab: &'static Lab,
    name: &'static str,
}

impl Stack {
    fn deploy(&self, text: &str) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("text"), self.name).unwrap();
        let file = folder.path().join("stack.yml");
        fs::write(&file, text).unwrap();
        let deploy = ["stack", "deploy", "--resolve-image", "never", "--detach=true", "-c"];
        self.lab.docker(&[&deploy[..], &[file.to_str().unwrap(), self.name]].concat());
    }

    /// Waits until services have so many tasks of so many, as docker says it.
    fn runs(&self, wanted: [&str; 2]) {
        let format = ["stack", "services", self.name, "--format", "{{.Replicas}}"];
        let replicas = || {
            let mut lines: Vec<String> =
                self.lab.docker(&format).lines().map(ToOwned::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        wait_until_is(&wanted.map(ToOwned::to_owned).to_vec(), PATIENCE, replicas);
    }

    /// Everything with the label of the stack, without its name; volumes of all nodes.
    fn left(&self) -> BTreeSet<String> {
        let label = format!("label=com.docker.stack.namespace={}", self.name);
        let list = |node: &str, kind: &str| {
            let line = [kind, "ls", "--filter", &label, "--format", "{{.Name}}"];
            let names = self.lab.docker_at(node, &line);
            let name = |it: &str| format!("{kind} {}", it.replace(self.name, "S"));
            names.lines().map(name).collect::<Vec<String>>()
        };
        let objects = ["service", "network", "config", "secret"].map(|kind| list("node1", kind));
        let volumes = self.lab.nodes().iter().map(|it| list(&it.name, "volume"));
        objects.into_iter().chain(volumes).flatten().collect()
    }

    /// The ids of containers of the stack that run on any node.
    fn containers(&self) -> String {
        let label = format!("label=com.docker.stack.namespace={}", self.name);
        let list = |node: &str| self.lab.docker_at(node, &["ps", "-q", "--filter", &label]);
        self.lab.nodes().iter().map(|it| list(&it.name)).collect()
    }

    /// The nodes that have a volume of the stack.
    fn volumes(&self) -> Vec<&str> {
        let label = format!("label=com.docker.stack.namespace={}", self.name);
        let has = |node: &str| {
            !self.lab.docker_at(node, &["volume", "ls", "-q", "--filter", &label]).is_empty()
        };
        self.lab.nodes().iter().map(|it| it.name.as_str()).filter(|it| has(it)).collect()
    }

    fn skep(&self, command: &str) -> String {
        self.skep_in(tempfile::tempdir().unwrap().path(), &[command])
    }

    fn skep_in(&self, home: &Path, command: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.ran_in(home, command);
        assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// What it says that fails, on both streams.
    #[track_caller]
    fn fails_in(&self, home: &Path, command: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.ran_in(home, command);
        assert_eq!(status.code(), Some(1), "{command:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8([stdout, stderr].concat()).unwrap()
    }

    fn ran_in(&self, home: &Path, command: &[&str]) -> Output {
        let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
        skep.env_clear().env("HOME", home).args(["--host", self.lab.socket("node1")]);
        skep.arg("--yes").args(command).arg(self.name).output().unwrap()
    }
}

#[test]
fn skep_leaves_what_docker_leaves_and_is_done_when_it_says_so() {
    let Some(lab) = Lab::shared() else { return };
    lab.docker(&["network", "create", "--driver", "overlay", "removal-outside"]);
    let [ours, theirs] = ["removal-ours", "removal-theirs"].map(|name| Stack { lab, name });
    for stack in [&ours, &theirs] {
        stack.deploy(STACK);
        stack.runs(["1/1", "2/2"]);
    }
    assert_eq!(ours.left(), theirs.left());
    assert_eq!(ours.left().len(), 6);
    let said = ours.skep("rm");
    let words = "2 services, 1 network, 1 config, 1 secret gone after ";
    assert!(said.starts_with(words), "{said}");
    assert!(said.contains("volumes stay on their nodes: removal-ours_data"), "{said}");
    // At once, not some time later.
    assert_eq!(
        (ours.left(), ours.containers()),
        (BTreeSet::from(["volume S_data".to_owned()]), String::new())
    );
    // What docker refuses for a while after its own removal.
    ours.deploy(STACK);
    ours.runs(["1/1", "2/2"]);
    ours.skep("rm");
    lab.remove_stack(theirs.name);
    wait_until_is(&ours.left(), PATIENCE, || theirs.left());
    let networks = lab.docker(&["network", "ls", "--format", "{{.Name}}"]);
    assert!(networks.lines().any(|it| it == "removal-outside"), "{networks}");
    wait_until_is(&String::new(), PATIENCE, || theirs.containers());
    lab.docker(&["network", "rm", "removal-outside"]);
}

#[test]
fn a_stack_that_is_stopped_and_started_is_what_it_was() {
    let Some(lab) = Lab::shared() else { return };
    let stack = Stack { lab, name: "removal-pause" };
    let specs = || {
        let names = ["removal-pause_db", "removal-pause_web"];
        lab.docker(&[&["service", "inspect", "--format", "{{json .Spec}}"][..], &names].concat())
    };
    let alone = STACK.replace(", removal-outside", "");
    stack.deploy(&alone.replace("  removal-outside: { external: true }\n", ""));
    stack.runs(["1/1", "2/2"]);
    let before = specs();
    let said = stack.skep("stop");
    assert!(
        said.contains("removal-pause_db had 1 replica, removal-pause_web had 2 replicas"),
        "{said}"
    );
    assert_eq!(stack.containers(), "");
    stack.runs(["0/0", "0/0"]);
    stack.skep("start");
    stack.runs(["1/1", "2/2"]);
    assert_eq!(specs(), before);
    stack.skep("rm");
}

/// A home with a docker context that leads to the engine of a node.
fn home_with_context(name: &str, socket: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let digits: Vec<String> = Sha256::digest(name).iter().map(|it| format!("{it:02x}")).collect();
    let folder = home.path().join(".docker/contexts/meta").join(digits.concat());
    fs::create_dir_all(&folder).unwrap();
    let meta =
        json!({ "Name": name, "Metadata": {}, "Endpoints": { "docker": { "Host": socket } } });
    fs::write(folder.join("meta.json"), meta.to_string()).unwrap();
    home
}

#[test]
fn volumes_go_on_every_node_that_a_context_leads_to_and_the_others_are_named() {
    let Some(lab) = Lab::shared() else { return };
    let stack = Stack { lab, name: "removal-volumes" };
    let everywhere = "services:
  web:
    image: skep-workload:1
    volumes: ['data:/data']
    deploy: { mode: global }
volumes:
  data: {}
";
    stack.deploy(everywhere);
    let format = ["stack", "services", stack.name, "--format", "{{.Replicas}}"];
    wait_until_is(&"3/3".to_owned(), PATIENCE, || lab.docker(&format).trim().to_owned());
    assert_eq!(stack.volumes(), ["node1", "node2", "node3"]);
    let home = home_with_context("second", lab.socket("node2"));
    // What was asked for is not all done: a volume may be on the node nobody looked at.
    let said = stack.fails_in(home.path(), &["rm", "--volumes"]);
    let gone = "2 volumes gone (node1: removal-volumes_data; node2: removal-volumes_data)";
    assert!(said.contains(gone), "{said}");
    assert!(said.contains("`ssh node3 docker volume rm removal-volumes_data`"), "{said}");
    assert_eq!(stack.volumes(), ["node3"]);
    // Again, for what was left; all else is gone already.
    let home = home_with_context("third", lab.socket("node3"));
    let said = stack.skep_in(home.path(), &["rm", "--volumes"]);
    assert!(said.contains("1 volume gone (node3: removal-volumes_data)"), "{said}");
    assert!(stack.volumes().is_empty());
}
