//! What is refused before anything is touched.

use crate::jobs::{
    Desk,
    stacks::{BLOG, blog, deploy},
};
use jiff::Timestamp;
use skep::{
    domain::deployment::{deploy::Mode, resolve::Resolve},
    engine::fake::{Behaviour, FakeEngine},
    jobs::operations::Operation,
};

const IMAGE: &str = "ghost:5.87";

fn desk(behaviour: Behaviour) -> Desk {
    Desk::on(FakeEngine::new(7, Timestamp::now()).behaving(IMAGE, behaviour))
}

fn unasked(operation: Operation) -> Operation {
    let Operation::Deploy(mut order) = operation else { unreachable!() };
    order.resolve = Resolve::Never;
    Operation::Deploy(order)
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_not_there_is_refused_at_its_line_unless_nobody_asks() {
    let (desk, folder) = (desk(Behaviour::Missing), blog());
    let ended = desk.run(deploy(folder.path(), BLOG)).await;
    ended
        .fails("blog.yml:2:3: service web: image ghost:5.87: its registry does not have it")
        .fails("[image-missing]")
        .hints("--resolve-image never");
    assert!(desk.changes().is_empty() && desk.releases().await.is_empty());
    desk.run(unasked(deploy(folder.path(), BLOG))).await.says("No such image");
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_wants_credentials_is_no_reason_to_refuse_as_long_as_none_are_sent() {
    let (desk, folder) = (desk(Behaviour::Private), blog());
    desk.run(deploy(folder.path(), BLOG)).await.noted("[image-private]");
    let Operation::Deploy(mut order) = deploy(folder.path(), BLOG) else { unreachable!() };
    order.with_registry_auth = true;
    // Nobody is logged in here.
    desk.run(Operation::Deploy(order))
        .await
        .fails("docker has none for it here")
        .fails("[image-denied]");
}

#[tokio::test(start_paused = true)]
async fn more_than_the_cluster_has_is_told_and_not_refused() {
    let (desk, folder) = (Desk::new(), blog());
    let large = "deploy: {replicas: 0, resources: {reservations: {cpus: '3'}}}";
    let large = BLOG.replace("deploy: {replicas: 2}", &large.replace('0', "40"));
    let Operation::Deploy(mut order) = deploy(folder.path(), &large) else { unreachable!() };
    order.mode = Mode::Detached;
    desk.run(Operation::Deploy(order)).await.succeeds("sent").noted("[no-room]");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_change_the_swarm_is_refused_with_what_to_do() {
    let folder = blog();
    for (engine, why, hint) in [
        (FakeEngine::new(7, Timestamp::now()).worker(), "only managers know", "run skep there"),
        (FakeEngine::new(7, Timestamp::now()).no_swarm(), "not part of a swarm", "swarm init"),
    ] {
        let desk = Desk::on(engine);
        desk.run(deploy(folder.path(), BLOG)).await.fails(why).hints(hint);
        assert!(desk.changes().is_empty());
    }
}
