//! The cluster watcher: keeps the newest view of the swarm, by events and slow polling, of what
//! is on the screen only.

use crate::{
    domain::{
        deployment::lease::Occupied,
        health::exit::crowd::Network,
        swarm::{
            cluster::{Happening, Node, Service, System, Task, TaskScope},
            names::ServiceId,
        },
    },
    engine::{Answer, EngineError, LeftOut, ReadEngine},
    jobs::{
        lease::LeaseWatch,
        masked_engine::MaskedEngine,
        spec_changes::SpecChanges,
        survey::{self, Survey, Surveyor},
    },
};
use futures_util::{StreamExt, stream::BoxStream};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::{self, Instant},
};

/// What the operator looks at, beyond services and nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interest {
    pub tasks: Option<TaskScope>,
    /// Raised by one to have everything read again at once.
    pub again: u64,
}

/// The newest view of the cluster; the last one stays while the engine is away.
#[derive(Debug, Clone)]
pub struct View {
    pub system: Option<System>,
    pub services: Arc<[Service]>,
    /// Their tasks were looked at; until then counts alone tell how they are.
    pub surveyed: bool,
    pub nodes: Arc<[Node]>,
    /// The tasks that say what is wrong ([`Survey`]).
    pub evidence: Arc<[Task]>,
    /// The networks, only while a task may lack an address of one; else none.
    pub networks: Arc<[Network]>,
    pub tasks: WatchedTasks,
    /// The stacks that somebody is at, this skep or another one.
    pub occupied: Arc<[Occupied]>,
    pub link: Link,
    /// What is missing in the lists.
    pub left_out: LeftOut,
    /// When services and nodes were last read.
    pub read_at: Option<Timestamp>,
}

/// The tasks that were asked for. Empty while a new scope is still being read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchedTasks {
    pub scope: Option<TaskScope>,
    pub list: Arc<[Task]>,
}

/// Whether the engine answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    Connecting,
    Up,
    Lost { since: Timestamp, why: EngineError, attempts: u32 },
}

/// How often to look.
#[derive(Debug, Clone, Copy)]
pub struct PollPace {
    /// Between looks while nothing changes.
    pub idle: Duration,
    /// Between looks for `MOVING_FOR` after something changed.
    pub moving: Duration,
}

/// The ends of a running watcher.
#[derive(Debug)]
pub struct Watched {
    pub views: watch::Receiver<View>,
    pub happenings: mpsc::Receiver<Happening>,
    pub interest: watch::Sender<Interest>,
}

const MOVING_FOR: Duration = Duration::from_secs(10);
/// Events come in bursts; one look serves a burst.
const BURST: Duration = Duration::from_millis(150);
/// A cursor that runs through a list asks for the tasks of its last row only.
const CURSOR_RESTS: Duration = Duration::from_millis(60);
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(10);

impl Default for PollPace {
    fn default() -> Self {
        Self { idle: Duration::from_secs(5), moving: Duration::from_secs(2) }
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            system: None,
            services: Arc::default(),
            surveyed: false,
            nodes: Arc::default(),
            evidence: Arc::default(),
            networks: Arc::default(),
            tasks: WatchedTasks::default(),
            occupied: Arc::default(),
            link: Link::Connecting,
            left_out: LeftOut::default(),
            read_at: None,
        }
    }
}

/// Watches until nobody reads the views any more.
pub fn spawn(engine: Arc<MaskedEngine>, pace: PollPace) -> Watched {
    let (views, view) = watch::channel(View::default());
    let (told, happenings) = mpsc::channel(1024);
    let (interest, wanted) = watch::channel(Interest::default());
    let surveyor = Surveyor::default();
    let seen = views.clone();
    let leases =
        LeaseWatch::spawn(Arc::clone(engine.unmasked()), move |now| see_leases(&seen, now));
    let watcher = Watcher {
        engine,
        pace,
        views,
        told,
        wanted,
        surveyor,
        changes: SpecChanges::default(),
        leases,
        moved: None,
        heard: None,
        read: None,
    };
    tokio::spawn(watcher.run());
    Watched { views: view, happenings, interest }
}

fn see_leases(views: &watch::Sender<View>, now: Vec<Occupied>) {
    views.send_if_modified(|view| {
        let differs = *view.occupied != *now;
        if differs {
            view.occupied = now.into();
        }
        differs
    });
}

struct Watcher {
    engine: Arc<MaskedEngine>,
    pace: PollPace,
    views: watch::Sender<View>,
    told: mpsc::Sender<Happening>,
    wanted: watch::Receiver<Interest>,
    surveyor: Surveyor,
    changes: SpecChanges,
    leases: LeaseWatch,
    /// When something last changed.
    moved: Option<Instant>,
    /// When the last thing happened that was heard of, by the engine's clock.
    heard: Option<Timestamp>,
    /// The order to read again (`Interest::again`) that the lists answer; nothing where
    /// the engine was lost since.
    read: Option<u64>,
}

impl Watcher {
    async fn run(mut self) {
        let mut retry = FIRST_RETRY;
        while !self.views.is_closed() {
            let before = Instant::now();
            let Err(why) = self.follow().await else { return };
            self.views.send_modify(|view| view.link = lost(&view.link, why));
            // Nobody told what happened meanwhile.
            self.read = None;
            // A connection that held for a while starts the back-off anew.
            retry = if before.elapsed() > LAST_RETRY {
                FIRST_RETRY
            } else {
                (retry * 2).min(LAST_RETRY)
            };
            tokio::select! {
                () = time::sleep(retry) => {}
                asked = self.asked_again() => if asked.is_none() { return },
            }
        }
    }

    /// Looks again and again, until the engine is lost (`Err`) or nobody cares.
    async fn follow(&mut self) -> Answer<()> {
        // What the engine says of itself takes as long as the lists: neither waits for the other.
        let (engine, views) = (Arc::clone(&self.engine), self.views.clone());
        let system = async {
            let system = engine.system().await?;
            views.send_modify(|view| view.system = Some(system));
            Ok(())
        };
        let (system, looked) = tokio::join!(system, self.look());
        system.and(looked)?;
        // The engine remembers the last 256: what happened during a cut comes late.
        let after = self.heard.and_then(|it| it.checked_add(SignedDuration::from_nanos(1)).ok());
        let mut events = self.engine.events(after);
        loop {
            let moving = self.moved.is_some_and(|it| it.elapsed() < MOVING_FOR);
            let pause = if moving { self.pace.moving } else { self.pace.idle };
            tokio::select! {
                () = time::sleep(pause) => {}
                first = events.next() => self.burst(first, &mut events).await?,
                changed = self.wanted.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.look_elsewhere().await?;
                }
                () = self.views.closed() => return Ok(()),
            }
            self.look().await?;
        }
    }

    /// Reads services, nodes and the tasks that somebody looks at.
    async fn look(&mut self) -> Answer<()> {
        let Interest { tasks: scope, again } = self.wanted.borrow_and_update().clone();
        let (services, nodes) = tokio::join!(self.engine.services(), self.engine.nodes());
        let (services, nodes) = (services?, nodes?);
        let (known, had) = {
            let view = self.views.borrow();
            (Arc::clone(&view.services), view.tasks.clone())
        };
        let now = Timestamp::now();
        if self.views.borrow().read_at.is_none() {
            // What counts alone tell is shown at once.
            self.views.send_modify(|view| {
                view.link = Link::Up;
                view.services = survey::by_counts(&services, now);
                view.nodes = Arc::clone(&nodes);
                view.left_out = self.engine.left_out();
                view.read_at = Some(now);
            });
        }
        let engine = Arc::clone(&self.engine);
        let survey = self.surveyor.judge(&*engine, &services, nodes, now).await?;
        let Survey { services, nodes, evidence, networks } = survey;
        let kept = had.clone();
        let old =
            if self.read == Some(again) { kept } else { WatchedTasks { scope: None, ..kept } };
        let tasks = self.tasks(scope, old, &known, &services).await?;
        if self.read.replace(again) != Some(again) {
            // From then on events tell of them.
            self.leases.look();
        }
        if !Arc::ptr_eq(&known, &services) && known != services || tasks != had {
            self.moved = Some(Instant::now());
        }
        let left_out = self.engine.left_out();
        self.views.send_modify(|view| {
            view.link = Link::Up;
            view.services = services;
            view.surveyed = true;
            view.nodes = nodes;
            view.evidence = evidence;
            view.networks = networks;
            view.tasks = tasks;
            view.left_out = left_out;
            view.read_at = Some(Timestamp::now());
        });
        Ok(())
    }

    /// The operator looks at something else: its tasks are read at once, the
    /// rest only when asked for.
    async fn look_elsewhere(&mut self) -> Answer<()> {
        time::sleep(CURSOR_RESTS).await;
        let wanted = self.wanted.borrow_and_update().clone();
        if self.read != Some(wanted.again) {
            return Ok(()); // the loop looks at everything next
        }
        let (services, had) = {
            let view = self.views.borrow();
            (Arc::clone(&view.services), view.tasks.clone())
        };
        if had.scope != wanted.tasks {
            let tasks = self.tasks(wanted.tasks, had, &services, &services).await?;
            self.views.send_modify(|view| view.tasks = tasks);
        }
        Ok(())
    }

    async fn tasks(
        &self,
        scope: Option<TaskScope>,
        had: WatchedTasks,
        before: &[Service],
        now: &[Service],
    ) -> Answer<WatchedTasks> {
        let list = match &scope {
            None => return Ok(WatchedTasks::default()),
            // The whole list is read once, when asked for again, and after a cut; in
            // between, the tasks of services that changed.
            Some(TaskScope::All) if had.scope == scope => {
                let changed = changed(before, now);
                if changed.is_empty() {
                    return Ok(had);
                }
                let fresh = self.engine.tasks(&TaskScope::Services(changed.clone())).await?;
                spliced(&had.list, &changed, fresh)
            }
            Some(scope) => self.engine.tasks(scope).await?,
        };
        let list = if *had.list == *list { had.list } else { list.into() };
        Ok(WatchedTasks { scope, list })
    }

    /// Passes on what happened, and waits for the end of the burst.
    async fn burst(
        &mut self,
        first: Option<Answer<Happening>>,
        events: &mut BoxStream<'static, Answer<Happening>>,
    ) -> Answer<()> {
        let ended = || EngineError::Unreachable {
            address: self.engine.address(),
            why: "the connection was closed".to_owned(),
        };
        let until = Instant::now() + BURST;
        let (mut next, mut happened) = (Ok(first), Vec::new());
        let end = loop {
            match next.map(|it| it.ok_or_else(ended).flatten()) {
                Ok(Ok(happening)) => happened.push(happening),
                Ok(Err(err)) => break Err(err),
                Err(_) => break Ok(()),
            }
            next = time::timeout_at(until, events.next()).await;
        };
        if end.is_ok() {
            self.leases.hear(&happened);
            self.changes.explain(&self.engine, &mut happened).await;
        }
        for happening in happened {
            self.heard = self.heard.max(Some(happening.at));
            // A full channel means that the reader is busy drawing: it has the newest
            // thousand, and the lists do not depend on them.
            let _ = self.told.try_send(happening);
        }
        self.moved = Some(Instant::now());
        end
    }

    async fn asked_again(&mut self) -> Option<()> {
        let again = self.wanted.borrow().again;
        self.wanted.wait_for(|it| it.again != again).await.ok().map(drop)
    }
}

fn lost(before: &Link, why: EngineError) -> Link {
    match before {
        Link::Lost { since, attempts, .. } => {
            Link::Lost { since: *since, why, attempts: attempts + 1 }
        }
        Link::Connecting | Link::Up => Link::Lost { since: Timestamp::now(), why, attempts: 1 },
    }
}

/// Returns the services whose tasks may have changed: those that differ, are
/// new, or are gone.
fn changed(before: &[Service], now: &[Service]) -> Vec<ServiceId> {
    let old: HashMap<&ServiceId, &Service> = before.iter().map(|it| (&it.id, it)).collect();
    let new: HashSet<&ServiceId> = now.iter().map(|it| &it.id).collect();
    let differing = now.iter().filter(|it| old.get(&it.id) != Some(it)).map(|it| &it.id);
    let gone = before.iter().map(|it| &it.id).filter(|it| !new.contains(it));
    differing.chain(gone).cloned().collect()
}

fn spliced(had: &[Task], changed: &[ServiceId], fresh: Vec<Task>) -> Vec<Task> {
    let is_changed = |task: &&Task| task.service.as_ref().is_some_and(|it| changed.contains(it));
    had.iter().filter(|it| !is_changed(it)).cloned().chain(fresh).collect()
}
