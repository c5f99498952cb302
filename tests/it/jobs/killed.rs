//! Deployments that are killed at any request: what is found afterwards, and what
//! becomes of it.

use crate::jobs::{
    Desk, Ended, ended, image,
    stacks::{BLOG, blog, deploy},
    way_back::newer,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use skep::{
    domain::{
        deployment::release::{Release, ReleaseState, Snapshot},
        swarm::{
            change::{Applied, Change, ServiceRef},
            cluster::{ObjectKind, Service},
        },
    },
    engine::{Answer, Engine, EngineError, ReadEngine, fake::FakeEngine},
    jobs::{
        JobId, Verdict,
        deploy::{RecoveryOrder, RecoveryWay, interrupted::Interrupted, recover::dead},
        operations::Operation,
        session::Session,
        spawn,
        stack::{StackAction, StackOperation},
    },
    store::Opening,
};
use std::{
    fs,
    future::pending,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};

/// What the first release has: a service that the next one changes, one that it
/// removes, and one that it leaves alone.
const BEFORE: &str = "services:
  web: {image: 'ghost:5.87', configs: [theme]}
  old: {image: 'redis:6'}
  db: {image: 'mysql:8.4'}
configs:
  theme: {file: ./my.cnf, labels: {mood: calm}}
";

/// The next one; its image is what a test makes of it.
const AFTER: &str = "services:
  web: {image: 'ghost:5.88', configs: [theme], networks: [front]}
  cache: {image: 'redis:7', networks: [front]}
  db: {image: 'mysql:8.4'}
networks: {front: {}}
configs:
  theme: {file: ./my.cnf, labels: {mood: wild}}
";

/// Where the nth write is when the process dies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    NeverSent,
    Unanswered,
    Answered,
    /// It does not die; the answer is lost, and from then on nothing is heard or not.
    Lost {
        for_good: bool,
    },
}

/// An engine whose client dies at one of its writes.
struct Deadly {
    engine: FakeEngine,
    writes: AtomicUsize,
    nth: usize,
    at: At,
    dead: Arc<Notify>,
}

impl Deadly {
    async fn die(&self) -> ! {
        self.dead.notify_one();
        pending().await
    }
}

#[async_trait]
impl Engine for Deadly {
    fn reading(&self) -> &(dyn ReadEngine + 'static) {
        &self.engine
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let nth = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        if nth == self.nth && self.at == At::NeverSent {
            self.die().await;
        }
        let answer = self.engine.apply(change).await;
        match (nth == self.nth, self.at) {
            (true, At::Unanswered) => self.die().await,
            (true, At::Answered) => self.dead.notify_one(),
            (true, At::Lost { for_good }) => {
                if for_good {
                    self.engine.link().cut();
                }
                let address = self.engine.address();
                return Err(EngineError::Unreachable { address, why: "cut off".to_owned() });
            }
            _ => {}
        }
        answer
    }
}

impl Desk {
    /// Does a piece of work and dies at its nth write; returns whether it had so many.
    async fn dies(&self, operation: Operation, nth: usize, at: At) -> bool {
        let ended = self.meets(operation, nth, at).await;
        let dead = matches!(&ended.verdict, Verdict::Stopped(why) if why == "killed");
        let line = self.store().audit(1).unwrap().remove(0);
        let killed = line.outcome.to_string().contains("its skep was killed");
        // Killed behind its last step, it may have written down how it ended: then it owes nothing.
        let over = dead && !killed && self.interrupted().await.is_none();
        assert_eq!(killed || over, dead, "{line:?}");
        dead
    }

    /// Does a piece of work that meets something at its nth write.
    async fn meets(&self, operation: Operation, nth: usize, at: At) -> Ended {
        let dead = Arc::new(Notify::new());
        let (engine, writes) = (self.engine.clone(), AtomicUsize::new(0));
        let deadly = Deadly { engine, writes, nth, at, dead: dead.clone() };
        let session = Session { engine: Arc::new(deadly), ..self.session.clone() };
        let (reports, mut heard) = mpsc::unbounded_channel();
        let end = async move |context| {
            tokio::select! {
                biased;
                () = dead.notified() => Verdict::Stopped("killed".to_owned()),
                verdict = session.run(operation, context) => verdict,
            }
        };
        let _handle = spawn(JobId(1), reports, end);
        ended(&mut heard).await
    }

    async fn interrupted(&self) -> Option<Interrupted> {
        Interrupted::of(&self.session, &"blog".parse().unwrap()).await.unwrap()
    }

    async fn recovers(&self, way: RecoveryWay) -> Ended {
        let interrupted = self.interrupted().await.unwrap();
        self.run(Operation::Recover(RecoveryOrder::of(&interrupted.release.key, way))).await
    }

    /// The specs of services, the labels of configs, and the names of networks.
    async fn whole(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for kind in [ObjectKind::Services, ObjectKind::Configs, ObjectKind::Networks] {
            for object in self.engine.list(kind, Some("blog")).await.unwrap() {
                let spec = &object["Spec"];
                all.push(match kind {
                    ObjectKind::Services => spec.clone(),
                    ObjectKind::Configs => spec["Labels"].clone(),
                    _ => object["Name"].clone(),
                });
            }
        }
        all.sort_by_key(Value::to_string);
        all
    }

    /// No lease, no release that is open, no driver.
    async fn is_tidy(&self, state: ReleaseState) {
        let configs = self.engine.list(ObjectKind::Configs, None).await.unwrap();
        let lease = |it: &Value| it["Spec"]["Name"].as_str().unwrap().starts_with("skep-lease-");
        assert!(!configs.iter().any(lease), "{configs:#?}");
        let releases = self.releases().await;
        assert!(releases.iter().all(|it| !it.state.is_open()), "{releases:#?}");
        assert_eq!(releases[0].state, state, "{releases:#?}");
        let drivers = self.store().path().with_file_name("drivers");
        let files = fs::read_dir(drivers).unwrap().map(|it| it.unwrap().file_name());
        let left: Vec<_> = files.filter(|it| it != ".turn").collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A stack as `BEFORE` has it, and a deployment of `AFTER` on top of it that died.
struct Scene {
    desk: Desk,
    folder: tempfile::TempDir,
    before: Vec<Value>,
}

impl Scene {
    async fn new() -> Self {
        let (desk, folder) = (Desk::new(), blog());
        desk.run(deploy(folder.path(), BEFORE)).await.succeeds("3 services run");
        let before = desk.whole().await;
        Self { desk, folder, before }
    }

    /// A scene for each write of a deployment; the lab has each in each way.
    async fn at_every_write(mut check: impl AsyncFnMut(Scene, &str)) {
        for nth in 1.. {
            let at = [At::NeverSent, At::Unanswered, At::Answered][nth % 3];
            let scene = Self::new().await;
            if !scene.desk.dies(pruning(scene.folder.path()), nth, at).await {
                // A lease, a network, a config, two services, one that goes, and the
                // lease again, renewed now and then, and gone.
                assert!(nth > 8, "{nth}");
                break;
            }
            check(scene, &format!("write {nth}, {at:?}")).await;
        }
    }
}

fn pruning(folder: &Path) -> Operation {
    let Operation::Deploy(mut order) = deploy(folder, AFTER) else { unreachable!() };
    order.prune = true;
    Operation::Deploy(order)
}

#[tokio::test(start_paused = true)]
async fn wherever_a_deployment_is_killed_it_can_be_undone() {
    Scene::at_every_write(async |scene, at| {
        let Scene { desk, before, .. } = scene;
        if desk.interrupted().await.is_none() {
            return;
        }
        let ended = desk.recovers(RecoveryWay::Undo).await;
        assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{at}: {ended:#?}");
        assert_eq!(desk.whole().await, before, "{at}");
        desk.is_tidy(ReleaseState::RolledBack).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn wherever_a_deployment_is_killed_it_can_be_finished() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BEFORE)).await.succeeds("3 services run");
    desk.run(pruning(folder.path())).await.succeeds("3 services run");
    let after = desk.whole().await.len();
    Scene::at_every_write(async |scene, at| {
        let Scene { desk, .. } = scene;
        if desk.interrupted().await.is_none() {
            return;
        }
        desk.recovers(RecoveryWay::Finish).await.succeeds("services run");
        assert_eq!(desk.whole().await.len(), after, "{at}");
        desk.is_tidy(ReleaseState::Healthy).await;
        let reason = desk.releases().await.remove(0).reason.unwrap();
        assert!(reason.starts_with("interrupted ") && reason.ends_with("; finished later"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_recovery_that_is_killed_is_recovered_as_well() {
    Scene::at_every_write(async |scene, at| {
        let Scene { desk, before, .. } = scene;
        for nth in 1..4 {
            let Some(interrupted) = desk.interrupted().await else { return };
            let way = if nth == 2 { RecoveryWay::Finish } else { RecoveryWay::Undo };
            let operation = Operation::Recover(RecoveryOrder::of(&interrupted.release.key, way));
            desk.dies(operation, nth, At::Unanswered).await;
        }
        if desk.interrupted().await.is_some() {
            let ended = desk.recovers(RecoveryWay::Undo).await;
            assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{at}: {ended:#?}");
            assert_eq!(desk.whole().await, before, "{at}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_new_deployment_that_fails_goes_back_behind_the_interrupted_one() {
    Scene::at_every_write(async |scene, at| {
        let Scene { desk, folder, before } = scene;
        let killed = desk.interrupted().await.is_some();
        let _ = desk.engine.clone().breaking("ghost:5.90");
        let worse = AFTER.replace("ghost:5.88", "ghost:5.90");
        let ended = desk.run(deploy(folder.path(), &worse)).await;
        assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{at}: {ended:#?}");
        if killed {
            assert_eq!(desk.whole().await, before, "{at}");
            let old = desk.releases().await.remove(1);
            assert_eq!(old.state, ReleaseState::Failed);
            let reason = old.reason.unwrap();
            assert!(reason.ends_with("; replaced by release 3"), "{reason}");
        }
        desk.is_tidy(ReleaseState::RolledBack).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_same_deployment_again_finishes_what_was_interrupted() {
    Scene::at_every_write(async |scene, _| {
        let Scene { desk, folder, .. } = scene;
        desk.run(pruning(folder.path())).await.succeeds("3 services run");
        desk.is_tidy(ReleaseState::Healthy).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_is_killed_is_gone_to_its_end() {
    for nth in 4..12 {
        let desk = Desk::on(FakeEngine::new(7, Timestamp::now()).breaking("ghost:5.88"));
        let folder = blog();
        desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services");
        let before = desk.whole().await;
        if !desk.dies(deploy(folder.path(), &newer()), nth, At::Unanswered).await {
            assert!(nth > 6, "{nth}");
            break;
        }
        let Some(_) = desk.interrupted().await else { continue };
        let ended = desk.recovers(RecoveryWay::Undo).await;
        assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{nth}: {ended:#?}");
        assert_eq!(desk.whole().await, before, "{nth}");
        desk.is_tidy(ReleaseState::RolledBack).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_since_is_not_written_over() {
    let Scene { desk, folder, .. } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 6, At::NeverSent).await);
    let services = desk.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    let web = ServiceRef { id: web.id.clone(), name: web.name.to_string() };
    desk.update(&web, image("ghost:6")).await;
    desk.until(async |it| it.services().await.unwrap().iter().all(Service::converged)).await;
    let changed = desk.whole().await;
    for way in [RecoveryWay::Undo, RecoveryWay::Finish] {
        let refused = desk.recovers(way).await;
        refused
            .fails("somebody changed it since it was interrupted: service blog_web")
            .hints("--yes");
        assert_eq!(desk.whole().await, changed);
    }
    let _ = desk.engine.clone().breaking("ghost:5.90");
    let worse = AFTER.replace("ghost:5.88", "ghost:5.90");
    let ended = desk.run(deploy(folder.path(), &worse)).await;
    assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{ended:#?}");
    let image = desk.live(&web).await["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"].clone();
    assert_eq!(image, "ghost:6");
    desk.is_tidy(ReleaseState::RolledBack).await;
}

#[tokio::test(start_paused = true)]
async fn it_is_written_over_where_the_operator_insists() {
    let Scene { desk, folder, before } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 6, At::NeverSent).await);
    let services = desk.engine.services().await.unwrap();
    let web = services.iter().find(|it| &*it.name == "blog_web").unwrap();
    let web = ServiceRef { id: web.id.clone(), name: web.name.to_string() };
    desk.update(&web, image("ghost:6")).await;
    let interrupted = desk.interrupted().await.unwrap();
    let wish = RecoveryOrder {
        anyway: true,
        ..RecoveryOrder::of(&interrupted.release.key, RecoveryWay::Undo)
    };
    let ended = desk.run(Operation::Recover(wish)).await;
    assert!(matches!(&ended.verdict, Verdict::RolledBack(_)), "{ended:#?}");
    assert_eq!(desk.whole().await, before);
}

#[tokio::test(start_paused = true)]
async fn a_removed_stack_has_nothing_interrupted_any_more() {
    let Scene { desk, folder, .. } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 5, At::Answered).await);
    let action = StackAction::Remove;
    let whole = StackOperation { stack: "blog".parse().unwrap(), action, parts: Vec::new() };
    let ended = desk.run(Operation::Stack(whole)).await.noted("release 2 of blog was interrupted");
    ended.succeeds("gone");
    desk.is_tidy(ReleaseState::Removed).await;
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_dead_skep_of_this_machine_is_not_waited_for() {
    let Scene { desk, folder, .. } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 1, At::Unanswered).await);
    assert_eq!(desk.interrupted().await, None);
    let began = Instant::now();
    desk.run(pruning(folder.path())).await.noted("the skep that held it was killed");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    desk.is_tidy(ReleaseState::Healthy).await;
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_does_not_answer_is_no_word_that_nothing_was_interrupted() {
    let Scene { desk, folder, .. } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 5, At::Answered).await);
    let stack = "blog".parse().unwrap();
    desk.engine.link().cut();
    assert!(Interrupted::of(&desk.session, &stack).await.is_err());
    assert!(Interrupted::all(desk.store(), &desk.engine).await.is_err());
    assert!(dead(&desk.session).await.is_err());
    desk.engine.link().restore();
    assert!(desk.interrupted().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_later_release_that_did_not_take_its_place_hides_no_interrupted_one() {
    let Scene { desk, folder, .. } = Scene::new().await;
    assert!(desk.dies(pruning(folder.path()), 5, At::Answered).await);
    let interrupted = desk.interrupted().await.unwrap();
    let Release { key, order, .. } = interrupted.release.clone();
    let opening = |replaces| Opening {
        cluster: key.cluster.clone(),
        stack: key.stack.clone(),
        order: order.clone(),
        snapshot: Snapshot::default(),
        driver: "elsewhere".to_owned(),
        replaces,
    };
    let later = desk.store().open_release(opening(None)).unwrap().unwrap().key;
    let closed = desk.store().update_release(&later, |it| it.state = ReleaseState::Healthy);
    closed.unwrap();
    assert_eq!(desk.interrupted().await.unwrap().release.key, key);
    desk.recovers(RecoveryWay::Undo).await;
    assert_eq!(desk.interrupted().await, None);
    // Its debts are paid; nobody can take them over any more.
    let replaces = Some(interrupted.replaced(&interrupted.debts()));
    assert_eq!(desk.store().open_release(opening(replaces)).unwrap(), None);
    assert_eq!(desk.releases().await.len(), 3);
    assert_eq!(desk.releases().await[1].state, ReleaseState::RolledBack);
}

#[tokio::test(start_paused = true)]
async fn a_lease_whose_answer_was_lost_is_given_back() {
    let Scene { desk, folder, .. } = Scene::new().await;
    let ended = desk.meets(pruning(folder.path()), 1, At::Lost { for_good: false }).await;
    ended.fails("cut off");
    desk.is_tidy(ReleaseState::Healthy).await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_could_not_be_given_back_is_not_waited_for() {
    let Scene { desk, folder, .. } = Scene::new().await;
    let ended = desk.meets(pruning(folder.path()), 1, At::Lost { for_good: true }).await;
    ended.fails("cut off");
    desk.engine.link().restore();
    let began = Instant::now();
    desk.run(pruning(folder.path())).await.noted("the skep that held it was killed");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    desk.is_tidy(ReleaseState::Healthy).await;
}
