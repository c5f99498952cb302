//! One writer per stack: who gets the lease, and what is left of it.

use crate::jobs::{
    Desk, Ended, ended, scale,
    stacks::{BLOG, blog, deploy},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use skep::{
    domain::{
        deployment::release::ReleaseState,
        swarm::{
            change::{Change, ServiceRef},
            cluster::{Object, ObjectKind},
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::{JobHandle, JobReport, News, Verdict, operations::Operation},
};
use std::{fs, path::Path, time::Duration};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep},
};

const NAME: &str = "skep-lease-blog";

fn waiting(folder: &Path, seconds: u64) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, BLOG) else { unreachable!() };
    order.wait = Duration::from_secs(seconds);
    Operation::Deploy(order)
}

impl Desk {
    async fn lease(&self) -> Option<Value> {
        self.engine.inspect(&Object::Config(NAME.to_owned())).await.ok()
    }

    /// Another operator at the same swarm.
    pub fn beside(&self, user: &str) -> Self {
        let mut desk = Self::on(self.engine.clone());
        user.clone_into(&mut desk.session.who.user);
        desk
    }

    /// Starts a deployment and lets it go until it watches its services.
    pub async fn begun(&self, operation: Operation) -> (JobHandle, UnboundedReceiver<JobReport>) {
        let (handle, mut heard) = self.start(operation);
        loop {
            let news = heard.recv().await.unwrap().news;
            if matches!(&news, News::Step { doing, .. } if doing.contains("blog_web 0/2")) {
                return (handle, heard);
            }
        }
    }

    /// Puts a lease there that nobody renews.
    async fn orphan(&self, token: &str) {
        let labels = json!({
            "skep.lease.holder": "bob@m2 (pid 9)", "skep.lease.token": token,
            "skep.lease.purpose": "deploy blog", "skep.lease.since": "2026-05-01T12:00:00Z",
        });
        let body = json!({ "Name": NAME, "Labels": labels, "Data": "aGk=" });
        let change = match self.lease().await {
            None => Change::CreateConfig { name: NAME.to_owned(), body },
            Some(live) => Change::UpdateConfig {
                id: live["ID"].as_str().unwrap().to_owned(),
                name: NAME.to_owned(),
                version: live["Version"]["Index"].as_u64().unwrap(),
                body: json!({ "Name": NAME, "Labels": labels }),
            },
        };
        self.engine.apply(&change).await.unwrap();
    }

    pub async fn leaves_no_lease(&self) {
        let configs = self.engine.list(ObjectKind::Configs, None).await.unwrap();
        let names = configs.iter().map(|it| it["Spec"]["Name"].as_str().unwrap());
        let left: Vec<_> = names.filter(|it| it.starts_with("skep-lease-")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_of_two_deployments_is_refused_and_touches_nothing() {
    let (ann, folder) = (Desk::new(), blog());
    let (_handle, mut heard) = ann.begun(deploy(folder.path(), BLOG)).await;
    let lease = ann.lease().await.unwrap();
    assert!(lease["Spec"]["Labels"].get("com.docker.stack.namespace").is_none());
    let before = ann.engine.writes();
    let refused = ann.beside("bob").run(deploy(folder.path(), BLOG)).await;
    let refused = refused.fails("stack blog is being changed by somebody else: ann@m1 (pid ");
    refused.fails("has been running `deploy blog` since ").hints("--wait 10m");
    assert_eq!(ann.engine.writes(), before);
    ended(&mut heard).await.succeeds("2 services run");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn a_config_that_is_no_lease_is_not_waited_for() {
    let (ann, folder) = (Desk::new(), blog());
    let body = json!({ "Name": NAME, "Labels": {}, "Data": "aGk=" });
    let change = Change::CreateConfig { name: NAME.to_owned(), body };
    ann.engine.apply(&change).await.unwrap();
    let began = Instant::now();
    let refused = ann.run(waiting(folder.path(), 600)).await;
    let refused = refused.fails("config skep-lease-blog has the name of a lease, but is not one");
    let refused = refused.hints("`docker config inspect skep-lease-blog` shows who made it");
    refused.hints("`docker config rm skep-lease-blog` removes it");
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(ann.lease().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn of_two_that_begin_in_the_same_moment_one_wins() {
    let (ann, folder) = (Desk::new(), blog());
    let bob = ann.beside("bob");
    let (one, other) =
        tokio::join!(ann.run(deploy(folder.path(), BLOG)), bob.run(deploy(folder.path(), BLOG)));
    let wins = [&one, &other].into_iter().filter(|it| it.verdict.succeeded()).count();
    assert_eq!(wins, 1, "{one:#?} {other:#?}");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_goes_on_when_the_other_is_done() {
    let (ann, folder) = (Desk::new(), blog());
    let (_handle, mut heard) = ann.begun(deploy(folder.path(), BLOG)).await;
    let bob = ann.beside("bob");
    let (first, second) = tokio::join!(ended(&mut heard), bob.run(waiting(folder.path(), 600)));
    first.succeeds("2 services run");
    let told = |it: &News| matches!(it, News::Step { doing, .. } if doing.contains("wait: stack blog is being changed by somebody else"));
    assert!(second.news.iter().any(told), "{second:#?}");
    second.succeeds("2 services run");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn different_stacks_do_not_hinder_each_other() {
    let (ann, folder) = (Desk::new(), blog());
    let Operation::Deploy(mut order) = deploy(folder.path(), BLOG) else { unreachable!() };
    order.stack = "news".parse().unwrap();
    let bob = ann.beside("bob");
    let (one, other) =
        tokio::join!(ann.run(deploy(folder.path(), BLOG)), bob.run(Operation::Deploy(order)));
    one.succeeds("2 services run");
    other.succeeds("2 services run");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_renews_is_taken_over_after_its_life_by_one() {
    let (ann, folder) = (Desk::new(), blog());
    ann.orphan("theirs").await;
    let (bob, began) = (ann.beside("bob"), Instant::now());
    let (one, other) =
        tokio::join!(ann.run(waiting(folder.path(), 65)), bob.run(waiting(folder.path(), 65)),);
    assert!(began.elapsed() >= Duration::from_secs(60), "{:?}", began.elapsed());
    let over = |it: &&Ended| {
        let noted = |it: &News| matches!(it, News::Note(note) if note.contains("took over the lease") && note.contains("bob@m2 (pid 9)"));
        it.news.iter().any(noted)
    };
    assert_eq!([&one, &other].into_iter().filter(over).count(), 1, "{one:#?} {other:#?}");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_kept_while_a_deployment_takes_longer_than_its_life() {
    let (ann, folder) = (Desk::new(), blog());
    let patient = BLOG.replace("deploy: {", "deploy: {labels: {skep.window: 5m}, ");
    let (_handle, mut heard) = ann.begun(deploy(folder.path(), &patient)).await;
    ann.beside("bob")
        .run(waiting(folder.path(), 200))
        .await
        .fails("being changed by somebody else");
    ended(&mut heard).await.succeeds("2 services run");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn once_the_lease_is_lost_nothing_is_written_and_a_person_is_needed() {
    let engine = FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.88");
    let (ann, folder) = (Desk::on(engine), blog());
    ann.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let wait = "deploy: {labels: {skep.deadline: 2m}, update_config: {failure_action: continue}, ";
    let broken = BLOG.replace("ghost:5.87", "ghost:5.88").replace("deploy: {", wait);
    let (_handle, mut heard) = ann.start(deploy(folder.path(), &broken));
    let doing =
        |news: &News| matches!(news, News::Step { doing, .. } if doing.contains("blog_web "));
    while !doing(&heard.recv().await.unwrap().news) {}
    ann.orphan("thief").await;
    let before = ann.changes();
    // Who takes a lease over has seen no renewal for its life; the holder was cut off.
    ann.engine.link().cut();
    sleep(Duration::from_secs(45)).await;
    ann.engine.link().restore();
    let lost = ended(&mut heard).await;
    let Verdict::NeedsPerson { differs, .. } = &lost.verdict else { panic!("{lost:#?}") };
    assert!(
        differs[0].contains("the lease is lost: stack blog is being changed by somebody else"),
        "{differs:?}"
    );
    assert_eq!(ann.changes(), before);
    assert_eq!(ann.lease().await.unwrap()["Spec"]["Labels"]["skep.lease.token"], "thief");
}

#[tokio::test(start_paused = true)]
async fn no_end_leaves_a_lease() {
    let folder = blog();
    let failing = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.87"));
    let ended_badly = failing.run(deploy(folder.path(), BLOG)).await;
    assert!(matches!(ended_badly.verdict, Verdict::RolledBack(_)), "{ended_badly:#?}");
    failing.leaves_no_lease().await;

    let refused = Desk::new();
    refused.run(deploy(folder.path(), "services: 1")).await.fails("blog.yml");
    refused.leaves_no_lease().await;

    let stopped = Desk::new();
    let (handle, mut heard) = stopped.begun(deploy(folder.path(), BLOG)).await;
    drop(handle);
    let _ = ended(&mut heard).await;
    stopped.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn a_deployment_with_nothing_to_do_writes_nothing_not_even_a_lease() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.engine.writes();
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    assert_eq!(desk.engine.writes(), before);
}

#[tokio::test(start_paused = true)]
async fn a_single_service_of_a_stack_is_left_alone_while_somebody_deploys_it() {
    let (ann, folder) = (Desk::new(), blog());
    let (_handle, mut heard) = ann.begun(deploy(folder.path(), BLOG)).await;
    let services = ann.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    let web = ServiceRef { id: web.id.clone(), name: web.name.to_string() };
    let bob = ann.beside("bob");
    bob.run(scale(&web, 3)).await.fails("stack blog is being changed by somebody else: ann@m1");
    let _ = ended(&mut heard).await;
    bob.run(scale(&web, 3)).await.succeeds("3/3 tasks run");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn the_stack_is_kept_until_the_end_of_its_release_is_written() {
    let (desk, folder) = (Desk::new(), blog());
    let (_handle, mut heard) = desk.begun(deploy(folder.path(), BLOG)).await;
    let (state, aside) = (desk.store().path(), desk.store().path().with_extension("aside"));
    fs::rename(&state, &aside).unwrap();
    fs::create_dir(&state).unwrap();
    let tries =
        |it: &News| matches!(it, News::Note(it) if it.contains("skep keeps trying for 180s"));
    while !tries(&heard.recv().await.unwrap().news) {}
    assert!(desk.lease().await.is_some());
    fs::remove_dir(&state).unwrap();
    fs::rename(&aside, &state).unwrap();
    ended(&mut heard).await.succeeds("2 services run");
    assert_eq!(desk.releases().await[0].state, ReleaseState::Healthy);
    desk.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn an_end_that_cannot_be_written_is_told_with_what_to_do() {
    let (desk, folder) = (Desk::new(), blog());
    let (_handle, mut heard) = desk.begun(deploy(folder.path(), BLOG)).await;
    let (state, aside) = (desk.store().path(), desk.store().path().with_extension("aside"));
    fs::rename(&state, &aside).unwrap();
    fs::create_dir(&state).unwrap();
    let ended = ended(&mut heard).await.noted("`skep recover blog --finish` records its end");
    ended.succeeds("2 services run");
    desk.leaves_no_lease().await;
    fs::remove_dir(&state).unwrap();
    fs::rename(&aside, &state).unwrap();
    assert_eq!(desk.releases().await[0].state, ReleaseState::Interrupted);
}
