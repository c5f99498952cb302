//! Subnets and drivers that a swarm cannot give: the plan says so before anything is
//! deployed, and what docker's own deployment comes to is the proof.

use crate::{lab::Lab, wait::wait_until};
use serde_json::Value;
use std::{
    fs,
    process::{Command, Output},
    time::Duration,
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(180);

/// A service that nothing keeps from running, so that one can tell when the swarm has
/// done what it can.
const FINE: &str = "  fine: {image: busybox, command: [sleep, '900'], stop_grace_period: 1s}\n";

/// What docker's deployment comes to.
enum Proof {
    /// It fails in these words.
    Refused(&'static str),
    /// The task gets no address, and never as far as a node.
    New,
    /// No node is found, in these words.
    Pending(&'static str),
}

struct Case {
    stack: &'static str,
    /// What is said of the service `odd`.
    odd: &'static str,
    sections: &'static str,
    code: &'static str,
    severity: &'static str,
    /// What the message has to name.
    names: &'static str,
    proof: Proof,
}

const CASES: &[Case] = &[
    Case {
        stack: "refused-file",
        odd: "networks: [n, m]",
        sections: "networks: {n: {ipam: {config: [{subnet: 10.150.0.0/16}]}}, m: {ipam: {config: [{subnet: 10.150.1.0/24}]}}}",
        code: "subnet-overlap",
        severity: "error",
        names: "10.150.0.0/16",
        proof: Proof::New,
    },
    Case {
        stack: "refused-ingress",
        odd: "networks: [n]",
        sections: "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}",
        code: "subnet-taken",
        severity: "error",
        names: "ingress",
        proof: Proof::New,
    },
    Case {
        stack: "refused-live",
        odd: "networks: [n]",
        sections: "networks: {n: {ipam: {config: [{subnet: 10.151.3.0/24}]}}}",
        code: "subnet-taken",
        severity: "error",
        names: "refused-first_n",
        proof: Proof::New,
    },
    Case {
        stack: "refused-empty",
        odd: "networks: [n]",
        sections: "networks: {n: {ipam: {config: [{}]}}}",
        code: "subnet",
        severity: "error",
        names: "has no subnet",
        proof: Proof::Refused("invalid CIDR address"),
    },
    Case {
        stack: "refused-network",
        odd: "networks: [n]",
        sections: "networks: {n: {driver: weave}}",
        code: "network-plugin",
        severity: "error",
        names: "weave",
        proof: Proof::Refused("plugin \"weave\" not found"),
    },
    Case {
        stack: "refused-addresses",
        odd: "networks: [n]",
        sections: "networks: {n: {ipam: {driver: nonsense, config: [{subnet: 10.152.0.0/24}]}}}",
        code: "driver-missing",
        severity: "warning",
        names: "nonsense",
        proof: Proof::Refused("error during lookup of plugin nonsense"),
    },
    Case {
        stack: "refused-volume",
        odd: "volumes: ['data:/x']",
        sections: "volumes: {data: {driver: rexray}}",
        code: "driver-missing",
        severity: "warning",
        names: "volume driver rexray",
        proof: Proof::Pending("missing plugin"),
    },
    Case {
        stack: "refused-log",
        odd: "logging: {driver: loki}",
        sections: "",
        code: "driver-missing",
        severity: "warning",
        names: "log driver loki",
        proof: Proof::Pending("missing plugin"),
    },
];

/// The network that another stack has already.
const FIRST: &str = "services:\n  a: {image: busybox, command: [sleep, '900'], networks: [n], stop_grace_period: 1s}\nnetworks: {n: {ipam: {config: [{subnet: 10.151.0.0/16}]}}}\n";

struct Desk<'a> {
    lab: &'a Lab,
    folder: TempDir,
}

impl Desk<'_> {
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn docker(&self, file: &str, stack: &str) -> Output {
        let line = ["stack", "deploy", "--resolve-image", "never", "-c", file, stack];
        self.lab.docker_command("node1", &line).output().unwrap()
    }

    /// What the plan finds; `check --cluster` has to find the same.
    fn findings(&self, file: &str, stack: &str) -> Vec<Value> {
        let plan = ["plan", "--resolve-image", "never", "--json", "-c", file, stack];
        let check = ["check", "--cluster", "--json", "-c", file, stack];
        let all = [&plan[..], &check].map(|line| {
            let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
            skep.args(line).env_clear().env("HOME", self.folder.path());
            skep.env("DOCKER_HOST", self.lab.socket("node1"));
            let output = skep.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            let found = [&read["findings"], &read["error"]["findings"], &read];
            let found = found.into_iter().find_map(Value::as_array).cloned();
            found.unwrap_or_else(|| panic!("{line:?}: {said}"))
        });
        let [plan, check] = all;
        let codes = |it: &[Value]| -> Vec<String> {
            it.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
        };
        let missing: Vec<String> =
            codes(&plan).into_iter().filter(|it| !codes(&check).contains(it)).collect();
        assert_eq!(missing, [""; 0], "only the plan says it");
        plan
    }

    fn tasks(&self, service: &str) -> String {
        let format = "{{.CurrentState}} {{.Error}}";
        let line = ["service", "ps", "--no-trunc", "--format", format, service];
        let output = self.lab.docker_command("node1", &line).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn check(&self, case: &Case) {
        let odd = "image: busybox, command: [sleep, '900'], stop_grace_period: 1s";
        let text = format!("services:\n{FINE}  odd: {{{odd}, {}}}\n{}\n", case.odd, case.sections);
        let file = self.file(&format!("{}.yml", case.stack), &text);
        let found = self.findings(&file, case.stack);
        let told = |it: &&Value| {
            let says = it["message"].as_str().is_some_and(|it| it.contains(case.names));
            it["code"] == case.code && it["severity"] == case.severity && says
        };
        assert!(found.iter().any(|it| told(&it)), "{}: {found:#?}", case.stack);

        let output = self.docker(&file, case.stack);
        let said = String::from_utf8_lossy(&output.stderr);
        let (fine, odd) = (format!("{}_fine", case.stack), format!("{}_odd", case.stack));
        if let Proof::Refused(words) = case.proof {
            assert!(!output.status.success() && said.contains(words), "{}: {said}", case.stack);
        } else {
            assert!(output.status.success(), "{}: {said}", case.stack);
            wait_until(&format!("{fine} to run"), PATIENCE, || {
                self.tasks(&fine).contains("Running")
            });
            let words = if let Proof::Pending(words) = case.proof { words } else { "New" };
            wait_until(&format!("{odd}: {words}"), PATIENCE, || self.tasks(&odd).contains(words));
            assert!(!self.tasks(&odd).contains("Running"), "{}", self.tasks(&odd));
        }
        self.lab.remove_stack(case.stack);
    }
}

#[test]
fn a_plan_names_what_the_swarm_cannot_give_before_docker_finds_out() {
    let Some(lab) = Lab::shared() else { return };
    let desk = Desk { lab, folder: tempfile::tempdir().unwrap() };
    let first = desk.file("first.yml", FIRST);
    assert!(desk.docker(&first, "refused-first").status.success());
    for case in CASES {
        desk.check(case);
    }
    lab.remove_stack("refused-first");
}
