//! Secrets whose content changes: the engine never shows it, and must not be believed
//! to have taken it.

use crate::jobs::{Desk, changes, stacks::deploy};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use skep::{
    domain::swarm::change::{Change, Confidential},
    engine::Engine,
};
use std::fs;
use tempfile::TempDir;

const WITH_SECRET: &str = "\
services:
  web:
    image: ghost:5.87
    secrets: [key]
secrets:
  key:
    file: ./key
";

/// A desk and a folder with a secret in a file.
struct Scene {
    desk: Desk,
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { desk: Desk::new(), folder: tempfile::tempdir().unwrap() };
        scene.write("first");
        scene
    }

    fn write(&self, value: &str) {
        fs::write(self.folder.path().join("key"), value).unwrap();
    }

    /// Deploys and returns what that changed in the cluster, leases aside.
    async fn deploy(&self) -> Result<Vec<String>, String> {
        let before = changes(&self.desk.engine).len();
        let ended = self.desk.run(deploy(self.folder.path(), WITH_SECRET)).await;
        let mut done = changes(&self.desk.engine).split_off(before);
        done.retain(|it| !it.contains("skep"));
        if ended.verdict.succeeded() { Ok(done) } else { Err(ended.verdict.to_string()) }
    }

    /// The secret as somebody else made it.
    async fn made_by_hand(&self, value: &str) {
        let data = STANDARD.encode(value);
        let labels = serde_json::json!({ "com.docker.stack.namespace": "blog" });
        let name = "blog_key".to_owned();
        let body = serde_json::json!({ "Name": name, "Data": data, "Labels": labels });
        let body = Confidential(body);
        self.desk.engine.apply(&Change::CreateSecret { name, body }).await.unwrap();
    }
}

const REFUSED: &str = "secret blog_key: only updates to Labels are allowed";

#[tokio::test(start_paused = true)]
async fn the_same_secret_once_more_is_nothing_to_do() {
    let scene = Scene::new();
    let created = scene.deploy().await.unwrap();
    assert!(created.contains(&"create secret blog_key".to_owned()), "{created:?}");
    assert_eq!(scene.deploy().await.unwrap(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_holds_something_else_is_refused_before_anything_is_touched() {
    let scene = Scene::new();
    scene.deploy().await.unwrap();
    scene.write("second");
    let before = changes(&scene.desk.engine);
    let why = scene.deploy().await.unwrap_err();
    assert!(why.contains(REFUSED) && !why.contains("second"), "{why}");
    assert_eq!(changes(&scene.desk.engine), before);
}

#[tokio::test(start_paused = true)]
async fn the_engine_is_asked_once_about_a_secret_that_others_made() {
    let scene = Scene::new();
    scene.made_by_hand("first").await;
    let done = scene.deploy().await.unwrap();
    assert!(done.contains(&"update secret blog_key".to_owned()), "{done:?}");
    assert_eq!(scene.deploy().await.unwrap(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_refuses_to_change_fails_and_is_not_remembered() {
    let scene = Scene::new();
    scene.made_by_hand("another").await;
    for _ in 0..2 {
        let why = scene.deploy().await.unwrap_err();
        assert!(why.contains("only updates to Labels are allowed"), "{why}");
    }
}
