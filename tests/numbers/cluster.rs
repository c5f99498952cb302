//! A swarm as large as the bounds are meant for.

use crate::{lab::Lab, wait::wait_until};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Stdio},
    time::Duration,
};

pub const SERVICES: usize = 500;
pub const REPLICAS: usize = 10;
/// The machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// One manager and two workers, the stack `fill` of 500 services and 5 000
/// pending tasks, and the stack `chatty` that runs.
pub struct Cluster {
    pub lab: Lab,
    pub folder: PathBuf,
}

impl Cluster {
    /// `None` where a lab cannot be built; it says why.
    pub fn build() -> Option<Self> {
        let lab = Lab::fresh(3, 1)?;
        let folder = std::env::temp_dir().join(format!("skep-numbers-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        lab.fill(SERVICES, REPLICAS);
        let cluster = Self { lab, folder };
        cluster.deploy_chatty();
        wait_until("the chatty stack to run", PATIENCE, || cluster.runs("chatty_talk", 3));
        Some(cluster)
    }

    pub fn engine(&self) -> &str {
        self.lab.socket("node1")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn scale(&self, service: &str, replicas: usize) {
        self.lab.docker(&["service", "scale", "--detach", &format!("{service}={replicas}")]);
    }

    pub fn runs(&self, service: &str, tasks: usize) -> bool {
        let filter = format!("name={service}");
        let format = ["--format", "{{.Replicas}}"];
        let listed =
            self.lab.docker(&[&["service", "ls", "--filter", &filter], &format[..]].concat());
        listed.trim() == format!("{tasks}/{tasks}")
    }

    /// `talk` says little on every node; `shout` writes as fast as it can once it
    /// is scaled up.
    fn deploy_chatty(&self) {
        let file = self.folder.join("chatty.yaml");
        fs::write(&file, CHATTY).unwrap();
        let mut command = self.lab.docker_command("node1", &["stack", "deploy"]);
        command.args(["--resolve-image", "never", "-c"]).arg(&file).arg("chatty");
        let done = command.stdout(Stdio::null()).status().unwrap();
        assert!(done.success(), "docker stack deploy: {done}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What cannot be removed lies in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const CHATTY: &str = r#"
version: "3.8"
x-logging: &logging
  driver: json-file
  options: {max-size: 10m, max-file: "2"}
services:
  talk:
    image: skep-workload:1
    command: ["--count", "50"]
    deploy: {replicas: 3}
    logging: *logging
  shout:
    image: skep-workload:1
    command: ["--lines", "0", "--count", "100000000", "--width", "120"]
    deploy: {replicas: 0}
    logging: *logging
"#;
