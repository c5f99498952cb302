//! Stacks that docker deployed, on a real swarm: adopted, brought back, cleaned up.

use crate::{lab::Lab, wait::wait_until_is};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);

/// An operator with a home of their own.
struct Operator {
    lab: &'static Lab,
    home: TempDir,
}

impl Operator {
    fn at(lab: &'static Lab) -> Self {
        Self { lab, home: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
        skep.env_clear().env("HOME", self.path()).env("PATH", env!("PATH"));
        skep.args(["--host", self.lab.socket("node1"), "--yes"]).args(words).output().unwrap()
    }

    #[track_caller]
    fn skep(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(words);
        assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.skep(&[words, &["--json"]].concat())).unwrap()
    }

    /// Deploys with docker, and waits until so many tasks run.
    fn docker_deploys(&self, stack: &str, text: &str, replicas: &str) {
        let file = self.path().join("stack.yml");
        fs::write(&file, text).unwrap();
        fs::write(self.path().join("text"), stack).unwrap();
        let deploy = ["stack", "deploy", "--resolve-image", "never", "--detach=true", "-c"];
        self.lab.docker(&[&deploy[..], &[file.to_str().unwrap(), stack]].concat());
        let format = ["stack", "services", stack, "--format", "{{.Replicas}}"];
        wait_until_is(&replicas.to_owned(), PATIENCE, || {
            self.lab.docker(&format).trim().to_owned()
        });
    }
}

const FOUND: &str = "
services:
  web:
    image: skep-workload:1
    deploy: { replicas: 2 }
    configs: [settings]
    networks: [front]
networks:
  front:
    attachable: true
    ipam: { config: [{ subnet: 10.77.3.0/24 }] }
configs:
  settings: { file: ./text }
";

#[test]
fn what_docker_deployed_comes_back_after_it_was_removed() {
    let Some(lab) = Lab::shared() else { return };
    let (ann, stack) = (Operator::at(lab), "keeping-found");
    ann.docker_deploys(stack, FOUND, "2/2");
    let inspect = || {
        let of = |kind: &str, name: &str| {
            let all: Value =
                serde_json::from_str(&lab.docker(&[kind, "inspect", &format!("{stack}_{name}")]))
                    .unwrap();
            all[0].clone()
        };
        let (network, mut service) = (of("network", "front"), of("service", "web")["Spec"].take());
        service["TaskTemplate"]["Networks"][0]["Target"] = Value::Null;
        service["TaskTemplate"]["ContainerSpec"]["Configs"][0]["ConfigID"] = Value::Null;
        let network = ["IPAM", "Driver", "Attachable", "Labels"].map(|it| network[it].clone());
        (network, service, of("config", "settings")["Spec"].take())
    };
    let before = inspect();
    assert!(ann.skep(&["rm", stack]).contains("gone"));
    let releases = ann.json(&["history", stack]);
    assert_eq!((&releases[0]["adopted"], &releases[0]["state"]), (&true.into(), &"removed".into()));
    ann.skep(&["rollback", stack, "1"]);
    assert_eq!(inspect(), before);
    let differs = ann.run(&["history", stack, "--diff", "1", "live"]);
    assert!(differs.stdout.is_empty(), "{}", String::from_utf8_lossy(&differs.stdout));
    ann.skep(&["rm", stack]);
}

#[test]
fn what_docker_deployed_on_the_network_of_its_nodes_comes_back() {
    let Some(lab) = Lab::shared() else { return };
    let (ann, stack) = (Operator::at(lab), "keeping-host");
    let text = "
services: {web: {image: 'skep-workload:1', networks: [out]}}
networks: {out: {external: true, name: host}}
";
    ann.docker_deploys(stack, text, "1/1");
    let networks = || {
        let format = "{{json .Spec.TaskTemplate.Networks}}";
        lab.docker(&["service", "inspect", "--format", format, &format!("{stack}_web")])
    };
    let before = networks();
    assert!(ann.skep(&["adopt", stack]).contains("adopted as release 1"));
    let file = ann.path().join("stack.yml");
    fs::write(&file, text.replace("workload:1", "workload:2")).unwrap();
    let file = file.to_str().unwrap();
    ann.skep(&["deploy", "--resolve-image", "never", "-c", file, stack]);
    ann.skep(&["rollback", stack, "1"]);
    assert_eq!(networks(), before);
    ann.skep(&["rm", stack]);
}

#[test]
fn a_cleanup_takes_what_docker_leaves_behind_and_nothing_that_is_used() {
    let Some(lab) = Lab::shared() else { return };
    let (ann, stack) = (Operator::at(lab), "keeping-clean");
    let text = FOUND.replace("10.77.3.0", "10.77.4.0");
    ann.docker_deploys(stack, &text, "2/2");
    // Docker never removes what a file does not name any more.
    let renamed = text.replace("{ file: ./text }", "{ file: ./text, name: keeping-clean-v2 }");
    ann.docker_deploys(stack, &renamed, "2/2");
    let configs = || {
        let line = ["config", "ls", "--format", "{{.Name}}", "--filter", "name=keeping-clean"];
        lab.docker(&line).lines().map(ToOwned::to_owned).collect::<BTreeSet<String>>()
    };
    assert_eq!(configs().len(), 2);
    let ours = || {
        let listed = ann.json(&["gc", "--dry-run"]);
        let ours = listed.as_array().unwrap().iter().filter(|it| it["stack"] == stack);
        ours.map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The service had the first one before its last update.
    assert!(ours().is_empty(), "{:?}", ours());
    let again = renamed.replace("replicas: 2", "replicas: 3");
    ann.docker_deploys(stack, &again, "3/3");
    wait_until_is(&vec!["keeping-clean_settings".to_owned()], PATIENCE, ours);
    ann.run(&["gc"]);
    assert_eq!(configs(), BTreeSet::from(["keeping-clean-v2".to_owned()]));
    lab.remove_stack(stack);
}
