//! How long the commands take.

use crate::{
    cluster::Cluster,
    cockpit::{binary, environment},
    quiet::milliseconds,
    table::{Figure, figure, percentile},
};
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const RUNS: usize = 7;

pub fn figures(cluster: &Cluster) -> Vec<Figure> {
    let docker = || cluster.lab.docker_command("node1", &["service", "ls"]);
    vec![
        timed("skep ls", || skep(cluster, "ls")),
        timed("skep services", || skep(cluster, "services")),
        timed("docker service ls, for comparison", docker),
    ]
}

fn skep(cluster: &Cluster, command: &str) -> Command {
    let mut skep = Command::new(binary());
    skep.arg(command).env_clear().envs(environment(cluster.engine(), cluster.folder()));
    skep
}

fn timed(what: &str, command: impl Fn() -> Command) -> Figure {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let since = Instant::now();
            let done = command().stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
            assert!(done.success(), "{what}: {done}");
            since.elapsed()
        })
        .collect();
    let (middle, least) = (percentile(&mut took, 50), percentile(&mut took, 0));
    figure(what, format!("{} (best {})", milliseconds(middle), milliseconds(least)), "")
}
