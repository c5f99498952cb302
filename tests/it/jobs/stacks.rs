//! Deployments of stacks.

use crate::jobs::Desk;
use jiff::Timestamp;
use serde_json::json;
use skep::{
    domain::{
        deployment::{
            plan::Preview,
            release::{Release, ReleaseState},
        },
        swarm::{change::ServiceRef, cluster::Object, names::StackName},
    },
    engine::{ReadEngine, fake::FakeEngine},
    jobs::{
        deploy::{DeployOrder, Proposal, outline},
        operations::Operation,
    },
    projects::Sources,
};
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;
use tokio::time::Instant;

pub const BLOG: &str = "\
services:
  web:
    image: ghost:5.87
    networks: [front]
    deploy: {replicas: 2}
  db:
    image: mysql:8.4
    configs: [my.cnf]
    networks: [front]
networks:
  front: {}
configs:
  my.cnf:
    file: ./my.cnf
";

/// A folder with the blog in it.
pub fn blog() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.cnf"), "[mysqld]\n").unwrap();
    folder
}

pub fn deploy(folder: &Path, text: &str) -> Operation {
    let path = folder.join("blog.yml");
    Operation::Deploy(Box::new(DeployOrder {
        message: "first try".to_owned(),
        ..DeployOrder::of(blog_name(), Sources::one(&path, text.to_owned()))
    }))
}

pub fn blog_name() -> StackName {
    "blog".parse().unwrap()
}

impl Desk {
    pub async fn releases(&self) -> Vec<Release> {
        let swarm = self.engine.inspect(&Object::Swarm).await.unwrap();
        self.store().releases(swarm["ID"].as_str().unwrap(), &blog_name()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_is_sent_in_order_watched_and_remembered() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    assert_eq!(
        desk.changes(),
        [
            "create network blog_front",
            "create config blog_my.cnf",
            "create service blog_db",
            "create service blog_web",
        ]
    );
    let [release] = desk.releases().await.try_into().unwrap();
    assert_eq!((release.key.revision, release.state), (1, ReleaseState::Healthy));
    assert_eq!(release.order.message, "first try");
    let services: Vec<_> = release.services.iter().map(|it| (&**it.0, it.1.running)).collect();
    assert_eq!(services, [("blog_db", 1), ("blog_web", 2)]);
    let snapshot = desk.store().snapshot(&release.key).unwrap().unwrap();
    assert_eq!(snapshot.sources[0].text, BLOG);
}

#[tokio::test(start_paused = true)]
async fn a_second_deployment_updates_what_is_there_and_is_the_next_release() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.changes().len();
    let newer = BLOG.replace("ghost:5.87", "ghost:5.88");
    desk.run(deploy(folder.path(), &newer)).await.succeeds("2 services run");
    let writes = desk.changes().split_off(before);
    let updates = writes.iter().filter(|it| it.starts_with("update service")).count();
    assert!(updates > 0 && updates == writes.len(), "{writes:?}");
    let releases = desk.releases().await;
    assert_eq!(releases.iter().map(|it| it.key.revision).collect::<Vec<_>>(), [2, 1]);
    assert!(releases.iter().all(|it| it.state == ReleaseState::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_with_nothing_to_do_waits_for_nobody() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let (writes, began) = (desk.changes().len(), Instant::now());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    assert_eq!(desk.changes().len(), writes);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_image_of_many_services_is_asked_for_once() {
    let (desk, folder) = (Desk::new(), blog());
    let same = BLOG.replace("mysql:8.4", "ghost:5.87");
    desk.run(deploy(folder.path(), &same)).await.succeeds("2 services run");
    assert_eq!(desk.engine.calls()["distribution"], 1);
    for service in desk.engine.services().await.unwrap().iter() {
        assert!(service.image.to_string().contains("@sha256:"), "{}", service.image);
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_that_mends_a_broken_one_is_healthy() {
    let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.87"));
    let folder = blog();
    desk.run(deploy(folder.path(), BLOG)).await;
    let mended = BLOG.replace("ghost:5.87", "ghost:5.86");
    desk.run(deploy(folder.path(), &mended)).await.succeeds("2 services run");
}

#[tokio::test(start_paused = true)]
async fn a_file_with_an_error_touches_nothing() {
    let (desk, folder) = (Desk::new(), blog());
    let broken = BLOG.replace("image: mysql", "imag: mysql").replace("deploy:", "depoly:");
    let ended = desk.run(deploy(folder.path(), &broken)).await;
    ended.fails("blog.yml:").fails("(and 2 more)").hints("nothing was touched");
    assert!(desk.changes().is_empty());
    assert!(desk.releases().await.is_empty());
    let audit = desk.store().audit(1).unwrap();
    assert_eq!((audit[0].object.as_str(), audit[0].outcome.succeeded()), ("stack blog", false));
}

#[tokio::test(start_paused = true)]
async fn a_network_that_should_be_there_and_is_not_is_told_before_anything_is_sent() {
    let (desk, folder) = (Desk::new(), blog());
    let outside = BLOG.replace("front: {}", "front: {external: true}");
    let ended = desk.run(deploy(folder.path(), &outside)).await;
    ended.fails("`front`").hints("docker network create");
    assert!(desk.changes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_file_no_longer_names_goes_only_when_asked() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let (web, _) = BLOG.split_once("  db:\n").unwrap();
    let web = format!("{web}networks:\n  front: {{}}\n");
    desk.run(deploy(folder.path(), &web)).await.succeeds("run");
    assert_eq!(desk.engine.services().await.unwrap().len(), 2);
    let Operation::Deploy(mut order) = deploy(folder.path(), &web) else { unreachable!() };
    order.prune = true;
    desk.run(Operation::Deploy(order)).await.succeeds("run");
    assert_eq!(desk.engine.services().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_tells_what_somebody_changed_since_the_last_release_and_what_stays() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let services = desk.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    let web = ServiceRef { id: web.id.clone(), name: web.name.to_string() };
    let plan = async |text: &str| {
        let Operation::Deploy(order) = deploy(folder.path(), text) else { unreachable!() };
        let proposal = Proposal::Files(order);
        let found = outline(&desk.engine, desk.store(), &proposal).await.unwrap();
        let Preview { outline, notes, .. } = found;
        let details = outline.entries.iter().flat_map(|it| &it.details).map(|it| it.text.clone());
        details
            .chain(notes)
            .filter(|it| it.contains("in the cluster") || it.contains("stays"))
            .collect::<Vec<_>>()
    };
    assert_eq!(plan(&BLOG.replace("ghost:5.87", "ghost:5.88")).await, [""; 0]);
    desk.update(&web, |spec| {
        spec["TaskTemplate"]["ContainerSpec"]["Env"] = json!(["HACK=1"]);
    })
    .await;
    assert_eq!(
        plan(BLOG).await,
        [
            "warning: changed in the cluster since release 1, by hand or by skep on another machine: TaskTemplate.ContainerSpec.Env; this deployment overwrites that"
        ]
    );
    // The files say the same by now.
    let folded = BLOG.replace("ghost:5.87\n", "ghost:5.87\n    environment: {HACK: '1'}\n");
    assert_eq!(plan(&folded).await, [""; 0]);
    let (alone, _) = folded.split_once("  db:").unwrap();
    let alone = format!("{alone}networks: {{front: {{}}}}\n");
    assert_eq!(
        plan(&alone).await,
        ["service blog_db is no longer in the files, but stays: `skep deploy --prune` removes it"]
    );
}
