//! Deployments of a stack that is not alone: ailing neighbours, an engine with a will of
//! its own, somebody with docker.

use crate::jobs::{
    Desk,
    stacks::{BLOG, blog, deploy},
    way_back::BROKEN,
};
use jiff::Timestamp;
use skep::{
    domain::{
        deployment::{deploy::Mode, release::ReleaseState},
        swarm::change::ServiceRef,
    },
    engine::{ReadEngine, fake::FakeEngine},
    jobs::operations::Operation,
};
use std::path::Path;

fn desk(breaking: &str) -> Desk {
    Desk::on(FakeEngine::new(7, Timestamp::now()).breaking(breaking))
}

fn detached(folder: &Path, text: &str) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.mode = Mode::Detached;
    Operation::Deploy(order)
}

impl Desk {
    async fn named(&self, name: &str) -> ServiceRef {
        let services = self.engine.services().await.unwrap();
        let found = services.iter().find(|it| &*it.name == name).unwrap();
        ServiceRef { id: found.id.clone(), name: name.to_owned() }
    }

    async fn image_of(&self, name: &str) -> String {
        let live = self.live(&self.named(name).await).await;
        let image = &live["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"];
        image.as_str().unwrap().split('@').next().unwrap().to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_was_ailing_before_is_no_reason_to_go_back() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let _ = desk.engine.clone().breaking("mysql:8.4");
    let service = desk.named("blog_db").await;
    desk.run(Operation::Restart { service }).await.fails("blog_db");
    let text = BLOG.replace(BROKEN[0], "ghost:5.90");
    desk.run(deploy(folder.path(), &text)).await.fails("blog_db").hints("what was sent stays");
    assert_eq!(desk.image_of("blog_web").await, "ghost:5.90");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_rolls_back_by_itself_helps_the_way_back() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    let rolling = |image: &str| {
        let deploy = "deploy: {replicas: 2, update_config: {failure_action: rollback}}";
        BLOG.replace("deploy: {replicas: 2}", deploy).replace(BROKEN[0], image)
    };
    desk.run(deploy(folder.path(), &rolling(BROKEN[0]))).await.succeeds("2 services run");
    let before = desk.specs().await;
    desk.run(deploy(folder.path(), &rolling(BROKEN[1]))).await.goes_back("blog_web");
    assert_eq!(desk.specs().await, before);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_watched_is_not_what_anybody_goes_back_to() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let broken = BLOG.replace(BROKEN[0], BROKEN[1]);
    desk.run(detached(folder.path(), &broken)).await.succeeds("skep did not wait");
    let states: Vec<ReleaseState> = desk.releases().await.into_iter().map(|it| it.state).collect();
    assert_eq!(states, [ReleaseState::Sent, ReleaseState::Healthy]);
}
