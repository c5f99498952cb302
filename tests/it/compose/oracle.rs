//! The real docker CLI.

use crate::compose::{ours::Outcome, recorder::Recorder};
use std::{
    collections::BTreeMap,
    io::{Write, stderr},
    path::Path,
    process::{Command, Stdio},
};

/// Which docker CLI is on the path.
pub struct Version(String);

impl Version {
    /// Returns the version to compare with; otherwise says on one line why there
    /// is not a comparison. With `SKEP_LAB=require`, there must be a CLI.
    pub fn find() -> Option<Self> {
        let required = std::env::var("SKEP_LAB").is_ok_and(|it| it == "require");
        // Not `eprintln`, which the harness swallows when a test passes.
        let say = |line: String| stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
        let output =
            Command::new("docker").args(["version", "--format", "{{.Client.Version}}"]).output();
        let version = match output {
            Ok(output) => Self(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            Err(err) => {
                assert!(!required, "no docker CLI: {err}");
                say(format!("skipped: no docker CLI to compare with ({err})"));
                return None;
            }
        };
        if version.is_law() || required {
            say(format!("comparing with docker CLI {}", version.0));
            return Some(version);
        }
        say(format!("skipped: docker CLI is {}, the comparison is with 28", version.0));
        None
    }

    /// Tells the version whose behaviour is skep's.
    pub fn is_law(&self) -> bool {
        self.0.starts_with("28.")
    }

    /// Tells whether `stack deploy` knows `--detach`.
    fn detaches(&self) -> bool {
        self.0.split('.').next().and_then(|it| it.parse::<u32>().ok()).is_some_and(|it| it >= 26)
    }
}

/// A CLI with an engine of its own.
pub struct Oracle<'a> {
    version: &'a Version,
    recorder: Recorder,
    _folder: tempfile::TempDir,
}

impl<'a> Oracle<'a> {
    pub fn start(version: &'a Version) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { version, recorder: Recorder::start(folder.path()), _folder: folder }
    }

    /// Deploys files, or a text where there are none, and returns what was sent.
    pub fn deploy(
        &self,
        folder: &Path,
        files: &[String],
        text: &str,
        environment: &BTreeMap<String, String>,
    ) -> Outcome {
        self.recorder.take();
        let mut command = Command::new("docker");
        command.args(["stack", "deploy", "--resolve-image", "never"]);
        command.args(self.version.detaches().then_some("--detach"));
        command.args(files.iter().flat_map(|it| ["-c", it]));
        command.args(files.is_empty().then_some(["-c", "-"]).into_iter().flatten());
        command.arg("stack").current_dir(folder).env_clear().envs(environment);
        // Go takes the working directory by the name it is called here.
        command.env("PWD", folder);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("DOCKER_HOST", format!("unix://{}", self.recorder.socket.display()));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Docker may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        let output = child.wait_with_output().unwrap();
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
        Outcome::Sent(bodies.collect())
    }
}
