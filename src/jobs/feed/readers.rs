//! The readers of a log: begun as tasks come, told when theirs is over, forgotten then.

use crate::{
    domain::{
        cluster::Task,
        logs::{LogSource, Progress, Roster},
        names::{NodeId, ServiceId, TaskId},
    },
    engine::Engine,
    jobs::feed::{
        Ask,
        look::reads,
        reader::{CHECKED, Reader, Told},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
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

/// All readers of one log.
pub struct Readers {
    engine: Arc<dyn Engine>,
    ask: Ask,
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
    node: Option<NodeId>,
    over: CancellationToken,
}

/// A reader that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    pub key: u32,
    pub task: Option<TaskId>,
    pub node: Option<NodeId>,
    /// Its node is known to be away: nobody need wait for it.
    pub away: bool,
}

impl Readers {
    pub fn new(engine: Arc<dyn Engine>, ask: Ask, out: mpsc::UnboundedSender<Told>) -> Self {
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
    pub fn begin(&mut self, roster: &Roster, read: &Progress, first: bool) -> Vec<Begun> {
        let new = |it: &&Task| reads(&self.ask, it) && !self.tasks.contains(&it.id);
        let new: Vec<&Task> = roster.tasks.iter().filter(new).collect();
        let whole = self.too_many(&new);
        let mut begun = Vec::new();
        for service in whole.difference(&self.services.clone()) {
            let source = LogSource::Service(service.clone());
            begun.push(self.spawn(source, None, new.len(), Progress::default(), first));
            self.services.insert(service.clone());
        }
        for task in &new {
            self.tasks.insert(task.id.clone());
            if task.service.as_ref().is_some_and(|it| self.services.contains(it)) {
                continue;
            }
            let of = Some((*task, is_away(roster, task)));
            let source = LogSource::Task(task.id.clone());
            begun.push(self.spawn(source, of, new.len(), read.only(&task.id), first));
        }
        begun
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
    pub fn whole(&self) -> impl Iterator<Item = &ServiceId> {
        self.services.iter()
    }

    pub fn of(&self, key: u32) -> Option<Begun> {
        let known = self.known.get(&key)?;
        let (task, node) = (known.task.clone(), known.node.clone());
        Some(Begun { key, task, node, away: false })
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

    fn spawn(
        &mut self,
        source: LogSource,
        of: Option<(&Task, bool)>,
        others: usize,
        read: Progress,
        first: bool,
    ) -> Begun {
        let key = self.keys;
        self.keys += 1;
        let over = CancellationToken::new();
        if of.is_some_and(|it| it.0.state.is_over()) {
            over.cancel();
        }
        let task = of.map(|it| it.0.id.clone());
        let node = of.and_then(|it| it.0.node.clone());
        let away = of.is_some_and(|it| it.1);
        let reader = Reader {
            engine: Arc::clone(&self.engine),
            key,
            source,
            since: self.ask.since,
            // A task that came while we looked is new from its first line.
            tail: self.ask.tail.filter(|_| first),
            follow: self.ask.follow && !over.is_cancelled(),
            read,
            over: over.clone(),
            live: self.live.subscribe(),
            out: self.out.clone(),
            room: Arc::new(Semaphore::new(AHEAD)),
            size: (WAITING / (AHEAD + 1) / others.max(1)).clamp(SMALLEST, LARGEST),
            patience: CHECKED
                .max(EACH * u32::try_from(self.known.len() + others).unwrap_or(u32::MAX)),
            silent: away,
        };
        self.known.insert(key, Known { task: task.clone(), node: node.clone(), over });
        self.running.spawn(reader.run());
        Begun { key, task, node, away }
    }
}

fn is_away(roster: &Roster, task: &Task) -> bool {
    let node = task.node.as_ref().and_then(|it| roster.node(it));
    node.is_some_and(|it| matches!(it.state.as_str(), "down" | "disconnected"))
}
