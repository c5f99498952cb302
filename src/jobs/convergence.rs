//! Convergence watch: observes services after a change until each reaches its desired state, or
//! clearly will not: the rule is that of deployments, [`Track`].

use crate::{
    domain::{
        deployment::deploy::{DeployLimits, Goal, SETTLES, ServiceStage, Track},
        health::{
            converge::{Progress, ServiceContext, ServiceTasks, progress},
            exit::{may_be_lost, stays_ended},
        },
        swarm::{
            change::ServiceRef,
            cluster::{Node, Object, ObjectKind, Task, TaskScope},
            names::{ServiceId, StackName},
            objects::ServiceObject,
        },
        text::count::plural,
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News,
        retry::{Aborted, DEADLINE, POLL},
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// What is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a> {
    pub targets: &'a [ServiceRef],
    /// The stack of all of them, where they are several.
    pub stack: Option<&'a StackName>,
    pub goal: Goal,
    /// How long all tasks must run at most before that counts.
    pub window: Duration,
    /// Tasks that should end are waited for, too.
    pub until_gone: bool,
    /// So many steps are done before.
    pub done: usize,
}

/// A service, and how it stands at the end.
#[derive(Debug)]
pub struct Watched {
    pub name: String,
    pub track: Track,
}

impl<'a> Watch<'a> {
    /// Watches a change that should end with all tasks running, and nothing else.
    pub fn of(targets: &'a [ServiceRef], goal: Goal, done: usize) -> Self {
        Self { targets, stack: None, goal, window: SETTLES, until_gone: true, done }
    }

    /// Watches until there is nothing left to wait for.
    pub async fn run(
        &self,
        engine: &dyn Engine,
        context: &JobContext,
    ) -> Result<Vec<Watched>, Aborted> {
        let mut watcher = Watcher::new(engine, *self);
        let (start, mut unseen, mut last) = (Instant::now(), Duration::ZERO, Instant::now());
        let mut away = Duration::ZERO;
        loop {
            match watcher.look(start.elapsed().saturating_sub(unseen)).await {
                Ok(()) => away = Duration::ZERO,
                Err(err) if err.is_transient() && away < DEADLINE => {
                    // Time in which nobody sees anything counts for no limit.
                    (unseen, away) = (unseen + last.elapsed(), away + last.elapsed());
                    context.say(News::Note(err.to_string()));
                }
                Err(err) => return Err(Aborted::ByError(err)),
            }
            last = Instant::now();
            if watcher.is_over(start.elapsed().saturating_sub(unseen)) {
                return Ok(watcher.watched);
            }
            context.say(News::Step { done: self.done, doing: watcher.doing() });
            tokio::select! {
                () = sleep(POLL) => {}
                () = context.stop_requested() => return Err(Aborted::OnRequest),
            }
        }
    }
}

impl Watched {
    /// Says why it did not get there, if so.
    pub fn lost(&self) -> Option<String> {
        match &self.track.standing {
            ServiceStage::Lost(why) => Some(format!("{}: {why}", self.name)),
            _ => None,
        }
    }

    pub fn running(&self) -> (u64, u64) {
        self.track.seen.as_ref().map_or((0, 0), |it| (it.running, it.desired))
    }

    /// Says what is remarkable of one that got there; may be empty.
    pub fn remarks(&self) -> String {
        let seen = self.track.seen.as_ref();
        let ended = seen.map_or(0, |it| it.ended);
        let leaving = seen.map_or(0, |it| it.leaving as u64);
        let mut remarks = String::new();
        if ended > 0 {
            remarks.push_str(&format!("; {}", stays_ended(ended, None)));
        }
        if leaving > 0 {
            let after = DEADLINE.as_secs() / 60;
            let tasks = plural(leaving, "old task");
            remarks.push_str(&format!("; {tasks} did not end within {after}m"));
        }
        remarks
    }

    fn leaving(&self) -> usize {
        self.track.seen.as_ref().map_or(0, |it| it.leaving)
    }

    fn words(&self) -> String {
        let (running, desired) = self.running();
        let leaving = plural(self.leaving() as u64, "old task");
        match &self.track.standing {
            ServiceStage::Lost(_) => format!("{}: failed", self.name),
            ServiceStage::Settled if self.leaving() > 0 => {
                format!("{}: {running}/{desired} tasks run, {leaving} still to stop", self.name)
            }
            ServiceStage::Settled => format!("{}: {running}/{desired} tasks run", self.name),
            ServiceStage::Arrived => {
                let seeing = "checking that they keep running";
                format!("{}: {running}/{desired} tasks run; {seeing}", self.name)
            }
            ServiceStage::Moving => format!("{}: {} tasks run", self.name, self.track.words()),
        }
    }
}

struct Watcher<'a> {
    engine: &'a dyn Engine,
    of: Watch<'a>,
    watched: Vec<Watched>,
    /// When each was changed, by the clock of the engine: that of this machine may be
    /// another. The first look, right after the change, remembers it.
    changed: HashMap<ServiceId, Timestamp>,
    nodes: Arc<[Node]>,
    nodes_read: bool,
}

impl<'a> Watcher<'a> {
    fn new(engine: &'a dyn Engine, of: Watch<'a>) -> Self {
        let track = || Track::towards(of.goal, DeployLimits::default(), Duration::ZERO);
        let watched = of.targets.iter().map(|it| Watched { name: it.name.clone(), track: track() });
        let watched = watched.collect();
        let (changed, nodes) = (HashMap::new(), Arc::default());
        Self { engine, of, watched, changed, nodes, nodes_read: false }
    }

    async fn look(&mut self, at: Duration) -> Answer<()> {
        let live = self.live().await?;
        let ids: Vec<ServiceId> = self.of.targets.iter().map(|it| it.id.clone()).collect();
        let (all, current) = (TaskScope::Services(ids.clone()), TaskScope::Current(ids));
        let (all, current) =
            tokio::try_join!(self.engine.tasks(&all), self.engine.tasks(&current))?;
        let leaving = self.watched.iter().any(|it| it.leaving() > 0);
        if !self.nodes_read || leaving || current.iter().any(may_be_lost) {
            self.nodes = self.engine.nodes().await?;
            self.nodes_read = true;
        }
        for (place, target) in self.of.targets.iter().enumerate() {
            let seen = live.get(&target.id).map(|live| self.progress(target, live, &all, &current));
            let Some(watched) = self.watched.get_mut(place) else { continue };
            if let Some(spec) = live.get(&target.id).map(|it| ServiceObject(it).spec().0) {
                let limits = DeployLimits::of(spec).unwrap_or_default();
                let window = limits.window.min(self.of.window);
                watched.track.limits = DeployLimits { window, ..limits };
            }
            if !watched.track.is_lost() {
                watched.track.see(seen, at);
            }
        }
        Ok(())
    }

    /// Reads the services that are there.
    async fn live(&self) -> Answer<BTreeMap<ServiceId, Value>> {
        let mut live = BTreeMap::new();
        if let [target] = self.of.targets {
            match self.engine.inspect(&Object::Service(target.id.clone())).await {
                Ok(found) => _ = live.insert(target.id.clone(), found),
                Err(EngineError::NotFound { .. }) => {}
                Err(err) => return Err(err),
            }
            return Ok(live);
        }
        let stack = self.of.stack.map(StackName::as_str);
        for found in self.engine.list(ObjectKind::Services, stack).await? {
            let id = ServiceId::from(ServiceObject(&found).id().unwrap_or_default());
            if self.of.targets.iter().any(|it| it.id == id) {
                live.insert(id, found);
            }
        }
        Ok(live)
    }

    fn progress(
        &mut self,
        target: &ServiceRef,
        live: &Value,
        all: &[Task],
        current: &[Task],
    ) -> Progress {
        let of = |tasks: &[Task]| -> Vec<Task> {
            tasks.iter().filter(|it| it.service.as_ref() == Some(&target.id)).cloned().collect()
        };
        let changed = self.changed.entry(target.id.clone());
        let changed =
            *changed.or_insert_with(|| ServiceObject(live).updated().unwrap_or(Timestamp::MIN));
        let known = ServiceContext { changed, own_subnet: false, nodes: &self.nodes };
        progress(live, ServiceTasks { all: &of(all), current: &of(current) }, &known)
    }

    fn is_over(&self, at: Duration) -> bool {
        let waits = |it: &Watched| self.of.until_gone && it.leaving() > 0 && at < DEADLINE;
        self.watched.iter().all(|it| it.track.is_lost() || it.track.is_over() && !waits(it))
    }

    /// Says what is still to come: one service in full, several in short.
    fn doing(&self) -> String {
        if let [one] = self.watched.as_slice() {
            return one.words();
        }
        let open = self.watched.iter().filter(|it| !it.track.is_over() || it.leaving() > 0);
        let words: Vec<String> = open.map(Watched::words).collect();
        words.join(", ")
    }
}
