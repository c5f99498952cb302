//! How long it takes to know how a deployment ended, beside the docker client.

use crate::{
    cockpit::{binary, environment},
    lab::Lab,
    table::{Figure, figure, percentile},
    wait::wait_until,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{self, Command, ExitStatus, Stdio},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

const RUNS: usize = 3;
/// How long a verdict is waited for.
const LIMIT: Duration = Duration::from_secs(90);
const PATIENCE: Duration = Duration::from_secs(60);

/// What is deployed over a service that runs, and whether that can succeed.
const ORDERS: [(&str, &str, bool); 3] = [
    ("a good update", "skep-workload:2", true),
    ("a crash loop", "skep-workload:bad", false),
    ("a missing image", "skep-workload:nowhere", false),
];

/// How long it took, how it ended, and when it turned back.
type Run = (Duration, Option<ExitStatus>, Option<Duration>);

struct Bench {
    lab: Lab,
    folder: PathBuf,
}

/// Both do the same to a stack of two services and four tasks, in turn. Nothing without a
/// lab.
pub fn figures() -> Vec<Figure> {
    let Some(lab) = Lab::fresh(3, 1) else { return Vec::new() };
    let folder = std::env::temp_dir().join(format!("skep-verdicts-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let bench = Bench { lab, folder };
    let mut figures = Vec::new();
    for (what, image, good) in ORDERS {
        let (mut ours, mut theirs, mut decided) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (took, ended, turned) = bench.run(Bench::skep, image);
            ours.push((took, ended));
            decided.extend(turned);
            let (took, ended, _) = bench.run(Bench::docker, image);
            theirs.push((took, ended));
        }
        if let (false, [_, ..]) = (good, decided.as_slice()) {
            let [least, middle, most] = [0, 50, 100].map(|it| percentile(&mut decided, it));
            let words = format!("{middle:.1?} ({least:.1?} to {most:.1?})");
            figures.push(figure(&format!("{what}, skep deploy decides to go back"), words, ""));
        }
        for (who, runs) in [("skep deploy", ours), ("docker stack deploy --detach=false", theirs)] {
            figures.push(figure(&format!("{what}, {who}"), in_words(&runs, good), ""));
        }
    }
    figures
}

impl Bench {
    /// Deploys something good, then this; returns how long the verdict took, how the
    /// command ended, and when it said that it goes back.
    fn run(&self, by: fn(&Self, &str) -> Command, image: &str) -> Run {
        self.write("skep-workload:1");
        let good = self.skep("verdict").stderr(Stdio::piped()).output().unwrap();
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
        self.write(image);
        let since = Instant::now();
        let mut child = by(self, "verdict").stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let turned = spawn(move || {
            let mut lines = lines.map_while(Result::ok);
            let turned = lines.find(|it| it.contains("rolling back: ")).map(|_| since.elapsed());
            // Whoever writes must not be stopped by a full pipe.
            lines.for_each(drop);
            turned
        });
        let ended = loop {
            if let Some(ended) = child.try_wait().unwrap() {
                break Some(ended);
            }
            if since.elapsed() > LIMIT {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            sleep(Duration::from_millis(20));
        };
        let took = since.elapsed();
        self.remove();
        (took, ended, turned.join().unwrap())
    }

    fn write(&self, image: &str) {
        let service = |name| format!("  {name}: {{image: '{image}', deploy: {{replicas: 2}}}}\n");
        let text = format!("version: '3.8'\nservices:\n{}{}", service("web"), service("api"));
        fs::write(self.folder.join("stack.yml"), text).unwrap();
    }

    fn skep(&self, stack: &str) -> Command {
        let mut skep = Command::new(binary());
        skep.args(["deploy", "--resolve-image", "never", "-c"]);
        skep.arg(self.folder.join("stack.yml")).arg(stack);
        skep.env_clear().envs(environment(self.lab.socket("node1"), &self.folder));
        quiet(skep)
    }

    fn docker(&self, stack: &str) -> Command {
        let args = ["stack", "deploy", "--detach=false", "--resolve-image", "never", "-c"];
        let mut docker = self.lab.docker_command("node1", &args);
        docker.arg(self.folder.join("stack.yml")).arg(stack);
        quiet(docker)
    }

    fn remove(&self) {
        wait_until("the stack to go", PATIENCE, || {
            let rm = ["stack", "rm", "verdict"];
            self.lab.docker_command("node1", &rm).output().unwrap().status.success()
        });
        wait_until("its tasks and networks to go", PATIENCE, || {
            let networks = self.lab.docker(&["network", "ls", "-q", "--filter", "name=verdict"]);
            let tasks = |node: &str| self.lab.docker_at(node, &["ps", "-q"]);
            networks.is_empty() && self.lab.nodes().iter().all(|it| tasks(&it.name).is_empty())
        });
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What cannot be removed lies in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn quiet(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn in_words(runs: &[(Duration, Option<ExitStatus>)], good: bool) -> String {
    let right = runs.iter().filter(|it| it.1.is_some_and(|it| it.success() == good)).count();
    let mut codes: Vec<String> = runs
        .iter()
        .map(|it| it.1.and_then(|it| it.code()).map_or("none".to_owned(), |it| it.to_string()))
        .collect();
    codes.dedup();
    let mut took: Vec<Duration> = runs.iter().map(|it| it.0).collect();
    let [least, middle, most] = [0, 50, 100].map(|it| percentile(&mut took, it));
    format!(
        "{middle:.1?} ({least:.1?} to {most:.1?}), {right} of {} verdicts right, exit {}",
        runs.len(),
        codes.join("/")
    )
}
