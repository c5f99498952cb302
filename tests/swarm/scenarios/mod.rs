//! Deployments on a real swarm, by the real binary, and all that can come between:
//! each ends with the right code, the right specs, the right record, and no
//! leftovers.

mod disturbed;
mod endings;
mod failing_nodes;
mod followed;
mod logs;
mod log_ends;
mod log_oracle;
mod secrets;
mod wire;

use crate::{
    lab::Lab,
    wait::{wait_for, wait_until, wait_until_is},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::Mutex,
    thread::{JoinHandle, spawn},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(180);

/// Short limits: what is healthy here is so at once.
const QUICK: &str = "labels: {skep.window: 2s, skep.grace: 4s}";

/// The network of a stack, as lines of its file, on a subnet that no other stack has.
///
/// Engines from 28 on give away a subnet while nodes still have the network it belonged
/// to; for up to half a minute they refuse tasks of the next one. That is tried in
/// `plan::refusals`; here stacks come and go by the dozen, and it is about other things.
fn network_of(stack: &'static str) -> String {
    static STACKS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let mut stacks = STACKS.lock().unwrap();
    let known = stacks.iter().position(|it| *it == stack);
    let place = known.unwrap_or_else(|| {
        stacks.push(stack);
        stacks.len() - 1
    });
    format!("networks: {{default: {{ipam: {{config: [{{subnet: 10.99.{place}.0/24}}]}}}}}}")
}

/// A stack on a lab, deployed by a person with a state file of their own.
struct Scene<'a> {
    lab: &'a Lab,
    stack: &'static str,
    /// The manager that skep talks to.
    manager: &'static str,
    /// Where skep finds it, if not by itself.
    host: Option<String>,
    home: TempDir,
}

/// A deployment on its way.
struct Going {
    child: Child,
    remarks: JoinHandle<String>,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    said: String,
}

impl<'a> Scene<'a> {
    fn new(lab: &'a Lab, stack: &'static str) -> Self {
        Self { lab, stack, manager: "node1", host: None, home: tempfile::tempdir().unwrap() }
    }

    /// Deploys these services, one line each, and waits for the end.
    fn deploy(&self, services: &[&str]) -> Ended {
        self.begin(services, &[]).end()
    }

    fn begin(&self, services: &[&str], options: &[&str]) -> Going {
        let file = self.file(services);
        let args = ["deploy", "--resolve-image", "never", "-c", file.to_str().unwrap()];
        let mut skep = self.skep(&[&args[..], options, &[self.stack]].concat());
        let mut child = skep.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let remarks = spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            said
        });
        Going { child, remarks }
    }

    fn skep(&self, args: &[&str]) -> Command {
        let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
        skep.env_clear().env("HOME", self.home.path()).stdin(Stdio::null());
        let host = self.host.as_deref().unwrap_or_else(|| self.lab.socket(self.manager));
        skep.args(["--yes", "--host", host]).args(args);
        skep
    }

    fn file(&self, services: &[&str]) -> PathBuf {
        let file = self.home.path().join("stack.yml");
        let lines = ["services:"].into_iter().chain(services.iter().copied());
        let services = lines.collect::<Vec<_>>().join("\n  ");
        fs::write(&file, format!("{services}\n{}\n", network_of(self.stack))).unwrap();
        file
    }

    /// The specs of its services as docker prints them, by the names in the file.
    fn specs(&self) -> BTreeMap<String, Value> {
        let of = |it: &Value| {
            let name = it["Spec"]["Name"].as_str().unwrap();
            (name.split_once('_').unwrap().1.to_owned(), it["Spec"].clone())
        };
        self.inspect().iter().map(of).collect()
    }

    fn inspect(&self) -> Vec<Value> {
        let names = self.docker(&["stack", "services", "-q", self.stack]);
        let ids: Vec<&str> = names.split_whitespace().collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let raw = self.docker(&[&["service", "inspect"][..], &ids].concat());
        serde_json::from_str(&raw).unwrap()
    }

    /// The images of its services, as `web 1, db 2`.
    fn images(&self) -> String {
        let image = |it: &Value| {
            let image = it["TaskTemplate"]["ContainerSpec"]["Image"].as_str().unwrap();
            image.rsplit_once(':').unwrap().1.to_owned()
        };
        let specs = self.specs();
        let words: Vec<String> =
            specs.iter().map(|(name, spec)| format!("{name} {}", image(spec))).collect();
        words.join(", ")
    }

    /// Waits until a service has this image, on its way to somewhere.
    fn sees(&self, service: &str, tag: &str) {
        let wanted = format!("{service} {tag}");
        wait_until(&format!("{}: {wanted}", self.stack), PATIENCE, || {
            self.images().split(", ").any(|it| it == wanted)
        });
    }

    /// The states of its releases, the newest first.
    fn releases(&self) -> Vec<String> {
        let Output { stdout, .. } = self.skep(&["--json", "history", self.stack]).output().unwrap();
        let rows: Value = serde_json::from_slice(&stdout).unwrap();
        let states = rows.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap());
        states.map(ToOwned::to_owned).collect()
    }

    /// Waits until so many tasks of its services run, as `db 1, web 2`.
    #[track_caller]
    fn runs(&self, tasks: &str) {
        wait_until_is(&tasks.to_owned(), PATIENCE, || {
            let format = "{{.Name}} {{.CurrentState}}";
            let line = ["stack", "ps", "--filter", "desired-state=running", "--format", format];
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            let tasks = self.docker(&[&line[..], &[self.stack]].concat());
            for task in tasks.lines().filter(|it| it.contains(" Running")) {
                let (name, _) = task.split_once('_').unwrap().1.split_once('.').unwrap();
                *counts.entry(name.to_owned()).or_default() += 1;
            }
            counts.iter().map(|it| format!("{} {}", it.0, it.1)).collect::<Vec<_>>().join(", ")
        });
    }

    /// Nothing is left that nobody asked for: no lease, no network without services.
    #[track_caller]
    fn is_clean(&self) {
        let leases = self.docker(&["config", "ls", "--format", "{{.Name}}"]);
        assert!(!leases.contains(self.stack), "{leases}");
        let label = format!("label=com.docker.stack.namespace={}", self.stack);
        let networks = self.docker(&["network", "ls", "--filter", &label, "--format", "{{.Name}}"]);
        assert_eq!(networks.lines().count(), usize::from(!self.specs().is_empty()), "{networks}");
    }

    /// The stack is as it is said to be, and so is the record of it.
    #[track_caller]
    fn stands(&self, images: &str, releases: &[&str]) {
        assert_eq!((self.images().as_str(), self.releases()), (images, words(releases)));
        self.is_clean();
    }

    fn docker(&self, args: &[&str]) -> String {
        self.lab.docker_at(self.manager, args)
    }
}

impl Drop for Scene<'_> {
    fn drop(&mut self) {
        // Docker removes a network a moment too early, and says so.
        let line = ["stack", "rm", self.stack];
        wait_until("the stack to go", PATIENCE, || {
            let rm = self.lab.docker_command(self.manager, &line).output().unwrap();
            rm.status.success()
        });
    }
}

impl Going {
    #[track_caller]
    fn end(mut self) -> Ended {
        let began = Instant::now();
        let status = wait_for("skep to end", 2 * PATIENCE, || {
            if began.elapsed() > PATIENCE {
                // What it said until then tells what it waits for.
                let _ = self.child.kill();
            }
            self.child.try_wait().unwrap()
        });
        let said = self.remarks.join().unwrap();
        assert!(began.elapsed() <= PATIENCE, "at work after {PATIENCE:?}:\n{said}");
        Ended { code: status.code(), said }
    }

    /// Presses ctrl-c.
    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }
}

impl Ended {
    /// It ended with this code and said this.
    #[track_caller]
    fn with(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        assert!(self.said.contains(words), "no `{words}` in:\n{}", self.said);
        self
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

/// A line of a stack file; `deploy` is what else it says there.
fn service(name: &str, tag: &str, deploy: &str) -> String {
    format!("{name}: {{image: skep-workload:{tag}, deploy: {{{QUICK}, {deploy}}}}}")
}
