//! The plan that was confirmed is the plan that is carried out, or nothing is.

use crate::jobs::{
    Desk, Ended, ended,
    rollback::back_to,
    stacks::{BLOG, blog, deploy},
    way_back::newer,
};
use serde_json::json;
use skep::{
    domain::{deployment::plan::Digest, swarm::change::ServiceRef},
    jobs::{
        News, Verdict,
        deploy::{DeployOrder, Proposal, outline},
        operations::Operation,
    },
};
use std::{fs, path::Path, time::Duration};

impl Desk {
    /// The order of a text whose plan was looked at and confirmed just now.
    async fn confirmed(&self, folder: &Path, text: &str) -> DeployOrder {
        let Operation::Deploy(order) = deploy(folder, text) else { unreachable!() };
        let digest = self.looked_at(&Proposal::Files(order.clone())).await;
        DeployOrder { confirmed: Some(digest), ..*order }
    }

    /// The digest of a plan as the cockpit shows it.
    async fn looked_at(&self, proposal: &Proposal) -> Digest {
        outline(&self.engine, &self.session.store, proposal).await.unwrap().digest
    }

    async fn blog_web(&self) -> ServiceRef {
        use skep::engine::ReadEngine;
        let services = self.engine.services().await.unwrap();
        let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
        ServiceRef { id: web.id.clone(), name: web.name.to_string() }
    }
}

impl Ended {
    /// Nothing was done, and the job tells the plan that there is now.
    #[track_caller]
    fn shows_another_plan(self, difference: &str) -> Self {
        let told = |it: &News| {
            matches!(it, News::Replanned(preview, differences)
                if differences.iter().any(|it| it == difference) && preview.digest != Digest::default())
        };
        assert!(self.news.iter().any(told), "{self:#?}");
        self.fails("the plan changed since it was confirmed").hints("nothing was changed")
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_the_same_still_is_carried_out() {
    let (desk, folder) = (Desk::new(), blog());
    let order = desk.confirmed(folder.path(), BLOG).await;
    desk.run(Operation::Deploy(Box::new(order))).await.succeeds("2 services run");
    // What raises the version of a service and leaves its spec is no other plan.
    let order = desk.confirmed(folder.path(), &newer()).await;
    let web = desk.blog_web().await;
    desk.update(&web, |_| {}).await;
    desk.run(Operation::Deploy(Box::new(order))).await.succeeds("3 services run");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_since_is_not_written_over() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let order = desk.confirmed(folder.path(), &newer()).await;
    let web = desk.blog_web().await;
    desk.update(&web, |it| it["Labels"]["owner"] = json!("ann")).await;
    let (before, releases) = (desk.changes(), desk.releases().await.len());
    let ended = desk.run(Operation::Deploy(Box::new(order))).await;
    ended.shows_another_plan("service blog_web would change differently");
    assert_eq!(desk.changes(), before);
    assert_eq!(desk.releases().await.len(), releases);
    assert_eq!(desk.live(&web).await["Spec"]["Labels"]["owner"], "ann");
}

#[tokio::test(start_paused = true)]
async fn a_file_beside_the_text_that_changed_since_is_not_deployed_unseen() {
    let (desk, folder) = (Desk::new(), blog());
    let order = desk.confirmed(folder.path(), BLOG).await;
    fs::write(folder.path().join("my.cnf"), "[mysqld]\nmax_connections = 1\n").unwrap();
    let ended = desk.run(Operation::Deploy(Box::new(order))).await;
    let Verdict::Failed { why, .. } = &ended.verdict else { panic!("{ended:#?}") };
    assert!(why.contains("the plan changed since it was confirmed: config blog_my.cnf"), "{why}");
    assert!(desk.changes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_another_does_not_do_what_was_planned_before() {
    let (ann, folder) = (Desk::new(), blog());
    ann.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let bob = ann.beside("bob");
    let theirs = BLOG.replace("ghost:5.87", "ghost:5.86");
    let mut order = bob.confirmed(folder.path(), &newer()).await;
    order.wait = Duration::from_secs(600);
    let (_handle, mut heard) = ann.begun(deploy(folder.path(), &theirs)).await;
    let (first, second) =
        tokio::join!(ended(&mut heard), bob.run(Operation::Deploy(Box::new(order))));
    first.succeeds("2 services run");
    second.shows_another_plan("service blog_web would change differently");
    ann.leaves_no_lease().await;
}

#[tokio::test(start_paused = true)]
async fn a_release_comes_back_only_as_it_was_shown() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    let Operation::RollBackStack(wish) = back_to(1) else { unreachable!() };
    let earlier = Proposal::Earlier(wish);
    let shown = earlier.confirmed(&desk.looked_at(&earlier).await);
    let web = desk.blog_web().await;
    desk.update(&web, |it| it["TaskTemplate"]["ContainerSpec"]["Image"] = json!("ghost:5.88"))
        .await;
    let before = desk.changes();
    let ended = desk.run(Operation::from(shown)).await;
    ended.shows_another_plan("service blog_web would change differently");
    assert_eq!(desk.changes(), before);
    // Once that is confirmed it comes back.
    let shown = earlier.confirmed(&desk.looked_at(&earlier).await);
    desk.run(Operation::from(shown)).await.succeeds("2 services run");
}
