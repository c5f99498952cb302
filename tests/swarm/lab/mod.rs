//! Real swarms for tests: `tests/lab/lab`, kept for as long as this process lives.
//!
//! A test that needs one begins with `let Some(lab) = Lab::shared() else { return };`.
//! Where a lab cannot be built, one line of the run says so and why. `SKEP_LAB=require`
//! makes that a failure, `SKEP_LAB=off` skips without a look.
//!
//! `SKEP_ENGINE=forky cargo test scenarios` runs the same tests on the engine of another
//! Debian release, `SKEP_ENGINE=host,forky` on a swarm of both (`tests/lab/lab help`).

mod keeper;
mod leftovers;
mod tests;
mod ending;

use crate::wait::wait_until;
use keeper::Keeper;
use std::{
    env,
    ffi::OsStr,
    io::{Write, stderr},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    time::Duration,
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab");
const CACHE: (&str, &str) = ("SKEP_LAB_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/lab"));

/// A swarm of several engines on this machine. Nodes are `node1`, `node2`, …; the
/// first are the managers. Every engine has the images `busybox`, `skep-workload:1`,
/// `:2` and `:bad` (it exits at once), and no way to any registry.
///
/// Dropping it takes it down. So does the end of this process, of whatever it dies.
pub struct Lab {
    id: String,
    folder: PathBuf,
    nodes: Vec<Node>,
    _keeper: Keeper,
}

pub struct Node {
    pub name: String,
    pub is_manager: bool,
    /// As clients want it: `unix:///…/docker.sock`.
    pub socket: String,
}

/// A server in the network of a node.
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Lab {
    /// The lab of this run: one manager, two workers, built when first asked for.
    /// Who uses it leaves its nodes alone, and names his services so that nobody
    /// else has the same. Ports have one owner each too: `plan` has 18080 and 19000,
    /// `oracle` 18090 to 18092 and 18490, `preflight` 5000, `scenarios` 18931.
    pub fn shared() -> Option<&'static Lab> {
        static SHARED: OnceLock<Option<Lab>> = OnceLock::new();
        SHARED.get_or_init(|| Lab::fresh(3, 1)).as_ref()
    }

    /// A lab of one's own, for tests that break it.
    pub fn fresh(nodes: usize, managers: usize) -> Option<Lab> {
        is_possible().then(|| Keeper::build(nodes, managers))
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where the engine of a node listens, as clients want it.
    pub fn socket(&self, node: &str) -> &str {
        let named = self.nodes.iter().find(|n| n.name == node);
        &named.unwrap_or_else(|| panic!("lab {} has no node `{node}`", self.id)).socket
    }

    /// What the docker client prints, asked of the first manager.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        self.docker_at("node1", args)
    }

    /// Removes a stack as docker does. It gives up while the last tasks still hold a
    /// network, so it is asked again until nothing is left to fail.
    #[track_caller]
    pub fn remove_stack(&self, stack: &str) {
        wait_until(&format!("the end of stack {stack}"), Duration::from_secs(180), || {
            let removed = self.docker_command("node1", &["stack", "rm", stack]).output();
            removed.is_ok_and(|it| it.status.success())
        });
    }

    /// What the docker client prints, asked of the engine of a node.
    #[track_caller]
    pub fn docker_at(&self, node: &str, args: &[&str]) -> String {
        stdout_of(&format!("docker {args:?}"), self.docker_command(node, args))
    }

    /// For what may fail, or wants a standard input.
    pub fn docker_command(&self, node: &str, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        // Whom the user's own client talks to is nothing to the lab.
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("DOCKER_")) {
            command.env_remove(name);
        }
        command
            .args(args)
            .stdin(Stdio::null())
            .env("DOCKER_HOST", self.socket(node))
            .env("DOCKER_CONFIG", self.folder.join("client"));
        command
    }

    /// What a command prints that runs in the network of a node; there, node N has
    /// the address 192.0.2.N.
    #[track_caller]
    pub fn exec(&self, node: &str, command: &[&str]) -> String {
        self.verb("exec", &[&[node], command].concat())
    }

    /// Starts a server in the network of a node; it ends when this is dropped.
    pub fn serve(&self, node: &str, command: &[&str]) -> Server {
        let mut exec = script(["exec", "--lab", &self.id, node]);
        exec.args(command).stdout(Stdio::null()).stderr(Stdio::null());
        Server(exec.spawn().unwrap())
    }

    /// Cuts the power of a node: engine and containers are gone at once.
    #[track_caller]
    pub fn kill(&self, node: &str) {
        self.verb("kill", &[node]);
    }

    /// Boots a killed node, on the data it had.
    #[track_caller]
    pub fn start(&self, node: &str) {
        self.verb("start", &[node]);
    }

    /// Takes the cable of a node out of the switch.
    #[track_caller]
    pub fn cut(&self, node: &str) {
        self.verb("cut", &[node]);
    }

    #[track_caller]
    pub fn mend(&self, node: &str) {
        self.verb("mend", &[node]);
    }

    /// Delays every packet from and to a node by so many milliseconds.
    #[track_caller]
    pub fn slow(&self, node: &str, milliseconds: u32) {
        self.verb("slow", &[node, &milliseconds.to_string()]);
    }

    #[track_caller]
    pub fn fast(&self, node: &str) {
        self.verb("fast", &[node]);
    }

    /// Stops the dockerd of a node in its tracks; its containers go on.
    #[track_caller]
    pub fn pause(&self, node: &str) {
        self.verb("pause", &[node]);
    }

    #[track_caller]
    pub fn resume(&self, node: &str) {
        self.verb("resume", &[node]);
    }

    /// A stack `fill` of services `fill_s0001`, …, whose tasks stay pending for ever.
    #[track_caller]
    pub fn fill(&self, services: usize, replicas: usize) {
        self.verb("fill", &[&services.to_string(), &replicas.to_string()]);
    }

    #[track_caller]
    fn verb(&self, verb: &str, args: &[&str]) -> String {
        let mut command = script([verb, "--lab", &self.id]);
        command.args(args);
        stdout_of(&format!("lab {verb} {args:?}"), command)
    }
}

/// A command line without quotes, for `docker` and `exec`.
pub fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn script<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(SCRIPT);
    command.args(args).envs([CACHE]).stdin(Stdio::null());
    command
}

#[track_caller]
fn stdout_of(what: &str, mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let errors = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{what}: {status}\n{errors}");
    String::from_utf8(stdout).unwrap()
}

/// Whether this run has labs; looked at once, said once.
fn is_possible() -> bool {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    *POSSIBLE.get_or_init(|| {
        let wish = env::var("SKEP_LAB").unwrap_or_default();
        let Err(why) = missing(&wish) else { return true };
        assert!(wish != "require", "SKEP_LAB=require, but {why}");
        say(&format!("tests that need a lab are skipped: {why}"));
        false
    })
}

fn missing(wish: &str) -> Result<(), String> {
    match wish {
        "off" => return Err("SKEP_LAB=off".into()),
        "" | "require" => {}
        _ => panic!("SKEP_LAB is `{wish}`; it may be `require` or `off`"),
    }
    let Output { status, stderr, .. } = script(["check"]).output().unwrap();
    if status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&stderr).trim().trim_start_matches("lab: ").to_owned())
}

/// A line for who runs the tests; unlike `eprintln!` it is not kept back when the
/// test passes.
fn say(line: &str) {
    // Nobody looks: that is no reason for a test to fail.
    let _ = writeln!(stderr(), "{line}");
}
