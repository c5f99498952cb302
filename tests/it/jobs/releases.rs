//! What is remembered of deployments that change nothing, of what ended later, and of
//! what nobody saw end.

use crate::jobs::{
    Desk, ended,
    stacks::{BLOG, blog, blog_name, deploy},
    way_back::{BROKEN, newer},
};
use jiff::Timestamp;
use skep::{
    domain::{
        deployment::{
            deploy::Mode,
            release::{
                JournalEntry, Release,
                ReleaseState::{self, Healthy, Removed, RolledBack},
                Snapshot, StepStage,
            },
            rollback::LiveRelease,
            verdict::Verdict,
        },
        swarm::{
            cluster::{Object, Service, TaskScope},
            write::Write,
        },
    },
    engine::{
        ReadEngine,
        fake::{Behaviour, FakeEngine},
    },
    jobs::{
        News,
        deploy::rollback,
        operations::Operation,
        release_health::judge,
        release_reader::ReleaseReader,
        stack::{StackAction, StackOperation},
    },
    store::Opening,
};
use std::{path::Path, time::Duration};
use tokio::time::sleep;

impl Desk {
    async fn goes_back_to(&self) -> Result<u32, String> {
        let store = &self.session.store;
        rollback::target(&self.engine, store, &blog_name()).await.map_err(|it| it.to_string())
    }

    async fn remembers(&self) -> Vec<(u32, ReleaseState)> {
        self.releases().await.into_iter().map(|it| (it.key.revision, it.state)).collect()
    }

    /// Judges, as if so many tasks of each service ran.
    async fn judges(&self, running: impl Fn(u64) -> u64) {
        let swarm = self.engine.inspect(&Object::Swarm).await.unwrap();
        let cluster = swarm["ID"].as_str().unwrap().to_owned();
        let mut services = self.engine.services().await.unwrap().to_vec();
        for service in &mut services {
            service.running = running(service.desired);
        }
        judge(self.store(), cluster, services.into()).await.unwrap();
    }
}

fn removal() -> Operation {
    Operation::Stack(StackOperation {
        stack: blog_name(),
        action: StackAction::Remove,
        parts: Vec::new(),
    })
}

#[tokio::test(start_paused = true)]
async fn what_changes_nothing_is_no_release_and_nothing_to_go_back_to() {
    let (desk, folder) = (Desk::new(), blog());
    let _ = desk.engine.clone().breaking("ghost:5.89");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    for _ in 0..3 {
        let ended = desk.run(deploy(folder.path(), &newer())).await;
        ended.succeeds("nothing to do, release 2 stays: 3 services run");
    }
    let broken = newer().replace(BROKEN[1], "ghost:5.89");
    desk.run(deploy(folder.path(), &broken)).await.goes_back("blog_web");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("nothing to do, release 2 stays");
    assert_eq!(desk.remembers().await, [(3, RolledBack), (2, Healthy), (1, Healthy)]);
    assert_eq!(desk.goes_back_to().await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_verdict_says_which_release_is_live_and_what_was_removed_again() {
    let (desk, folder) = (Desk::new(), blog());
    let _ = desk.engine.clone().breaking("ghost:5.89").breaking("redis:8");
    let first = BLOG.replace(BROKEN[0], "ghost:5.89");
    let said = desk.run(deploy(folder.path(), &first)).await.verdict.to_string();
    assert!(said.contains("were new and are removed again; all is as it was"), "{said}");
    assert!(!said.contains("stays live"), "{said}");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("release 2 is live");
    let more = BLOG.replace("services:\n", "services:\n  cache:\n    image: redis:8\n");
    let said = desk.run(deploy(folder.path(), &more)).await.verdict.to_string();
    assert!(said.contains("blog_cache was new and is removed again"), "{said}");
    assert!(said.ends_with("; release 2 stays live"), "{said}");
    let reason = desk.releases().await.remove(0).reason.unwrap();
    assert!(!reason.contains("stays live"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_before_anything_was_written_is_not_live() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("release 1 is live");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("release 2 is live");
    let swarm = desk.engine.inspect(&Object::Swarm).await.unwrap();
    let cluster = swarm["ID"].as_str().unwrap().to_owned();
    let mut order = desk.releases().await.remove(0).order;
    order.message = "refused at once".to_owned();
    let opening = Opening {
        cluster,
        stack: blog_name(),
        order,
        snapshot: Snapshot::default(),
        driver: "nobody".to_owned(),
        replaces: None,
    };
    let failed = desk.store().open_release(opening).unwrap().unwrap();
    let step = |stage, refused: bool| JournalEntry {
        at: Timestamp::now(),
        step: Write::parse("update service blog_web").unwrap().into(),
        stage,
        detail: serde_json::json!({ "refused": refused }),
    };
    let steps = vec![step(StepStage::Intended, false), step(StepStage::Failed, true)];
    desk.store().journal(&failed.key, false, steps).unwrap();
    desk.store().update_release(&failed.key, |it| it.state = ReleaseState::Failed).unwrap();
    assert_eq!(desk.goes_back_to().await, Ok(1));
    let store = &desk.session.store;
    let reader = ReleaseReader::of(&desk.engine, store, &blog_name()).await.unwrap();
    let live = reader.history().await.unwrap().1;
    assert_eq!(live, Some(LiveRelease { revision: 2, whole: true }));
}

#[tokio::test(start_paused = true)]
async fn the_board_of_what_changes_nothing_ends_as_well_as_its_verdict() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let ended = desk.run(deploy(folder.path(), BLOG)).await;
    let board = ended.news.iter().rev().find_map(|it| match it {
        News::Progress(board) => Some(board),
        _ => None,
    });
    let steps: Vec<String> =
        board.unwrap().steps.iter().map(|it| format!("{} {:?}", it.phase, it.state)).collect();
    assert_eq!(steps, ["plan Done", "lock Done", "gate Done"]);
}

#[tokio::test(start_paused = true)]
async fn a_comment_in_the_file_is_a_release_that_nobody_goes_back_behind() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &format!("# note\n{BLOG}"))).await.succeeds("2 services run");
    assert_eq!(desk.remembers().await.len(), 2);
    assert!(desk.goes_back_to().await.unwrap_err().contains("no earlier healthy release"));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_removed_has_no_healthy_release_and_can_come_back() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    desk.run(removal()).await.succeeds("3 services");
    assert_eq!(desk.remembers().await, [(2, Removed), (1, Healthy)]);
    let reason = desk.releases().await.remove(0).reason.unwrap();
    assert!(reason.starts_with("the stack was removed by ann@m1, "), "{reason}");
    assert_eq!(desk.goes_back_to().await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_release_turns_unhealthy_with_its_services_and_healthy_with_them() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.judges(|all| all).await;
    assert_eq!(desk.remembers().await, [(1, ReleaseState::Healthy)]);
    desk.judges(|all| all - 1).await;
    let release = desk.releases().await.remove(0);
    assert_eq!(release.state, ReleaseState::Unhealthy);
    let reason = release.reason.unwrap();
    assert!(reason.starts_with("not well since "), "{reason}");
    assert!(reason.ends_with(": db 0/1, web 1/2"), "{reason}");
    desk.judges(|all| all).await;
    let release = desk.releases().await.remove(0);
    assert_eq!(release.state, ReleaseState::Healthy);
    // It stays on record.
    let reason = release.reason.unwrap();
    assert!(reason.starts_with("was not well from "), "{reason}");
    assert!(reason.contains(": db 0/1, web 1/2; well again by "), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_nobody_looked_at_is_judged_before_another_takes_its_place() {
    let engine = FakeEngine::new(7, Timestamp::now());
    let ends = Behaviour::EndsAfter(Duration::from_secs(300));
    let (desk, folder) = (Desk::on(engine.behaving("mysql:8.4", ends)), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    // Its database ends, is started again, and nobody looks.
    sleep(Duration::from_secs(320)).await;
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    let releases = desk.releases().await;
    let states: Vec<ReleaseState> = releases.iter().map(|it| it.state).collect();
    assert_eq!(states, [Healthy, ReleaseState::Unhealthy]);
    let reason = releases[1].reason.clone().unwrap();
    assert!(reason.starts_with("not well since "), "{reason}");
    assert!(reason.ends_with(": db is not stable"), "{reason}");
}

fn sent(folder: &Path, text: &str) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.mode = Mode::Detached;
    Operation::Deploy(order)
}

impl Desk {
    /// Looks at a release that was sent so long ago.
    async fn judged_after(&self, age: Duration) -> Release {
        let key = self.releases().await.remove(0).key;
        let moment = Timestamp::now() - age;
        self.store().update_release(&key, |it| it.finished = Some(moment)).unwrap();
        self.judges(|all| all).await;
        self.releases().await.remove(0)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_and_not_watched_is_settled_by_whoever_looks_next() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(sent(folder.path(), BLOG)).await.succeeds("2 services sent");
    desk.until(async |it| it.services().await.unwrap().iter().all(Service::converged)).await;
    let early = desk.judged_after(Duration::from_secs(2)).await;
    assert_eq!(early.state, ReleaseState::Sent, "it may not have begun to move");
    let well = desk.judged_after(Duration::from_secs(60)).await;
    assert_eq!((well.state, well.healthy_services()), (Healthy, (2, 2)));
    let reason = well.reason.unwrap();
    assert!(reason.starts_with("nobody watched it; found well by "), "{reason}");
    assert_eq!(well.services["blog_web"].running, 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_and_never_ran_is_nothing_to_go_back_to() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(sent(folder.path(), BLOG)).await.succeeds("2 services sent");
    desk.until(async |it| it.services().await.unwrap().iter().all(Service::converged)).await;
    let key = desk.releases().await.remove(0).key;
    let moment = Timestamp::now() - Duration::from_secs(60);
    desk.store().update_release(&key, |it| it.finished = Some(moment)).unwrap();
    desk.judges(|all| all - 1).await;
    let ailing = desk.releases().await.remove(0);
    assert_eq!((ailing.state, ailing.was_healthy()), (ReleaseState::Unhealthy, false));
    let reason = ailing.reason.unwrap();
    assert!(reason.starts_with("not well since "), "{reason}");
    desk.judges(|all| all).await;
    let well = desk.releases().await.remove(0);
    assert_eq!((well.state, well.was_healthy()), (Healthy, true));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_in_the_audit_before_it_is_made() {
    let (desk, folder) = (Desk::new(), blog());
    let (handle, mut heard) = desk.start(deploy(folder.path(), BLOG));
    while !matches!(&heard.recv().await.unwrap().news, News::Step { doing, .. } if doing.starts_with("create"))
    {
    }
    let line = desk.store().audit(10).unwrap().remove(0);
    assert_eq!((&*line.action, &*line.object), ("deploy", "stack blog"));
    let begun =
        matches!(&line.outcome, Verdict::Stopped(why) if why.contains("no end was recorded"));
    assert!(begun, "{line:?}");
    ended(&mut heard).await.succeeds("2 services run");
    drop(handle);
    let lines = desk.store().audit(10).unwrap();
    assert!(lines.len() == 1 && lines[0].outcome.succeeded(), "{lines:?}");
}

/// The deployment of a job, once more where nothing of it changed.
fn job(folder: &Path, again: bool) -> Operation {
    let text = "services:\n  migrate:\n    image: migrate:1\n    deploy: {mode: replicated-job, restart_policy: {condition: none}}\n";
    let Operation::Deploy(mut order) = deploy(folder, text) else { unreachable!() };
    order.rerun_jobs = again;
    Operation::Deploy(order)
}

#[tokio::test(start_paused = true)]
async fn a_job_runs_again_only_where_that_is_wanted_and_that_is_said() {
    let engine = FakeEngine::new(7, Timestamp::now());
    let desk = Desk::on(engine.behaving("migrate:1", Behaviour::Completes));
    let folder = blog();
    desk.run(job(folder.path(), false)).await.succeeds("1 service runs");
    let runs = async || {
        let scope = TaskScope::Stack(blog_name());
        desk.engine.tasks(&scope).await.unwrap().len()
    };
    let first = runs().await;
    desk.run(job(folder.path(), false)).await.noted("does not run again").succeeds("nothing to do");
    assert_eq!(runs().await, first);
    desk.run(job(folder.path(), true)).await.succeeds("1 service runs");
    assert_eq!(desk.changes().last().unwrap(), "update service blog_migrate");
    let service = desk.engine.services().await.unwrap()[0].clone();
    assert!(service.converged(), "{service:?}");
}
