//! What the cockpit says, and how soon, when the swarm breaks.

use crate::{
    cluster::{Cluster, PATIENCE},
    cockpit::Cockpit,
    quiet::shows_all,
};
use std::time::Instant;

pub fn sentences(cluster: &Cluster) -> Vec<String> {
    let mut cockpit = Cockpit::start(cluster.engine(), cluster.folder(), &[]);
    cockpit.wait("the services", PATIENCE, shows_all);
    cockpit.wait("three nodes", PATIENCE, |it| it.contains("3/3 nodes"));
    vec![drained(cluster, &mut cockpit), killed(cluster, &cockpit), restarted(cluster, &cockpit)]
}

/// The cursor is on the second service, `chatty_talk`, and its tasks are in sight.
fn drained(cluster: &Cluster, cockpit: &mut Cockpit) -> String {
    cockpit.press("j");
    cockpit.wait("the tasks of talk", PATIENCE, |it| running(it, "node2") == 1);
    let since = Instant::now();
    cluster.lab.docker(&["node", "update", "--availability", "drain", "node2"]);
    let told = cockpit.wait("the drained node", PATIENCE, |it| it.contains("drain"));
    let moved = cockpit.wait("the tasks to move", PATIENCE, |it| {
        running(it, "node2") == 0 && running(it, "node1") + running(it, "node3") == 3
    });
    cluster.lab.docker(&["node", "update", "--availability", "active", "node2"]);
    format!(
        "node2 was drained: the nodes pane said so after {:.1} s, and after {:.1} s the tasks pane showed every task elsewhere.",
        (told - since).as_secs_f64(),
        (moved - since).as_secs_f64()
    )
}

fn killed(cluster: &Cluster, cockpit: &Cockpit) -> String {
    cockpit.wait("an active node", PATIENCE, |it| !it.contains("drain"));
    let since = Instant::now();
    cluster.lab.kill("node3");
    let told = cockpit.wait("the dead node", PATIENCE, |it| it.contains("2/3 nodes"));
    let said = line_with(&cockpit.screen(), "down");
    let moved = cockpit.wait("its task elsewhere", PATIENCE, |it| {
        running(it, "node1") + running(it, "node2") == 3
    });
    cluster.lab.start("node3");
    cockpit.wait("the node again", PATIENCE, |it| it.contains("3/3 nodes"));
    format!(
        "node3 lost power: after {:.1} s the screen said `{said}` (the engine itself waits 6 s), after {:.1} s its task ran elsewhere.",
        (told - since).as_secs_f64(),
        (moved - since).as_secs_f64()
    )
}

fn restarted(cluster: &Cluster, cockpit: &Cockpit) -> String {
    let since = Instant::now();
    cluster.lab.kill("node1");
    let lost = cockpit.wait("the banner", PATIENCE, |it| it.contains("still trying"));
    let said = line_with(&cockpit.screen(), "still trying");
    let kept = cockpit.screen().contains("fill_s0001");
    cluster.lab.start("node1");
    let answers = Instant::now();
    let back = cockpit.wait("the banner to go", PATIENCE, |it| !it.contains("still trying"));
    let right = cockpit.wait("everything as it was", PATIENCE, |it| {
        it.contains("3/3 nodes") && it.contains("1/1 managers") && !it.contains("still trying")
    });
    let kept = if kept { "stayed in sight" } else { "WAS GONE" };
    format!(
        "the manager lost power: after {:.1} s the screen said `{said}` and the last view {kept}; {:.1} s after its engine answered again the banner was gone, after {:.1} s all was right.",
        (lost - since).as_secs_f64(),
        back.saturating_duration_since(answers).as_secs_f64(),
        right.saturating_duration_since(answers).as_secs_f64()
    )
}

/// Tasks of `talk` that run on a node and should.
fn running(screen: &str, node: &str) -> usize {
    let of_node = |it: &&str| it.contains("talk.") && it.contains(&format!(" {node} "));
    let tasks = screen.lines().filter(of_node);
    tasks.filter(|it| it.matches("running").count() == 2).count()
}

fn line_with(screen: &str, text: &str) -> String {
    let line = screen.lines().find(|it| it.contains(text)).unwrap_or("nothing");
    let line = line.trim_matches(|it: char| it.is_whitespace() || "│┃|".contains(it));
    line.split(['│', '┃']).next().unwrap_or(line).split_whitespace().collect::<Vec<_>>().join(" ")
}
