//! Real engines that die, come back, lose their swarm and lock themselves.

use crate::{
    gateway::{edit, gateway, wait_for},
    lab::Lab,
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use skep::{
    domain::swarm::{
        change::Change,
        cluster::{Membership, Node, Object},
        spec::Edit,
    },
    engine::{Engine, EngineError, ReadEngine, docker::DockerEngine},
};
use std::{process::Stdio, time::Duration};
use tokio::time::timeout;

async fn node(engine: &DockerEngine, hostname: &str) -> Option<Node> {
    engine.nodes().await.ok()?.iter().find(|it| *it.hostname == *hostname).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_dies_is_unreachable_until_it_is_back() {
    let Some(lab) = Lab::fresh(1, 1) else { return };
    let engine = gateway(&lab, "node1");
    engine.services().await.unwrap();
    let mut events = engine.events(None);
    // Nothing happens yet; but by then the stream has begun.
    assert!(timeout(Duration::from_secs(2), events.next()).await.is_err());

    lab.kill("node1");
    let gone = engine.services().await.unwrap_err();
    assert!(matches!(gone, EngineError::Unreachable { .. }), "{gone}");
    let rest = timeout(Duration::from_secs(10), events.collect::<Vec<_>>()).await.unwrap();
    assert!(rest.iter().all(Result::is_err), "{rest:?}");

    lab.start("node1");
    wait_for("the engine to answer", async || engine.services().await.ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_changes_and_the_swarm_loses_its_leader_its_key_and_itself() {
    let Some(lab) = Lab::fresh(2, 2) else { return };
    let engine = gateway(&lab, "node1");
    let before = node(&engine, "node2").await.unwrap();
    let raw = engine.inspect(&Object::Node(before.id.clone())).await.unwrap();
    let mut spec = raw["Spec"].clone();
    spec["Availability"] = json!("pause");
    spec["Labels"] = json!({ "zone": "b" });
    let change = Change::UpdateNode {
        id: before.id,
        hostname: "node2".to_owned(),
        version: before.version,
        spec,
    };
    engine.apply(&change).await.unwrap();
    let after = node(&engine, "node2").await.unwrap();
    assert_eq!((after.availability.word(), &*after.labels["zone"]), ("pause", "b"));
    let stale = engine.apply(&change).await.unwrap_err();
    assert_eq!(stale, EngineError::OutOfSequence { what: "node node2".to_owned() });

    lab.kill("node2");
    let err = wait_for("the leader to be missed", async || {
        engine.nodes().await.err().filter(|it| *it == EngineError::NoLeader)
    })
    .await;
    assert!(err.is_transient() && err.hint().is_some());
    lab.start("node2");
    wait_for("a leader", async || engine.nodes().await.ok()).await;

    lock(&lab, &engine).await;
    let args = ["swarm", "leave", "--force"];
    let left = lab.docker_command("node1", &args).stdout(Stdio::null()).status().unwrap();
    assert!(left.success());
    let outside = EngineError::NotASwarm { address: engine.address() };
    assert_eq!(engine.services().await.unwrap_err(), outside);
    assert_eq!(edit(&engine, &"x".into(), Edit::Restart).await.unwrap_err(), outside);
    assert_eq!(engine.system().await.unwrap().swarm, Membership::None);
}

async fn lock(lab: &Lab, engine: &DockerEngine) {
    wait_for("the swarm to take the lock", async || {
        let swarm = engine.inspect(&Object::Swarm).await.ok()?;
        let locks = &swarm["Spec"]["EncryptionConfig"]["AutoLockManagers"];
        if locks == &Value::Bool(true) {
            return Some(());
        }
        let mut update = lab.docker_command("node1", &["swarm", "update", "--autolock"]);
        update.stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        None
    })
    .await;
    lab.kill("node1");
    lab.start("node1");
    wait_for("the lock", async || {
        let locked = EngineError::Locked { address: engine.address() };
        engine.services().await.err().filter(|it| *it == locked)
    })
    .await;
    assert_eq!(engine.system().await.unwrap().swarm, Membership::Locked);
}
