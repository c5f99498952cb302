//! A stack of fifty services that is as its file has it: what it costs to see
//! that there is nothing to do.

use crate::{
    cluster::PATIENCE,
    cockpit::{binary, environment},
    lab::Lab,
    proxy::Proxy,
    table::{Figure, figure, spread},
    wait::wait_until,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    time::{Duration, Instant},
};

pub const SERVICES: usize = 50;
const RUNS: usize = 15;
const STACK: &str = "fifty";
const RESOLVE: [&str; 2] = ["--resolve-image", "never"];

/// One of the commands that are compared.
struct Rival {
    what: &'static str,
    bound: &'static str,
    command: fn(&Bench, &str) -> Command,
}

const RIVALS: [Rival; 3] = [
    Rival {
        what: "skep plan",
        bound: "1.5 x docker stack deploy",
        command: |it, engine| it.skep("plan", engine),
    },
    Rival {
        what: "skep deploy, nothing to do",
        bound: "",
        command: |it, engine| it.skep("deploy", engine),
    },
    Rival { what: "docker stack deploy", bound: "", command: Bench::docker },
];

struct Bench {
    lab: Lab,
    folder: PathBuf,
    file: PathBuf,
}

/// Runs the commands in turn, so that what the machine does besides meets all of
/// them; counts what they ask in runs of their own. Nothing without a lab.
pub fn figures() -> Vec<Figure> {
    let Some(bench) = Bench::build() else { return Vec::new() };
    let mut took: Vec<Vec<Duration>> = RIVALS.iter().map(|_| Vec::new()).collect();
    for _ in 0..RUNS {
        for (rival, took) in RIVALS.iter().zip(&mut took) {
            took.push(timed((rival.command)(&bench, bench.engine())));
        }
    }
    let proxy = Proxy::before(bench.engine(), &bench.folder);
    let mut figures = Vec::new();
    for (rival, mut took) in RIVALS.iter().zip(took) {
        figures.push(figure(rival.what, spread(&mut took), rival.bound));
        timed((rival.command)(&bench, &proxy.address()));
        let bound = match rival.what {
            "skep plan" | "skep deploy, nothing to do" => "0 writes",
            _ => "",
        };
        figures.push(figure(&format!("{}: requests", rival.what), counted(&proxy.take()), bound));
    }
    figures
}

impl Bench {
    /// Has the stack deployed and running.
    fn build() -> Option<Self> {
        let lab = Lab::fresh(3, 1)?;
        let folder = std::env::temp_dir().join(format!("skep-plan-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("stack.yaml");
        fs::write(&file, stack()).unwrap();
        let bench = Self { lab, folder, file };
        timed(bench.docker(bench.engine()));
        wait_until("fifty services to run", PATIENCE, || {
            let listed = bench.lab.docker(&["service", "ls", "--format", "{{.Replicas}}"]);
            listed.lines().filter(|it| *it == "1/1").count() == SERVICES
        });
        Some(bench)
    }

    fn engine(&self) -> &str {
        self.lab.socket("node1")
    }

    fn skep(&self, verb: &str, engine: &str) -> Command {
        let mut skep = Command::new(binary());
        skep.arg(verb).args(RESOLVE).arg("-c").arg(&self.file).arg(STACK);
        skep.env_clear().envs(environment(engine, &self.folder));
        skep
    }

    fn docker(&self, engine: &str) -> Command {
        let mut docker = self.lab.docker_command("node1", &["--host", engine, "stack", "deploy"]);
        docker.args(RESOLVE).arg("-c").arg(&self.file).arg(STACK);
        docker
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    // What cannot be removed lies in the folder for temporary files.
    let _ = fs::remove_dir_all(folder);
}

fn timed(mut command: Command) -> Duration {
    let since = Instant::now();
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let done = command.status().unwrap();
    assert!(done.success(), "{command:?}: {done}");
    since.elapsed()
}

fn counted(asked: &BTreeMap<String, usize>) -> String {
    let all: usize = asked.values().sum();
    let reads = |it: &str| it.starts_with("GET ") || it.starts_with("HEAD ");
    let writes: usize = asked.iter().filter(|it| !reads(it.0)).map(|it| it.1).sum();
    format!("{writes} writes, {} reads", all - writes)
}

/// Services as people write them, none of them special.
fn stack() -> String {
    let mut text = "version: \"3.9\"\nservices:\n".to_owned();
    for number in 0..SERVICES {
        text.push_str(&SERVICE.replace('@', &number.to_string()));
    }
    text + REST
}

const SERVICE: &str = r#"  s@:
    image: skep-workload:1
    command: ["--lines", "1"]
    environment: {LOG_LEVEL: info, NUMBER: "@", PEER: "s0"}
    labels: {tier: back}
    networks: {back: {aliases: [alias-@]}}
    configs: [{source: app, target: /app.conf}]
    volumes: ["data:/data"]
    stop_grace_period: 1s
    logging: {driver: json-file, options: {max-size: 1m}}
    deploy:
      replicas: 1
      labels: {team: a, number: "@"}
      update_config: {parallelism: 1, order: stop-first}
      restart_policy: {condition: on-failure, delay: 1s}
      resources: {limits: {memory: 64M}}
"#;

const REST: &str = "\
networks: {back: {}}
volumes: {data: {}}
configs: {app: {file: /etc/hostname}}
";
