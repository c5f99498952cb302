//! What nobody needs any more goes, and nothing else.

use crate::jobs::{
    Desk, ended,
    stacks::{BLOG, blog, blog_name, deploy},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use skep::{
    domain::{
        deployment::{
            gc::{Bounds, YOUNG},
            lease::Lease,
        },
        swarm::{
            change::{Change, Confidential},
            cluster::ObjectKind,
            names::STACK_LABEL,
        },
    },
    engine::{Engine, ReadEngine, fake::FakeEngine},
    jobs::{News, gc::Sweep, operations::Operation},
};
use std::time::Duration;
use tokio::time::sleep;

const USUAL: Bounds = Bounds { keep: 10, all: false };

/// A swarm whose clock is behind that of this machine.
fn desk() -> Desk {
    Desk::on(FakeEngine::new(7, Timestamp::now() - Duration::from_secs(1_200)))
}

impl Desk {
    async fn secret(&self, name: &str, stack: Option<&str>) {
        let labels = stack.map_or(json!({}), |it| json!({ STACK_LABEL: it }));
        let body = Confidential(json!({ "Name": name, "Labels": labels, "Data": "eA==" }));
        let name = name.to_owned();
        self.engine.apply(&Change::CreateSecret { name, body }).await.unwrap();
    }

    async fn all_names(&self, kind: ObjectKind) -> Vec<String> {
        let all = self.engine.list(kind, None).await.unwrap();
        let name = |it: &Value| it["Spec"]["Name"].as_str().unwrap_or_default().to_owned();
        all.iter().map(name).collect()
    }

    /// What there is to clean up once all that is there is old enough.
    async fn waste(&self, bounds: Bounds) -> Sweep {
        sleep(YOUNG).await;
        Sweep::of(&self.engine, &self.session.store, bounds).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_needs_goes_and_what_a_release_needs_stays() {
    let (desk, folder) = (desk(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    // The config of the first release is used by nobody now, and needed by that.
    let without = BLOG.replace("    configs: [my.cnf]\n", "");
    desk.run(deploy(folder.path(), &without)).await.succeeds("2 services run");
    desk.secret("blog_key", Some("blog")).await;
    desk.secret("gone_key", Some("gone")).await;
    desk.secret("by-hand", None).await;
    assert_eq!(desk.waste(USUAL).await.parts, ["secret blog_key", "secret gone_key"]);
    let all = desk.waste(Bounds { all: true, ..USUAL }).await;
    assert_eq!(all.parts[1], "secret by-hand (of no stack)");
    let sweep = desk.waste(USUAL).await;
    desk.run(Operation::CleanUp(sweep)).await.succeeds("2 secrets gone");
    assert_eq!(desk.all_names(ObjectKind::Secrets).await, ["by-hand"]);
    assert_eq!(desk.all_names(ObjectKind::Configs).await, ["blog_my.cnf"]);
    let line = desk.store().audit(1).unwrap().remove(0);
    assert_eq!((&*line.action, &*line.object), ("clean up", "the swarm"));
    // With its release forgotten, the config is still in the previous spec of a service.
    let narrow = desk.waste(Bounds { keep: 1, all: false }).await;
    assert_eq!(narrow.parts, ["release 1 of blog"]);
    desk.run(Operation::CleanUp(narrow)).await.succeeds("1 release gone");
    assert_eq!(desk.releases().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_young_by_the_clock_of_the_swarm_stays_whatever_ours_says() {
    let desk = desk();
    desk.secret("blog_key", Some("blog")).await;
    let found = Sweep::of(&desk.engine, &desk.session.store, USUAL).await.unwrap();
    assert_eq!(found.parts, [""; 0]);
    assert_eq!(desk.waste(USUAL).await.parts, ["secret blog_key"]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_uses_since_it_was_shown_stays() {
    let (desk, folder) = (desk(), blog());
    desk.secret("blog_key", Some("blog")).await;
    let sweep = desk.waste(USUAL).await;
    let with = BLOG.replace("    configs: [my.cnf]", "    secrets: [key]");
    let with = with + "secrets:\n  key: {external: true, name: blog_key}\n";
    desk.run(deploy(folder.path(), &with)).await.succeeds("2 services run");
    desk.run(Operation::CleanUp(sweep)).await.fails("secret blog_key: it is needed again");
    assert_eq!(desk.all_names(ObjectKind::Secrets).await, ["blog_key"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_meanwhile_does_no_harm() {
    let desk = desk();
    desk.secret("blog_key", Some("blog")).await;
    let sweep = desk.waste(USUAL).await;
    let id = desk.engine.list(ObjectKind::Secrets, None).await.unwrap()[0]["ID"]
        .as_str()
        .unwrap()
        .to_owned();
    let name = "blog_key".to_owned();
    desk.engine.apply(&Change::RemoveSecret { id, name }).await.unwrap();
    desk.run(Operation::CleanUp(sweep)).await.succeeds("1 secret gone");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_there_still_is_never_counted_as_gone() {
    let (mut gone, mut stays) = (0, 0);
    // Wherever the engine is lost on the way.
    for calls in 1..40 {
        let desk = desk();
        let lease = Lease {
            holder: "bob@m2 (pid 7)".to_owned(),
            token: "theirs".to_owned(),
            purpose: "deploy blog".to_owned(),
            since: Timestamp::now(),
        };
        desk.engine.apply(&lease.creation(&blog_name(), Timestamp::now())).await.unwrap();
        let sweep = desk.waste(USUAL).await;
        assert_eq!(sweep.parts, ["lease skep-lease-blog"]);
        // It is watched for its life first.
        let engine = desk.engine.clone();
        let (_handle, mut heard) = desk.start(Operation::CleanUp(sweep));
        while !matches!(&heard.recv().await.unwrap().news, News::Note(it) if it.contains("took over the lease"))
        {
        }
        let _ = engine.unreachable_after(calls);
        let said = ended(&mut heard).await.verdict.to_string();
        desk.engine.clone().unreachable_after(u64::MAX).link().restore();
        let there = !desk.all_names(ObjectKind::Configs).await.is_empty();
        assert_eq!(said.contains("1 lease gone"), !there, "after {calls} calls: {said}");
        (gone, stays) = (gone + usize::from(!there), stays + usize::from(there));
    }
    assert!(gone > 2 && stays > 2, "{gone} {stays}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_expired_goes_after_it_was_watched_and_one_that_is_alive_never() {
    let desk = desk();
    let lease = Lease {
        holder: "bob@m2 (pid 7)".to_owned(),
        token: "theirs".to_owned(),
        purpose: "deploy blog".to_owned(),
        since: Timestamp::now(),
    };
    desk.engine.apply(&lease.creation(&blog_name(), Timestamp::now())).await.unwrap();
    desk.secret("blog_key", Some("blog")).await;
    let sweep = desk.waste(USUAL).await;
    assert_eq!(sweep.parts, ["lease skep-lease-blog"]);
    desk.run(Operation::CleanUp(sweep)).await.succeeds("1 lease gone").noted("it was not renewed");
    assert!(desk.all_names(ObjectKind::Configs).await.is_empty());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(desk.waste(USUAL).await.parts, ["secret blog_key"]);
}
