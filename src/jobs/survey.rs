//! Cluster survey: reads services, nodes and tasks, and remembers ended tasks; for cockpit and
//! commands.
//!
//! Engines tell of no task events, keep five tasks of a slot, and count tasks of dead
//! nodes as running. So besides services and nodes, a look asks for the tasks of what
//! is not as it should be, for those on nodes that are down, and for the history of a
//! few services in turn; never for all tasks of a big cluster.

use crate::{
    domain::{
        health::{
            self, Ends,
            exit::crowd::{self, Network},
        },
        swarm::{
            cluster::{
                Condition, Mode, Node, ObjectKind, Restarts, Service, Task, TaskScope, TaskState,
            },
            names::{NodeId, ServiceId},
            states::{NodeState, UpdateState},
        },
    },
    engine::{Answer, Engine},
};
use futures_util::future::{Either, select};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    pin::pin,
    sync::Arc,
};

/// What a look found.
#[derive(Debug, Clone)]
pub struct Survey {
    /// By name, with what was [`seen`](Service::seen) of each.
    pub services: Arc<[Service]>,
    pub nodes: Arc<[Node]>,
    /// The tasks that say what is wrong: those of services that are not fine, and
    /// those on nodes that are down.
    pub evidence: Arc<[Task]>,
    /// The networks, only while a task may lack an address of one; else none.
    pub networks: Arc<[Network]>,
}

/// Tasks that were read for a survey.
struct Read {
    /// The services whose tasks are all there.
    services: Vec<ServiceId>,
    tasks: Vec<Task>,
    /// Those that ran on nodes that are down.
    lost: Vec<Task>,
}

/// Makes one survey after the other.
#[derive(Debug)]
pub struct Surveyor {
    /// Slots of services in trouble whose tasks are read at once.
    closely: u64,
    /// Slots whose history is read at once, 2 KB each.
    history: u64,
    /// Services with ends of tasks in the last hour.
    ends: HashMap<ServiceId, Ends>,
    /// Running tasks of each service as the engine counted them last.
    counted: HashMap<ServiceId, u64>,
    /// Services whose history showed ends that were not read closely yet.
    suspects: Vec<ServiceId>,
    /// The service whose history was read last, by name; `None` before the first.
    turn: Option<Arc<str>>,
    last: Option<Survey>,
}

impl Default for Surveyor {
    /// One that looks again and again, and asks for little each time.
    fn default() -> Self {
        Self {
            closely: 400,
            history: 250,
            ends: HashMap::new(),
            counted: HashMap::new(),
            suspects: Vec::new(),
            turn: None,
            last: None,
        }
    }
}

impl Surveyor {
    /// Looks at the tasks behind counts that were just read.
    pub async fn judge(
        &mut self,
        engine: &dyn Engine,
        services: &[Service],
        nodes: Arc<[Node]>,
        now: Timestamp,
    ) -> Answer<Survey> {
        let lost = lost_tasks(engine, &nodes).await?;
        let services = without_lost(services, &lost);
        self.read_history(engine, &services, now).await?;
        let read = self.read_closely(&services, now);
        let tasks = engine.tasks(&TaskScope::Services(read.clone())).await?;
        Ok(self.conclude(engine, services, nodes, &Read { services: read, tasks, lost }, now).await)
    }

    /// Judges services by the tasks that were read.
    async fn conclude(
        &mut self,
        engine: &dyn Engine,
        mut services: Vec<Service>,
        nodes: Arc<[Node]>,
        read: &Read,
        now: Timestamp,
    ) -> Survey {
        let mut evidence = self.take_in(&mut services, read, &nodes, now);
        evidence.extend(read.lost.iter().cloned());
        evidence.sort_by(|a, b| a.id.cmp(&b.id));
        evidence.dedup_by(|a, b| a.id == b.id);
        let networks = networks(engine, &services, &nodes, &evidence).await;
        self.remembered(Survey {
            services: services.into(),
            nodes,
            evidence: evidence.into(),
            networks,
        })
    }

    /// Reads what engines keep of the tasks of the next few services; of all of them
    /// at the first look.
    async fn read_history(
        &mut self,
        engine: &dyn Engine,
        services: &[Service],
        now: Timestamp,
    ) -> Answer<()> {
        let first = self.turn.is_none();
        loop {
            let (portion, over) = self.next_portion(services);
            let past = engine.tasks(&TaskScope::Past(portion)).await?;
            let recent = |it: &&Task| {
                let ended = matches!(
                    it.state,
                    TaskState::Failed | TaskState::Rejected | TaskState::Complete
                );
                ended && now.duration_since(it.since) <= health::WINDOW
            };
            let unknown = |it: &&Task| {
                let ends = it.service.as_ref().and_then(|it| self.ends.get(it));
                ends.is_none_or(|ends| !ends.knows(&it.id))
            };
            let found = past.iter().filter(recent).filter(unknown);
            let found: Vec<_> = found.filter_map(|it| it.service.clone()).collect();
            self.suspects.extend(found);
            self.suspects.sort();
            self.suspects.dedup();
            if over || !first {
                return Ok(());
            }
        }
    }

    /// Returns the services whose turn it is, and whether that was the end of a round.
    fn next_portion(&mut self, services: &[Service]) -> (Vec<ServiceId>, bool) {
        let start = match &self.turn {
            Some(last) => services.iter().position(|it| it.name > *last).unwrap_or(0),
            None => 0,
        };
        let (mut portion, mut slots) = (Vec::new(), 0);
        for service in &services[start..] {
            slots += service.desired.max(1);
            if slots > self.history && !portion.is_empty() {
                return (portion, false);
            }
            portion.push(service.id.clone());
            self.turn = Some(Arc::clone(&service.name));
        }
        (portion, true)
    }

    /// Returns the services whose tasks say something now, those in trouble first.
    fn read_closely(&mut self, services: &[Service], now: Timestamp) -> Vec<ServiceId> {
        let mut ranked: Vec<(u8, &Service)> = Vec::new();
        for service in services {
            let counted = self.counted.insert(service.id.clone(), service.running);
            let last = self.ends.get(&service.id).and_then(|it| it.restarts(now).last);
            let lately = last.is_some_and(|it| now.duration_since(it) <= health::RECENT);
            let moved = counted.is_some_and(|it| it != service.running);
            let stopped =
                service.update.as_ref().is_some_and(|it| it.state != UpdateState::Completed);
            ranked.push(match () {
                () if !service.converged() => (0, service),
                // Its counts do not tell whether it is done.
                () if service.mode == Mode::GlobalJob => (1, service),
                () if lately => (1, service),
                () if self.suspects.contains(&service.id) => (2, service),
                () if moved => (3, service),
                () if stopped && !service.is_job() => (4, service),
                () => continue,
            });
        }
        ranked.sort_by_key(|it| it.0);
        let mut slots = 0;
        let within = |it: &&(u8, &Service)| {
            slots += it.1.desired.max(1);
            slots <= self.closely
        };
        // One that is too big on its own is read all the same.
        let chosen: Vec<ServiceId> = match ranked.first() {
            Some(first) if first.1.desired > self.closely => vec![first.1.id.clone()],
            _ => ranked.iter().take_while(within).map(|it| it.1.id.clone()).collect(),
        };
        self.suspects.retain(|it| !chosen.contains(it));
        let there: HashSet<&ServiceId> = services.iter().map(|it| &it.id).collect();
        self.counted.retain(|it, _| there.contains(it));
        self.ends.retain(|it, _| there.contains(it));
        self.suspects.retain(|it| there.contains(it));
        chosen
    }

    /// Judges each service; returns the tasks of those that are not fine.
    fn take_in(
        &mut self,
        services: &mut [Service],
        read: &Read,
        nodes: &[Node],
        now: Timestamp,
    ) -> Vec<Task> {
        let mut known = health::by_service(&read.tasks);
        let read: HashSet<&ServiceId> = read.services.iter().collect();
        let last = self.last.take();
        let before = last.as_ref().map(|it| health::by_service(&it.evidence)).unwrap_or_default();
        let known_as: HashMap<&ServiceId, &Service> =
            last.iter().flat_map(|it| &*it.services).map(|it| (&it.id, it)).collect();
        let mut evidence = Vec::new();
        for service in services {
            let is_read = read.contains(&service.id);
            let mut its = known.remove(&service.id).unwrap_or_default();
            if is_read {
                let mut ends = self.ends.remove(&service.id).unwrap_or_default();
                ends.take_in(service, &its, nodes, now);
                if ends.remember(now) {
                    self.ends.insert(service.id.clone(), ends);
                }
            } else if let Some(earlier) = before.get(&service.id) {
                its.clone_from(earlier);
            }
            let ends = self.ends.get(&service.id);
            let restarts = ends.map(|it| it.restarts(now)).unwrap_or_default();
            let was = known_as.get(&service.id).copied();
            health::see(service, its.clone(), restarts, nodes, was, now);
            if !matches!(service.seen.condition, Condition::Fine | Condition::Stopped)
                || service.seen.ended > 0
                || service.update_state() == Some(UpdateState::RollbackCompleted)
            {
                evidence.extend(its.into_iter().cloned());
            } else {
                // What a node took with it tells of the node.
                let lost = health::lost_lately(its.into_iter(), nodes, now);
                evidence.extend(lost.cloned());
            }
        }
        self.last = last;
        evidence
    }

    /// Keeps the very same lists where nothing changed, so that nothing is drawn anew.
    fn remembered(&mut self, mut fresh: Survey) -> Survey {
        if let Some(last) = self.last.take() {
            if *last.services == *fresh.services {
                fresh.services = last.services;
            }
            if *last.evidence == *fresh.evidence {
                fresh.evidence = last.evidence;
            }
        }
        self.last = Some(fresh.clone());
        fresh
    }
}

/// Slots whose tasks a command reads in one answer: 1.2 KB a task, and up to five tasks a slot.
const WHOLE: u64 = 6_000;
/// Slots whose history a command reads in one answer, in clusters that are larger than that.
const PORTION: u64 = 2_000;

/// Looks once, for a command, at all tasks, which tell of restarts and since when something
/// is so: 5 000 tasks cost it what `cargo bench --bench numbers` prints.
pub async fn once(engine: &dyn Engine, now: Timestamp) -> Answer<Survey> {
    let lists = pin!(async { tokio::try_join!(engine.services(), engine.nodes()) });
    // Asked for before anybody knows how many they are: waiting for the counts costs as much
    // time again. In clusters that are too large for one answer, nobody waits for it.
    let tasks = engine.tasks(&TaskScope::All);
    let (services, nodes, tasks) = match select(lists, tasks).await {
        Either::Left((lists, tasks)) => {
            let (services, nodes) = lists?;
            let tasks = if slots(&services) <= WHOLE { tasks.await.ok() } else { None };
            (services, nodes, tasks)
        }
        Either::Right((tasks, lists)) => {
            let (services, nodes) = lists.await?;
            (services, nodes, tasks.ok())
        }
    };
    match tasks {
        Some(tasks) => Ok(by_tasks(engine, &services, nodes, tasks, now).await),
        None => of(engine, &services, nodes, now).await,
    }
}

/// The same for some services only: the tasks of no other are read.
pub async fn of(
    engine: &dyn Engine,
    services: &[Service],
    nodes: Arc<[Node]>,
    now: Timestamp,
) -> Answer<Survey> {
    if slots(services) > WHOLE {
        let mut portions = Surveyor { closely: u64::MAX, history: PORTION, ..Surveyor::default() };
        return portions.judge(engine, services, nodes, now).await;
    }
    let ids = services.iter().map(|it| it.id.clone()).collect();
    let tasks = engine.tasks(&TaskScope::Services(ids)).await?;
    Ok(by_tasks(engine, services, nodes, tasks, now).await)
}

fn slots(services: &[Service]) -> u64 {
    services.iter().map(|it| it.desired.max(1)).sum()
}

async fn by_tasks(
    engine: &dyn Engine,
    services: &[Service],
    nodes: Arc<[Node]>,
    tasks: Vec<Task>,
    now: Timestamp,
) -> Survey {
    let down = |it: &Task| {
        nodes.iter().any(|on| on.state == NodeState::Down && it.node.as_ref() == Some(&on.id))
    };
    let lost = |it: &&Task| it.state == TaskState::Running && down(it);
    let lost: Vec<Task> = tasks.iter().filter(lost).cloned().collect();
    let read = services.iter().map(|it| it.id.clone()).collect();
    let services = without_lost(services, &lost);
    let read = Read { services: read, tasks, lost };
    Surveyor::default().conclude(engine, services, nodes, &read, now).await
}

/// Returns the services as far as counts alone tell how they are.
pub fn by_counts(services: &[Service], now: Timestamp) -> Arc<[Service]> {
    let mut services = services.to_vec();
    for service in &mut services {
        health::see(service, Vec::new(), Restarts::default(), &[], None, now);
    }
    services.into()
}

/// Reads the tasks on nodes that are down. Those that are still said to run do not.
async fn lost_tasks(engine: &dyn Engine, nodes: &[Node]) -> Answer<Vec<Task>> {
    let down = nodes.iter().filter(|it| it.state == NodeState::Down);
    let down: Vec<NodeId> = down.map(|it| it.id.clone()).collect();
    if down.is_empty() {
        return Ok(Vec::new());
    }
    let mut tasks = engine.tasks(&TaskScope::Nodes(down)).await?;
    tasks.retain(|it| it.state == TaskState::Running);
    Ok(tasks)
}

/// Reads the networks where a task may lack an address: it waits without a word, or the
/// engine says so. Without an answer the words are less exact, and no more.
async fn networks(
    engine: &dyn Engine,
    services: &[Service],
    nodes: &[Node],
    tasks: &[Task],
) -> Arc<[Network]> {
    let lacks = |it: &Task| match it.error.as_str() {
        "" => it.state == TaskState::New,
        error => crowd::says_so(&error.to_ascii_lowercase()),
    };
    if !tasks.iter().any(lacks) {
        return Arc::default();
    }
    let list = engine.list(ObjectKind::Networks, None).await.unwrap_or_default();
    list.iter().filter_map(|it| Network::read(it, services, nodes)).collect()
}

fn without_lost(services: &[Service], lost: &[Task]) -> Vec<Service> {
    let mut counts: BTreeMap<&ServiceId, u64> = BTreeMap::new();
    for service in lost.iter().filter_map(|it| it.service.as_ref()) {
        *counts.entry(service).or_default() += 1;
    }
    let mut services = services.to_vec();
    for service in &mut services {
        let lost = counts.get(&service.id).copied().unwrap_or(0).min(service.running);
        service.running -= lost;
        service.seen.lost = lost;
    }
    services
}
