//! The set of readers of a log: started and ended with tasks.

use crate::{
    domain::{
        logs::{LogSource, ReadProgress, Roster},
        swarm::{
            cluster::Task,
            names::{NodeId, ServiceId, TaskId},
            states::NodeState,
        },
    },
    engine::Engine,
    jobs::log_follower::{
        LogQuery,
        reader::{CHECKED, Reader, Told},
        roster::reads,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::{AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

/// Batches of a reader that wait to be merged.
const AHEAD: usize = 2;
/// Bytes that wait in all, about.
const WAITING: usize = 16 << 20;
/// Bytes of a batch.
const LARGEST: usize = 64 << 10;
const SMALLEST: usize = 4 << 10;
/// Where nobody says anything, nodes are asked so often at most.
const EACH: Duration = Duration::from_millis(100);
/// What services read as a whole may hold in all to be put in order, about.
const SORTED: usize = 24 << 20;
/// The clocks of managers and nodes differ by less.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// All readers of one log.
pub struct Readers {
    engine: Arc<dyn Engine>,
    ask: LogQuery,
    out: mpsc::UnboundedSender<Told>,
    live: watch::Sender<bool>,
    running: JoinSet<()>,
    /// Readers by key.
    known: BTreeMap<u32, Known>,
    /// Tasks that are read, or were; forgotten with the swarm.
    tasks: BTreeSet<TaskId>,
    services: BTreeSet<ServiceId>,
    keys: u32,
}

#[derive(Debug)]
struct Known {
    task: Option<TaskId>,
    service: Option<ServiceId>,
    node: Option<NodeId>,
    over: CancellationToken,
    runs: AbortHandle,
}

/// A reader that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    pub key: u32,
    pub task: Option<TaskId>,
    pub service: Option<ServiceId>,
    pub node: Option<NodeId>,
    /// Its node is known to be away: nobody need wait for it.
    pub away: bool,
}

/// What a reader reads.
struct Kind<'a> {
    source: LogSource,
    /// The task, where it is one, and whether its node is away.
    of: Option<(&'a Task, bool)>,
    service: Option<ServiceId>,
}

/// Where it begins.
struct Start {
    since: Option<Timestamp>,
    read: ReadProgress,
    first: bool,
}

impl Readers {
    pub fn new(engine: Arc<dyn Engine>, ask: LogQuery, out: mpsc::UnboundedSender<Told>) -> Self {
        Self {
            engine,
            ask,
            out,
            live: watch::Sender::new(false),
            running: JoinSet::new(),
            known: BTreeMap::new(),
            tasks: BTreeSet::new(),
            services: BTreeSet::new(),
            keys: 0,
        }
    }

    /// Begins to read tasks that nobody reads yet, behind what was read of them before.
    pub fn begin(&mut self, roster: &Roster, read: &ReadProgress, first: bool) -> Vec<Begun> {
        let whole = |it: &Task| it.service.as_ref().is_some_and(|it| self.services.contains(it));
        let new = |it: &&Task| reads(&self.ask, it) && !self.tasks.contains(&it.id) && !whole(it);
        let new: Vec<&Task> = roster.tasks.iter().filter(new).collect();
        let whole = self.too_many(&new);
        let mut begun = Vec::new();
        for service in &whole {
            begun.push(self.take_whole(service, whole.len(), roster, read, first));
        }
        for task in &new {
            self.tasks.insert(task.id.clone());
            if task.service.as_ref().is_some_and(|it| self.services.contains(it)) {
                continue;
            }
            let away = is_away(roster, task);
            let source = LogSource::Task(task.id.clone());
            let kind = Kind { source, of: Some((*task, away)), service: task.service.clone() };
            let from = Start { since: self.ask.since, read: read.only(&task.id), first };
            begun.push(self.spawn(kind, from, new.len(), LARGEST));
        }
        begun
    }

    /// Reads a service as a whole from now on, behind what was read of its tasks.
    pub fn take_whole(
        &mut self,
        service: &ServiceId,
        others: usize,
        roster: &Roster,
        read: &ReadProgress,
        first: bool,
    ) -> Begun {
        self.services.insert(service.clone());
        self.known.retain(|_, it| {
            let stops = it.service.as_ref() == Some(service);
            if stops {
                it.runs.abort();
            }
            !stops
        });
        let of = |it: &&Task| it.service.as_ref() == Some(service) && reads(&self.ask, it);
        let tasks: Vec<&Task> = roster.tasks.iter().filter(of).collect();
        let read = read.those(tasks.iter().map(|it| &it.id));
        // A task that was not read yet has no line before it was made.
        let from = |it: &&Task| match read.of(&it.id) {
            Some(reached) => reached.at,
            None => it.created.saturating_sub(SKEW).unwrap_or(it.created),
        };
        let begins: Option<Timestamp> = tasks.iter().map(from).min();
        let begins = begins.filter(|_| read != ReadProgress::default());
        let since = self.ask.since.max(begins);
        let source = LogSource::Service(service.clone());
        let kind = Kind { source, of: None, service: Some(service.clone()) };
        let size = (SORTED / others.max(1)).max(LARGEST);
        self.spawn(kind, Start { since, read, first }, others, size)
    }

    /// Opens the streams of services that are read as a whole anew, behind what was read.
    pub fn renew(&mut self, roster: &Roster, read: &ReadProgress) {
        for service in self.services.clone() {
            self.take_whole(&service, self.services.len(), roster, read, false);
        }
    }

    /// Tells readers whose task is over; forgets what the swarm has forgotten.
    pub fn look(&mut self, roster: &Roster) {
        for known in self.known.values() {
            let Some(id) = &known.task else { continue };
            if roster.task(id).is_none_or(|it| it.state.is_over()) {
                known.over.cancel();
            }
        }
        let read: BTreeSet<_> = self.known.values().filter_map(|it| it.task.as_ref()).collect();
        self.tasks.retain(|it| roster.task(it).is_some() || read.contains(it));
        while self.running.try_join_next().is_some() {}
    }

    /// Returns the services whose tasks are too many to be read one by one.
    pub fn whole(&self) -> &BTreeSet<ServiceId> {
        &self.services
    }

    pub fn of(&self, key: u32) -> Option<Begun> {
        let known = self.known.get(&key)?;
        let (task, service) = (known.task.clone(), known.service.clone());
        Some(Begun { key, task, service, node: known.node.clone(), away: false })
    }

    /// Returns whether everything is read that there will ever be.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Forgets a reader that has ended.
    pub fn forget(&mut self, key: u32) {
        self.known.remove(&key);
    }

    /// Lets all follow who have read what was written before.
    pub fn go_live(&self) {
        self.live.send_replace(true);
    }

    /// Ends all of them.
    pub fn stop(&mut self) {
        self.running = JoinSet::new();
        self.known.clear();
        self.tasks.clear();
        self.services.clear();
    }

    /// Returns the services to read as a whole, those with the most tasks first.
    fn too_many(&self, new: &[&Task]) -> BTreeSet<ServiceId> {
        let mut of: BTreeMap<&ServiceId, usize> = BTreeMap::new();
        for service in new.iter().filter_map(|it| it.service.as_ref()) {
            *of.entry(service).or_default() += 1;
        }
        let mut streams = self.known.len() + of.values().sum::<usize>();
        let mut by_size: Vec<_> = of.into_iter().collect();
        by_size.sort_by_key(|it| it.1);
        let mut whole = BTreeSet::new();
        while streams > self.engine.log_streams()
            && let Some((service, tasks)) = by_size.pop()
            && tasks > 1
        {
            streams -= tasks - 1;
            whole.insert(service.clone());
        }
        whole
    }

    fn spawn(&mut self, kind: Kind<'_>, from: Start, others: usize, largest: usize) -> Begun {
        let Kind { source, of, service } = kind;
        let Start { since, read, first } = from;
        let key = self.keys;
        self.keys += 1;
        let over = CancellationToken::new();
        if of.is_some_and(|it| it.0.state.is_over()) {
            over.cancel();
        }
        let task = of.map(|it| it.0.id.clone());
        let node = of.and_then(|it| it.0.node.clone());
        let away = of.is_some_and(|it| it.1);
        // A task that came while we looked is new from its first line.
        let tail = self.ask.tail.filter(|_| first && read == ReadProgress::default());
        let reader = Reader {
            engine: Arc::clone(&self.engine),
            key,
            source,
            since,
            tail,
            follow: self.ask.follow && !over.is_cancelled(),
            read,
            over: over.clone(),
            live: self.live.subscribe(),
            out: self.out.clone(),
            room: Arc::new(Semaphore::new(AHEAD)),
            size: match largest {
                LARGEST => (WAITING / (AHEAD + 1) / others.max(1)).clamp(SMALLEST, LARGEST),
                larger => larger,
            },
            patience: CHECKED
                .max(EACH * u32::try_from(self.known.len() + others).unwrap_or(u32::MAX)),
            silent: away,
            caught: false,
            mixed: false,
        };
        let runs = self.running.spawn(reader.run());
        let begun = Begun { key, task, service, node, away };
        let Begun { task, service, node, .. } = begun.clone();
        self.known.insert(key, Known { task, service, node, over, runs });
        begun
    }
}

fn is_away(roster: &Roster, task: &Task) -> bool {
    let node = task.node.as_ref().and_then(|it| roster.node(it));
    node.is_some_and(|it| {
        matches!(it.state.known(), Some(NodeState::Down | NodeState::Disconnected))
    })
}
