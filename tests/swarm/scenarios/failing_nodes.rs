//! Deployments while nodes and managers fail: each in a lab of its own.

use crate::{
    lab::Lab,
    scenarios::{PATIENCE, Scene, service, wire::Wire},
    wait::wait_until,
};
use std::time::{Duration, Instant};

/// How long an engine is out of sight.
const AWAY: Duration = Duration::from_secs(60);

fn is_down(lab: &Lab, manager: &str, node: &str) -> bool {
    let format = ["node", "ls", "--format", "{{.Hostname}} {{.Status}}"];
    let nodes = lab.docker_at(manager, &format);
    nodes.lines().any(|it| it == format!("{node} Down"))
}

#[test]
fn a_global_service_does_not_wait_for_a_node_that_is_down() {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let scene = Scene::new(&lab, "everywhere");
    let agent = |tag| service("agent", tag, "mode: global");
    scene.deploy(&[&agent("1")]).with(0, "");
    lab.kill("node3");
    wait_until("node3 to be down", PATIENCE, || is_down(&lab, "node1", "node3"));
    scene.deploy(&[&agent("2")]).with(0, "");
    scene.stands("agent 2", &["healthy", "healthy"]);
    scene.deploy(&[&agent("bad")]).with(3, "everywhere_agent: ");
    scene.stands("agent 2", &["rolled-back", "healthy", "healthy"]);
}

/// What the engine's updater waits for may have died with the node; then all goes
/// back, and the next deployment knows of no dead node.
#[test]
fn a_worker_that_dies_in_the_middle_leaves_the_new_or_the_old() {
    let Some(lab) = Lab::fresh(3, 1) else { return };
    let scene = Scene::new(&lab, "bereft");
    let web = |tag| service("web", tag, "replicas: 6, update_config: {parallelism: 1}");
    scene.deploy(&[&web("1")]).with(0, "");
    let before = scene.specs();
    let going = scene.begin(&[&web("2")], &[]);
    scene.sees("web", "2");
    lab.kill("node3");
    let ended = going.end();
    if ended.code != Some(0) {
        ended.with(3, "the engine's update is stuck: it waits for ");
        assert_eq!(scene.specs(), before);
        scene.stands("web 1", &["rolled-back", "healthy"]);
        scene.deploy(&[&web("2")]).with(0, "");
    }
    assert_eq!((scene.images().as_str(), scene.releases()[0].as_str()), ("web 2", "healthy"));
    scene.runs("web 6");
}

#[test]
fn a_leader_that_dies_in_the_middle_only_delays() {
    let Some(lab) = Lab::fresh(3, 3) else { return };
    let mut scene = Scene::new(&lab, "headless");
    scene.manager = "node2";
    let web = |tag| {
        let line = service("web", tag, "replicas: 4, update_config: {parallelism: 1}");
        line.replace("skep.grace: 4s", "skep.grace: 60s")
    };
    let db = |tag| service("db", tag, "replicas: 1").replacen('{', "{depends_on: [web], ", 1);
    scene.deploy(&[&web("1"), &db("1")]).with(0, "");
    let going = scene.begin(&[&web("2"), &db("2")], &[]);
    scene.sees("web", "2");
    lab.kill("node1");
    going.end().with(0, "");
    scene.stands("db 2, web 2", &["healthy", "healthy"]);
    scene.runs("db 1, web 4");
}

#[test]
fn an_engine_that_is_out_of_sight_for_a_minute_only_delays() {
    let Some(lab) = Lab::shared() else { return };
    let mut scene = Scene::new(lab, "unseen");
    let wire = Wire::to(lab.socket("node1"));
    scene.host = Some(wire.host());
    let web = |tag| service("web", tag, "replicas: 2");
    let db = |tag| service("db", tag, "replicas: 1").replacen('{', "{depends_on: [web], ", 1);
    scene.deploy(&[&web("1"), &db("1")]).with(0, "");
    let going = scene.begin(&[&web("2"), &db("2")], &[]);
    scene.sees("web", "2");
    wire.cut();
    let since = Instant::now();
    wait_until("a minute to pass", PATIENCE, || since.elapsed() > AWAY);
    wire.restore();
    going.end().with(0, "");
    scene.stands("db 2, web 2", &["healthy", "healthy"]);
}
