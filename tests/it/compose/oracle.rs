//! The real docker CLI.

use crate::compose::{ours::Outcome, recorder::Recorder};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, process::Command};

/// A docker CLI of the version whose behaviour skep takes for the law.
pub struct Oracle {
    recorder: Recorder,
    _folder: tempfile::TempDir,
}

impl Oracle {
    /// Returns the CLI on the path if it is 28.x; otherwise says why there is
    /// none, on one line.
    pub fn find() -> Option<Self> {
        let output = Command::new("docker").args(["version", "--format", "{{.Client.Version}}"]).output();
        let version = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
        match version {
            Ok(version) if version.starts_with("28.") => {
                println!("compared with docker CLI {version}");
                let folder = tempfile::tempdir().unwrap();
                Some(Self { recorder: Recorder::start(folder.path()), _folder: folder })
            }
            Ok(version) => {
                println!("skipped: docker CLI is `{version}`, the comparison is with 28.x");
                None
            }
            Err(err) => {
                println!("skipped: no docker CLI ({err})");
                None
            }
        }
    }

    /// Deploys files and returns what was sent.
    pub fn deploy(&self, folder: &Path, files: &[String], environment: &BTreeMap<String, String>) -> Outcome {
        self.recorder.take();
        let mut command = Command::new("docker");
        command.args(["stack", "deploy", "--resolve-image", "never", "--detach"]);
        command.args(files.iter().flat_map(|it| ["-c", it]));
        command.arg("stack").current_dir(folder).env_clear().envs(environment);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("DOCKER_HOST", format!("unix://{}", self.recorder.socket.display()));
        let output = command.output().unwrap();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Outcome::Refused(stderr.lines().map(str::to_owned).collect());
        }
        let created = self.recorder.take().into_iter().filter(|it| it.method == "POST");
        let bodies = created.map(|it| {
            let kind = it.path.trim_start_matches('/').trim_end_matches("/create").to_owned();
            let name = it.body["Name"].as_str().unwrap().to_owned();
            (format!("{kind} {name}"), it.body)
        });
        Outcome::Sent(bodies.collect::<BTreeMap<String, Value>>())
    }
}
