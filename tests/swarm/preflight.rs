//! Images and credentials on a real swarm with a real registry, before anything is
//! touched.

use crate::{
    lab::{Lab, Server},
    wait::wait_until,
};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(180);
/// On the first node of the lab.
const ADDRESS: &str = "192.0.2.1:5000";
/// `ann` and her password `s3cret`, as bcrypt has them.
const USERS: &str = "ann:$2y$04$OnnErFYxV7SPv.lDZNhY2eSvi3nedibsbJWI3e6s7ifv6PRnVyHm6\n";
const RIGHT: &str = "YW5uOnMzY3JldA==";
const WRONG: &str = "YW5uOm5vcGU=";

/// A registry that lets nobody in but ann, with one image in it.
struct Registry {
    lab: &'static Lab,
    home: TempDir,
    server: Option<Server>,
}

impl Registry {
    fn new(lab: &'static Lab) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().display().to_string();
        fs::write(home.path().join("users"), USERS).unwrap();
        let file = home.path().join("registry.yml");
        let auth = format!("auth: {{ htpasswd: {{ realm: skep, path: {folder}/users }} }}");
        let storage = format!("storage: {{ filesystem: {{ rootdirectory: {folder}/data }} }}");
        let text = format!("version: 0.1\n{storage}\nhttp: {{ addr: ':5000' }}\n{auth}\n");
        fs::write(&file, text).unwrap();
        let serve = ["docker-registry", "serve", file.to_str().unwrap()];
        let server = Some(lab.serve("node1", &serve));
        let registry = Self { lab, home, server };
        registry.log_in(RIGHT);
        let image = format!("{ADDRESS}/app:1");
        lab.docker(&["tag", "skep-workload:1", &image]);
        wait_until("the registry takes an image", PATIENCE, || {
            let mut push = lab.docker_command("node1", &["push", "--quiet", &image]);
            push.env("DOCKER_CONFIG", registry.path()).output().unwrap().status.success()
        });
        registry
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn log_in(&self, auth: &str) {
        let config = json!({ "auths": { ADDRESS: { "auth": auth } } });
        fs::write(self.path().join("config.json"), config.to_string()).unwrap();
    }

    fn skep(&self, command: &str, tag: &str, options: &[&str]) -> Output {
        let file = self.path().join("stack.yml");
        let text = format!("services:\n  web:\n    image: {ADDRESS}/app:{tag}\n");
        fs::write(&file, text).unwrap();
        let mut skep = Command::new(env!("CARGO_BIN_EXE_skep"));
        skep.env_clear().env("HOME", self.path()).env("DOCKER_CONFIG", self.path());
        skep.args(["--host", self.lab.socket("node1"), command, "-c"]).arg(file);
        skep.args(options).arg("preflight").output().unwrap()
    }

    /// Expects a refusal in these words, and that nothing was touched.
    #[track_caller]
    fn refuses(&self, tag: &str, words: &[&str]) {
        let before = self.lab.docker(&["service", "ls", "--format", "{{.Name}} {{.Image}}"]);
        let output = self.skep("deploy", tag, &["--with-registry-auth"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for words in words {
            assert!(said.contains(words), "{words} is not in\n{said}");
        }
        let after = self.lab.docker(&["service", "ls", "--format", "{{.Name}} {{.Image}}"]);
        let ours = |it: &str| it.lines().find(|it| it.starts_with("preflight")).map(str::to_owned);
        assert_eq!(ours(&after), ours(&before));
    }

    #[track_caller]
    fn notes(&self, words: &str) {
        let output = self.skep("plan", "1", &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains(words), "{said}");
    }
}

/// Returns whether there is a registry to run.
fn has_registry() -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|it| it.join("docker-registry").exists())
}

#[test]
fn what_a_registry_says_decides_before_anything_is_touched() {
    let Some(lab) = Lab::shared().filter(|_| has_registry()) else { return };
    let mut registry = Registry::new(lab);
    registry
        .refuses("9", &["stack.yml:2:3: service web: image", "does not have it [image-missing]"]);
    registry.log_in(WRONG);
    registry.refuses("1", &["refuses the credentials that are sent along", "[image-denied]"]);
    registry.log_in("");
    registry.refuses("1", &["docker has none for it here", "[image-denied]"]);
    registry.notes("[image-private]");
    registry.log_in(RIGHT);
    let output = registry.skep("deploy", "1", &["--with-registry-auth"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let spec = lab.docker(&["service", "inspect", "preflight_web", "--format", "{{json .Spec}}"]);
    let spec: Value = serde_json::from_str(&spec).unwrap();
    let image = spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().unwrap();
    assert!(image.starts_with(&format!("{ADDRESS}/app:1@sha256:")), "{image}");
    registry.refuses("9", &["[image-missing]"]);
    registry.server.take();
    registry.notes("[image-unpinned]");
    lab.remove_stack("preflight");
}
