//! Stacks that others deployed, and their first release.

use crate::jobs::{
    Desk,
    stacks::{BLOG, blog, blog_name, deploy},
    way_back::{BROKEN, newer},
};
use jiff::Timestamp;
use skep::{
    domain::{
        deployment::{
            deploy::Mode,
            plan::canonical,
            release::{Release, ReleaseState},
        },
        swarm::{change::ServiceRef, cluster::ObjectKind},
    },
    engine::{ReadEngine, fake::FakeEngine},
    jobs::{
        News,
        deploy::RollbackOrder,
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
};
use std::collections::BTreeMap;

/// The blog, deployed by somebody whose state nobody here has.
async fn found(engine: FakeEngine) -> Desk {
    let folder = blog();
    let elsewhere = Desk::on(engine.clone());
    elsewhere.run(deploy(folder.path(), BLOG)).await;
    Desk::on(engine)
}

async fn well() -> Desk {
    found(FakeEngine::new(7, Timestamp::now())).await
}

fn back_to_the_first() -> Operation {
    Operation::RollBackStack(RollbackOrder {
        stack: blog_name(),
        revision: 1,
        with_registry_auth: false,
        message: String::new(),
        mode: Mode::Safe,
        confirmed: None,
    })
}

fn whole(action: StackAction) -> Operation {
    Operation::Stack(StackOperation { stack: blog_name(), action, parts: Vec::new() })
}

fn adopted(release: &Release) -> (u32, ReleaseState, bool) {
    (release.key.revision, release.state, release.adopted)
}

#[tokio::test(start_paused = true)]
async fn what_others_deployed_becomes_the_first_release_and_nothing_changes() {
    let desk = well().await;
    let before = desk.changes();
    let said = "adopted as release 1 of stack blog: 2 services as found";
    desk.run(Operation::Adopt(blog_name())).await.succeeds(said);
    assert_eq!(desk.changes(), before);
    let [release] = desk.releases().await.try_into().unwrap();
    assert_eq!(adopted(&release), (1, ReleaseState::Healthy, true));
    assert_eq!(release.healthy_services(), (2, 2));
    assert!(release.order.message.starts_with("adopted"), "{release:?}");
    let snapshot = desk.store().snapshot(&release.key).unwrap().unwrap();
    assert!(snapshot.sources.is_empty());
    assert_eq!(snapshot.specs.networks.keys().collect::<Vec<_>>(), ["blog_front"]);
    desk.run(Operation::Adopt(blog_name())).await.succeeds("has releases already");
    assert_eq!(desk.releases().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_deployment_over_a_found_stack_can_be_taken_back() {
    let (desk, folder) = (well().await, blog());
    let first = desk.specs().await;
    desk.run(deploy(folder.path(), &newer()))
        .await
        .succeeds("3 services run")
        .noted("what runs now is recorded as release 1 of stack blog");
    let states: Vec<_> = desk.releases().await.iter().map(adopted).collect();
    assert_eq!(states, [(2, ReleaseState::Healthy, false), (1, ReleaseState::Healthy, true)]);
    desk.run(back_to_the_first()).await.succeeds("2 services run").says("removed blog_cache");
    for (name, spec) in desk.specs().await {
        let [now, then] = [&spec, &first[&name]].map(|it| canonical::service(it, &BTreeMap::new()));
        assert_eq!(now, then);
    }
}

#[tokio::test(start_paused = true)]
async fn a_found_stack_that_was_removed_comes_back_whole() {
    let desk = well().await;
    desk.run(whole(StackAction::Remove)).await.succeeds("gone").noted("recorded as release 1");
    assert!(desk.specs().await.is_empty());
    desk.run(back_to_the_first()).await.succeeds("2 services run");
    for (kind, name) in [(ObjectKind::Networks, "blog_front"), (ObjectKind::Configs, "blog_my.cnf")]
    {
        let all = desk.engine.list(kind, Some("blog")).await.unwrap();
        assert!(all.iter().any(|it| it["Name"] == name || it["Spec"]["Name"] == name), "{all:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_well_when_it_is_found_is_no_release_to_go_back_to() {
    let engine = FakeEngine::new(7, Timestamp::now());
    let desk = found(engine).await;
    let _ = desk.engine.clone().breaking(BROKEN[0]);
    let services = desk.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    let target = ServiceRef { id: web.id.clone(), name: web.name.to_string() };
    desk.update(&target, |it| it["TaskTemplate"]["ForceUpdate"] = 1.into()).await;
    desk.until(async |it| it.services().await.unwrap().iter().any(|it| !it.converged())).await;
    desk.run(Operation::Adopt(blog_name())).await.succeeds("not well when it was found: blog_web");
    let release = desk.releases().await.remove(0);
    assert_eq!(adopted(&release), (1, ReleaseState::Unhealthy, true));
    assert_eq!(release.healthy_services(), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_our_own_is_never_adopted_and_one_that_is_not_there_neither() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(Operation::Adopt(blog_name())).await.fails("there is no stack `blog`");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let ended = desk.run(whole(StackAction::Stop)).await.succeeds("2 services stopped");
    assert!(!ended.news.iter().any(|it| matches!(it, News::Note(it) if it.contains("adopted"))));
    let releases = desk.releases().await;
    assert!(!releases.is_empty() && releases.iter().all(|it| !it.adopted));
}
