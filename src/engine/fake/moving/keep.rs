//! The orchestrator: it compares the tasks of a service with what its spec
//! wants and makes up the difference.

use crate::{
    domain::swarm::{
        cluster::{Mode, TaskState},
        names::{NodeId, ServiceId, TaskId},
        states::Availability,
    },
    engine::fake::swarm::{
        Swarm,
        agenda::Due,
        node::NodeRecord,
        task::{SlotKey, TaskRecord, Wait},
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};

/// Tasks that a swarm keeps for each place (engine default).
const KEPT: usize = 5;

impl Swarm {
    pub fn reconcile_soon(&mut self, service: &ServiceId) {
        self.put(Duration::from_millis(30), Due::Reconcile(service.clone()));
    }

    /// Makes one round. Safe to call at any time, any number of times.
    pub fn reconcile(&mut self, id: &ServiceId) {
        self.release(id);
        if let Some(service) = self.services.get_mut(id) {
            let mode = service.mode();
            if mem::take(&mut service.fresh) {
                self.see_update(id);
            }
            self.judge(id);
            self.replace_ended(id);
            match mode {
                Mode::Replicated { replicas } => self.keep_replicas(id, replicas),
                Mode::Global => self.keep_on_every_node(id),
                Mode::ReplicatedJob { at_once, total } => self.run_job(id, at_once, total),
                Mode::GlobalJob => self.run_on_every_node(id),
            }
            self.roll_on(id);
        }
        self.forget_old_tasks(id);
    }

    /// Lets tasks that are held back run once nothing holds them any more.
    fn release(&mut self, id: &ServiceId) {
        let free = |task: &&TaskRecord| {
            let Some(wait) = &task.wait else { return false };
            let old = wait.old.as_ref().and_then(|it| self.tasks.get(it));
            let stops = old
                .is_some_and(|it| it.is_active() && self.node_of(it).is_some_and(|node| node.up));
            task.is_wanted() && !task.state.is_over() && wait.until <= self.now && !stops
        };
        let freed: Vec<_> = self.tasks.of(id).filter(free).map(|it| it.id.clone()).collect();
        for task in freed {
            let Some(record) = self.tasks.get_mut(&task) else { continue };
            record.wait = None;
            let is_job = record.iteration.is_some();
            self.want(&task, if is_job { TaskState::Complete } else { TaskState::Running });
        }
    }

    /// Starts tasks in place of those that ended, or whose node is gone.
    fn replace_ended(&mut self, id: &ServiceId) {
        let ended = |task: &&TaskRecord| {
            let homeless = self.node_of(task).is_some_and(|node| !node.keeps_tasks());
            // A task that ends while it is held back is replaced when its time
            // comes: images that are missing are not asked for all the time.
            task.is_wanted()
                && task.wait.as_ref().is_none_or(|it| it.until <= self.now)
                && (task.state != TaskState::Complete || task.iteration.is_none())
                && (task.state.is_over() || homeless && task.state >= TaskState::Assigned)
        };
        let ended: Vec<_> = self.tasks.of(id).filter(ended).map(|it| it.id.clone()).collect();
        for task in ended {
            self.restart(&task);
        }
    }

    fn restart(&mut self, id: &TaskId) {
        self.want(id, TaskState::Shutdown);
        let Some(task) = self.tasks.get(id) else { return };
        let node = self.node_of(task);
        let drained = node.is_some_and(|it| it.availability() == Availability::Drain);
        let gone = node.is_some_and(|it| !it.keeps_tasks());
        let (service, place) = (task.service.clone(), task.place.clone());
        if !self.restarts(task) || (gone && matches!(place, SlotKey::Node(_))) {
            return;
        }
        let delay = if drained { Duration::ZERO } else { task.template.restart.delay };
        let until = self.now + delay;
        let wait = Wait { until, old: Some(id.clone()) };
        let now = self.now;
        let counts = task.template.restart.attempts > 0;
        if let Some(record) = self.services.get_mut(&service).filter(|_| counts) {
            record.restarts.entry(place.clone()).or_default().push(now);
        }
        self.start_task(&service, place, Some(wait));
        self.agenda.put(until, Due::Reconcile(service));
    }

    /// Returns whether the restart policy wants another task after this one.
    pub fn restarts(&self, task: &TaskRecord) -> bool {
        let policy = &task.template.restart;
        let is_job = task.iteration.is_some();
        let wanted = match policy.condition.as_str() {
            "none" => false,
            "on-failure" => task.state != TaskState::Complete,
            _ => !is_job || task.state != TaskState::Complete,
        };
        let Some(service) = self.services.get(&task.service).filter(|_| wanted) else {
            return false;
        };
        let recent = |at: &&Timestamp| policy.window.is_zero() || **at > task.since - policy.window;
        let attempts = service.restarts.get(&task.place).into_iter().flatten().filter(recent);
        policy.attempts == 0 || (attempts.count() as u64) < policy.attempts
    }

    fn keep_replicas(&mut self, id: &ServiceId, replicas: u64) {
        let mut slots: BTreeMap<u64, (bool, Option<NodeId>)> = BTreeMap::new();
        for task in self.tasks.of(id) {
            // A task that ended for good keeps its slot.
            let occupied = task.is_wanted() || (task.state.is_over() && !self.restarts(task));
            if !occupied {
                continue;
            }
            let slot = slots.entry(task.slot()).or_default();
            if task.is_wanted() && task.state == TaskState::Running {
                slot.0 = true;
            }
            slot.1 = task.node.clone().or(slot.1.take());
        }
        let have = slots.len() as u64;
        for _ in have..replicas {
            let slot = (1..=replicas).find(|it| !slots.contains_key(it)).unwrap_or(1);
            slots.insert(slot, (false, None));
            self.start_task(id, SlotKey::Slot(slot), None);
        }
        for slot in surplus(&slots, replicas) {
            self.dismiss(id, |task| task.place == SlotKey::Slot(slot));
        }
    }

    fn keep_on_every_node(&mut self, id: &ServiceId) {
        let (able, staying) = self.nodes_for(id);
        self.dismiss(id, |task| {
            task.is_wanted() && !matches!(&task.place, SlotKey::Node(it) if staying.contains(it))
        });
        let ended: BTreeSet<_> = self
            .tasks
            .of(id)
            .filter(|it| {
                it.is_wanted()
                    || (it.state.is_over() && it.state != TaskState::Shutdown && !self.restarts(it))
            })
            .filter_map(|it| it.node.clone())
            .collect();
        for node in able.difference(&ended).cloned().collect::<Vec<_>>() {
            self.start_task(id, SlotKey::Node(node), None);
        }
    }

    fn run_on_every_node(&mut self, id: &ServiceId) {
        let iteration = self.services.get(id).and_then(|it| it.iteration);
        self.dismiss(id, |task| task.iteration != iteration);
        let (able, _) = self.nodes_for(id);
        let served: BTreeSet<_> = self
            .tasks
            .of(id)
            .filter(|it| it.iteration == iteration)
            .filter_map(|it| it.node.clone())
            .collect();
        for node in able.difference(&served).cloned().collect::<Vec<_>>() {
            self.start_task(id, SlotKey::Node(node), None);
        }
    }

    fn run_job(&mut self, id: &ServiceId, at_once: u64, total: u64) {
        let iteration = self.services.get(id).and_then(|it| it.iteration);
        self.dismiss(id, |task| task.iteration != iteration);
        let current = || self.tasks.of(id).filter(|it| it.iteration == iteration);
        let active = current().filter(|it| it.is_wanted() && it.is_active()).count() as u64;
        // A place stays taken once its task completed, or failed for good.
        let taken: BTreeSet<&SlotKey> = current().map(|it| &it.place).collect();
        let open: Vec<_> = (1..=total)
            .map(SlotKey::Run)
            .filter(|it| !taken.contains(it))
            .take(usize::try_from(at_once.saturating_sub(active)).unwrap_or(usize::MAX))
            .collect();
        for place in open {
            self.start_task(id, place, None);
        }
    }

    /// Returns the nodes where a task on every node is to start, and those
    /// where it may stay.
    fn nodes_for(&self, id: &ServiceId) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
        let Some(service) = self.services.get(id) else { return Default::default() };
        let admitted =
            |node: &&NodeRecord| service.template.constraints.iter().all(|it| it.admits(node));
        let ids = |keep: fn(&NodeRecord) -> bool| {
            let nodes = self.nodes.values().filter(admitted).filter(|it| keep(it));
            nodes.map(|it| it.id.clone()).collect()
        };
        (ids(NodeRecord::takes_tasks), ids(NodeRecord::keeps_tasks))
    }

    /// Stops wanting tasks for good, and forgets those that are over.
    pub fn dismiss(&mut self, id: &ServiceId, chosen: impl Fn(&TaskRecord) -> bool) {
        let ids: Vec<_> = self
            .tasks
            .of(id)
            .filter(|it| it.desired != TaskState::Remove && chosen(it))
            .map(|it| it.id.clone())
            .collect();
        for task in ids {
            self.want(&task, TaskState::Remove);
        }
    }

    /// Deletes tasks that are dismissed and over, and the oldest of a place.
    fn forget_old_tasks(&mut self, id: &ServiceId) {
        let gone = !self.services.contains_key(id);
        let mut kept: BTreeMap<&SlotKey, usize> = BTreeMap::new();
        let mut forgotten = Vec::new();
        let tasks: Vec<_> = self.tasks.of(id).collect();
        for task in tasks.into_iter().rev() {
            let count = kept.entry(&task.place).or_default();
            *count += 1;
            let dismissed = task.desired == TaskState::Remove || gone;
            let old = *count > KEPT && !task.is_wanted() && task.iteration.is_none();
            if task.state.is_over() && (dismissed || old) {
                forgotten.push(task.id.clone());
            }
        }
        for task in forgotten {
            self.tasks.take(&task);
        }
    }
}

/// Chooses the slots to give up: those that do not run first, then those on the
/// nodes with most of them, the highest first.
fn surplus(slots: &BTreeMap<u64, (bool, Option<NodeId>)>, replicas: u64) -> Vec<u64> {
    let mut on_node: BTreeMap<&Option<NodeId>, usize> = BTreeMap::new();
    let mut ranked: Vec<_> = slots
        .iter()
        .filter(|(_, (runs, _))| *runs)
        .map(|(slot, (_, node))| {
            let nth = on_node.entry(node).or_default();
            *nth += 1;
            (*nth, *slot)
        })
        .collect();
    ranked.sort_unstable();
    let idle = slots.iter().filter(|(_, (runs, _))| !runs).map(|it| *it.0);
    let order = ranked.into_iter().map(|it| it.1).chain(idle);
    order.skip(usize::try_from(replicas).unwrap_or(usize::MAX)).collect()
}
