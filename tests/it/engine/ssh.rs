//! An engine behind a real sshd, with keys of its own.
//!
//! The gateway starts `ssh` from the PATH and knows nothing of keys. So each
//! test runs again in a process whose PATH begins with an `ssh` that reads the
//! lab's configuration.

use crate::{
    engine::stand_in::{PATIENT, StandIn, ok, pinged},
    executable,
    wait::wait_until,
};
use futures_util::future::join_all;
use skep::engine::{EngineError, ReadEngine, context::Endpoint, docker::connect_within};
use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// A folder with keys and configurations, and the sshd that uses them.
struct Sshd {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Sshd {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().display().to_string();
        for key in ["host", "client", "stranger"] {
            let args = ["-q", "-t", "ed25519", "-N", "", "-f", &format!("{path}/{key}")];
            assert!(Command::new("ssh-keygen").args(args).status().unwrap().success());
        }
        fs::copy(format!("{path}/client.pub"), format!("{path}/authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let docker = env::var("PATH").unwrap();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {path}/host\nPidFile none\nUsePAM no\n\
             AuthorizedKeysFile {path}/authorized\nStrictModes no\nPermitRootLogin yes\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nSetEnv PATH={docker}\n"
        );
        fs::write(format!("{path}/sshd_config"), config).unwrap();
        let host = fs::read_to_string(format!("{path}/host.pub")).unwrap();
        fs::write(format!("{path}/known"), format!("[127.0.0.1]:{port} {host}")).unwrap();
        let process = daemon(&user())
            .args(["-D", "-f", &format!("{path}/sshd_config"), "-E", &format!("{path}/log")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("sshd to listen", Duration::from_secs(20), || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self { folder, port, process }
    }

    /// Writes an `ssh` that uses this key and knows these hosts.
    fn client(&self, key: &str, known: &str) {
        let path = self.folder.path().display();
        let script = format!(
            "exec /usr/bin/ssh -F none -i {path}/{key} -o IdentitiesOnly=yes \
             -o IdentityAgent=none -o UserKnownHostsFile={path}/{known} \"$@\""
        );
        executable::script(&self.folder.path().join("ssh"), &script);
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// As root, sshd wants a folder in /run; it gets a /run of its own.
fn daemon(user: &str) -> Command {
    if user != "root" {
        return Command::new(SSHD);
    }
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs none /run && mkdir /run/sshd && exec {SSHD} \"$@\"");
    command.args(["--mount", "sh", "-c", &script, "sshd"]);
    command
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs one of the tests below in a process whose `ssh` is ours.
fn inside(test: &str, prepare: impl FnOnce(&Sshd)) {
    if !Path::new(SSHD).exists() {
        eprintln!("skipped: there is no {SSHD}");
        return;
    }
    let sshd = Sshd::start();
    sshd.client("client", "known");
    prepare(&sshd);
    let path = format!("{}:{}", sshd.folder.path().display(), env::var("PATH").unwrap());
    let output = Command::new(env::current_exe().unwrap())
        .args([&format!("engine::ssh::inner::{test}"), "--exact", "--ignored", "--nocapture"])
        .env("PATH", path)
        .env("SKEP_TEST_SSH", sshd.port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let log = fs::read_to_string(sshd.folder.path().join("log")).unwrap_or_default();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{errors}\nsshd: {log}");
}

#[test]
fn an_engine_is_reached_through_ssh() {
    inside("works", |_| {});
}

#[test]
fn a_key_that_is_not_accepted_is_told() {
    inside("denied", |sshd| sshd.client("stranger", "known"));
}

#[test]
fn a_host_that_is_not_known_is_told() {
    inside("unknown_host", |sshd| sshd.client("client", "nobody"));
}

#[test]
fn a_host_without_docker_is_told() {
    inside("no_docker", |sshd| {
        let config = sshd.folder.path().join("authorized");
        let key = fs::read_to_string(&config).unwrap();
        let forced = "command=\"PATH=/nowhere /bin/sh -c \\\"$SSH_ORIGINAL_COMMAND\\\"\" ";
        fs::write(config, format!("{forced}{key}")).unwrap();
    });
}

#[test]
fn an_engine_that_is_not_there_is_told_by_the_docker_over_there() {
    inside("no_engine", |_| {});
}

/// What runs in the other process.
mod inner {
    use super::*;

    fn endpoint(socket: &str) -> Endpoint {
        let port = env::var("SKEP_TEST_SSH").unwrap();
        Endpoint::parse(&format!("ssh://{}@127.0.0.1:{port}{socket}", user()), None).unwrap()
    }

    async fn refused(socket: &str, because: &str) {
        let err = connect_within(endpoint(socket), PATIENT).nodes().await.unwrap_err();
        let EngineError::Ssh { host, why } = &err else { panic!("{err}") };
        assert!(host.contains("@127.0.0.1:"), "{host}");
        assert!(why.contains(because), "{why}");
    }

    #[tokio::test]
    #[ignore = "run by the tests above"]
    async fn works() {
        let engine = StandIn::answering(pinged(ok("[{\"ID\":\"n1\"}]")));
        let socket = engine.socket().display().to_string();
        let gateway = connect_within(endpoint(&socket), PATIENT);
        assert_eq!(gateway.nodes().await.unwrap().len(), 1);
        // The docker over there makes connections of its own.
        let opened = engine.connections();
        for _ in 0..5 {
            gateway.nodes().await.unwrap();
        }
        assert_eq!(engine.connections(), opened, "one ssh serves call after call");
        let answers = join_all((0..6).map(|_| gateway.nodes())).await;
        assert!(answers.iter().all(Result::is_ok));
    }

    #[tokio::test]
    #[ignore = "run by the tests above"]
    async fn denied() {
        refused("", "Permission denied (publickey)").await;
    }

    #[tokio::test]
    #[ignore = "run by the tests above"]
    async fn unknown_host() {
        refused("", "Host key verification failed").await;
    }

    #[tokio::test]
    #[ignore = "run by the tests above"]
    async fn no_docker() {
        refused("", "not found").await;
    }

    #[tokio::test]
    #[ignore = "run by the tests above"]
    async fn no_engine() {
        refused("/nowhere/docker.sock", "/nowhere/docker.sock").await;
    }
}
