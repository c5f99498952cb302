//! Deployments that fail: where the stack is then, and what is remembered.

use crate::jobs::{
    Desk, Ended, ended,
    stacks::{BLOG, blog, deploy},
};
use jiff::Timestamp;
use serde_json::Value;
use skep::{
    domain::{
        deployment::{
            deploy::Mode,
            release::{ReleaseState, StepStage},
            resolve::Resolve,
        },
        swarm::cluster::ObjectKind,
    },
    engine::{
        ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::{News, Verdict, operations::Operation},
};
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::time::sleep;

pub const BROKEN: [&str; 2] = ["ghost:5.87", "ghost:5.88"];

fn desk(breaking: &str) -> Desk {
    Desk::on(FakeEngine::new(7, Timestamp::now()).breaking(breaking))
}

/// The blog with another image, and a service more.
pub fn newer() -> String {
    let more = "  cache:\n    image: redis:7\n    networks: [front]\nnetworks:";
    BLOG.replace(BROKEN[0], BROKEN[1]).replacen(
        "networks:\n  front: {}",
        &format!("{more}\n  front: {{}}"),
        1,
    )
}

fn fast(folder: &Path, text: &str) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.mode = Mode::Fast;
    Operation::Deploy(order)
}

/// The deployment of what no registry was asked for.
fn unasked(folder: &Path, text: &str) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.resolve = Resolve::Never;
    Operation::Deploy(order)
}

impl Desk {
    pub async fn specs(&self) -> BTreeMap<String, Value> {
        let services = self.engine.list(ObjectKind::Services, Some("blog")).await.unwrap();
        let named =
            |it: Value| (it["Spec"]["Name"].as_str().unwrap().to_owned(), it["Spec"].clone());
        services.into_iter().map(named).collect()
    }

    async fn states(&self) -> Vec<ReleaseState> {
        self.releases().await.into_iter().map(|it| it.state).collect()
    }
}

impl Ended {
    #[track_caller]
    pub fn goes_back(self, because: &str) {
        let back = matches!(&self.verdict, Verdict::RolledBack(why) if why.contains(because));
        assert!(back, "{self:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_crashes_brings_every_old_spec_back() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.specs().await;
    desk.run(deploy(folder.path(), &newer()))
        .await
        .goes_back("blog_web: the engine paused the update");
    assert_eq!(desk.specs().await, before);
    assert_eq!(desk.states().await, [ReleaseState::RolledBack, ReleaseState::Healthy]);
    let release = desk.releases().await.remove(0);
    let states: Vec<_> = release.services.iter().map(|it| (&**it.0, it.1.state)).collect();
    let back = ReleaseState::RolledBack;
    assert_eq!(states, [("blog_cache", back), ("blog_web", back)]);
    let error = release.services["blog_web"].error.as_deref().unwrap();
    assert!(error.contains("task: non-zero exit (1)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_first_deployment_that_fails_leaves_nothing_behind() {
    let (desk, folder) = (desk(BROKEN[0]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.goes_back("non-zero exit (1)");
    for kind in [ObjectKind::Services, ObjectKind::Configs, ObjectKind::Networks] {
        desk.until(async |engine| engine.list(kind, Some("blog")).await.unwrap().is_empty()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_task_dies_of_is_found_in_time() {
    for (behaviour, because) in [
        (Behaviour::Missing, "No such image"),
        (Behaviour::Crashes, "non-zero exit (1)"),
        (Behaviour::Private, "No such image"),
    ] {
        let engine = FakeEngine::new(7, Timestamp::now()).behaving(BROKEN[1], behaviour);
        let (desk, folder) = (Desk::on(engine), blog());
        desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
        desk.run(unasked(folder.path(), &newer())).await.goes_back(because);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_no_node_takes_turns_back_with_the_reason() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let nowhere = "deploy: {replicas: 2, placement: {constraints: [node.labels.disk == ssd]}}";
    let picky = BLOG.replace("deploy: {replicas: 2}", nowhere);
    desk.run(deploy(folder.path(), &picky)).await.goes_back("wait for a node");
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_fails_needs_a_person_and_says_what_differs() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    // By now the old image does not run any more either.
    let _ = desk.engine.clone().breaking(BROKEN[0]);
    let ended = desk.run(deploy(folder.path(), &newer())).await;
    let Verdict::NeedsPerson { differs, .. } = &ended.verdict else { panic!("{ended:#?}") };
    assert_eq!(differs.len(), 1);
    assert!(
        differs[0].starts_with("service blog_web: the engine paused the update"),
        "{differs:?}"
    );
    let hint = ended.verdict.hint().unwrap();
    assert!(
        hint.contains("fix the cause, then go back to release 1: `skep rollback blog 1`"),
        "{hint}"
    );
    assert_eq!(desk.states().await[0], ReleaseState::Failed);
}

#[tokio::test(start_paused = true)]
async fn what_is_live_and_ailing_is_not_what_it_goes_back_to() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    let _ = desk.engine.clone().breaking("ghost:5.89");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let healthy = desk.specs().await;
    let broken = BLOG.replace(BROKEN[0], BROKEN[1]);
    desk.run(fast(folder.path(), &broken)).await.fails("blog_web");
    assert_ne!(desk.specs().await, healthy);
    let worse = BLOG.replace(BROKEN[0], "ghost:5.89");
    desk.run(deploy(folder.path(), &worse)).await.goes_back("blog_web");
    let image = |specs: &BTreeMap<String, Value>| {
        specs["blog_web"]["TaskTemplate"]["ContainerSpec"]["Image"].clone()
    };
    assert_eq!(image(&desk.specs().await), image(&healthy));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_stopped_goes_back() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.specs().await;
    let (handle, mut heard) = desk.start(deploy(folder.path(), &newer()));
    loop {
        let news = heard.recv().await.unwrap().news;
        if matches!(&news, News::Step { doing, .. } if doing.contains("blog_web")) {
            break;
        }
    }
    drop(handle);
    ended(&mut heard).await.goes_back("the deployment was cancelled");
    assert_eq!(desk.specs().await, before);
}

#[tokio::test(start_paused = true)]
async fn a_fast_deployment_leaves_what_it_sent() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let failed = desk.run(fast(folder.path(), &newer())).await.fails("blog_web");
    // The release that was live before is the way back.
    failed.hints("what was sent stays").hints("`skep rollback blog 1`");
    assert_eq!(desk.specs().await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_step_is_in_the_journal_before_it_is_taken_and_after() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.specs().await;
    desk.run(deploy(folder.path(), &newer())).await.goes_back("blog_web");
    let journal = desk.store().journal_of(&desk.releases().await[0].key).unwrap();
    let steps: Vec<_> = journal.iter().map(|it| (it.step.to_string(), it.stage)).collect();
    let steps: Vec<_> = steps.iter().map(|it| (it.0.as_str(), it.1)).collect();
    assert_eq!(
        steps,
        [
            ("create service blog_cache", StepStage::Intended),
            ("update service blog_web", StepStage::Intended),
            ("create service blog_cache", StepStage::Done),
            ("update service blog_web", StepStage::Done),
            ("update service blog_web", StepStage::Intended),
            ("remove service blog_cache", StepStage::Intended),
            ("update service blog_web", StepStage::Undone),
            ("remove service blog_cache", StepStage::Undone),
        ]
    );
    assert_eq!(journal[1].detail["before"], before["blog_web"]);
}

#[tokio::test(start_paused = true)]
async fn services_are_sent_once_those_they_depend_on_run() {
    let (desk, folder) = (Desk::new(), blog());
    let text = BLOG.replace("  db:\n", "    depends_on: [db]\n  db:\n");
    desk.run(deploy(folder.path(), &text)).await.succeeds("2 services run");
    let writes = desk.changes();
    assert_eq!(writes[2..], ["create service blog_db", "create service blog_web"]);
    let services = desk.engine.services().await.unwrap();
    let born = |name: &str| services.iter().find(|it| &*it.name == name).unwrap().created;
    assert!(born("blog_db") < born("blog_web"));
}

#[tokio::test(start_paused = true)]
async fn a_job_is_done_when_it_completes_and_lost_when_it_keeps_failing() {
    let job = |image: &str| {
        let deploy = "deploy: {mode: replicated-job, replicas: 2}";
        BLOG.replace(BROKEN[0], image).replace("deploy: {replicas: 2}", deploy)
    };
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), &job(BROKEN[0]))).await.succeeds("2 services run");
    let services = desk.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    assert_eq!((web.running, web.completed), (0, 2));
    desk.run(deploy(folder.path(), &job(BROKEN[1]))).await.goes_back("its tasks keep failing");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_away_for_a_minute_changes_nothing_about_the_end() {
    let (desk, folder) = (desk(BROKEN[1]), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let before = desk.specs().await;
    for (text, states) in [
        (newer(), ReleaseState::RolledBack),
        (BLOG.replace(BROKEN[0], "ghost:5.86"), ReleaseState::Healthy),
    ] {
        let (_handle, mut heard) = desk.start(deploy(folder.path(), &text));
        let doing = |news: &News| matches!(news, News::Step { doing, .. } if doing.contains("0/2"));
        while !doing(&heard.recv().await.unwrap().news) {}
        desk.engine.link().cut();
        sleep(Duration::from_secs(60)).await;
        desk.engine.link().restore();
        let _ = ended(&mut heard).await;
        assert_eq!(desk.states().await[0], states);
        if states == ReleaseState::RolledBack {
            assert_eq!(desk.specs().await, before);
        }
    }
}
