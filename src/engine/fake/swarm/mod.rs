//! The swarm itself: its objects, its clock, and what it told.

pub mod agenda;
pub mod node;
pub mod constraint;
pub mod template;
pub mod task;
pub mod rollout;
pub mod service;
pub mod tasks;
pub mod random;
pub mod image;
pub mod objects;

use crate::{
    domain::swarm::{
        cluster::{Happening, TaskState},
        names::{NodeId, ServiceId, TaskId},
    },
    engine::fake::swarm::{
        agenda::{Agenda, Due},
        image::Images,
        node::NodeRecord,
        objects::Objects,
        random::Random,
        service::ServiceRecord,
        task::TaskRecord,
        tasks::TaskTable,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// How many happenings an engine remembers (20.10).
const REMEMBERED: usize = 256;

/// A swarm that moves when its time does. It never reads a clock.
#[derive(Debug, Clone)]
pub struct Swarm {
    pub now: Timestamp,
    pub cluster: String,
    pub created: Timestamp,
    pub seed: u64,
    pub random: Random,
    pub agenda: Agenda,
    pub nodes: BTreeMap<NodeId, NodeRecord>,
    pub services: BTreeMap<ServiceId, ServiceRecord>,
    pub tasks: TaskTable,
    pub networks: Objects,
    /// Networks that were removed and that nodes have not let go of.
    pub leaving: Objects,
    pub secrets: Objects,
    /// What secrets hold, by their ids; it is compared and never told.
    pub hidden: BTreeMap<String, Value>,
    pub configs: Objects,
    /// Volumes of the node that answers, each with its stack.
    pub volumes: BTreeSet<(String, String)>,
    pub images: Images,
    pub told: VecDeque<(u64, Happening)>,
    /// Changes with everything that is written.
    pub index: u64,
    pub will_schedule: bool,
}

impl Swarm {
    /// Makes a swarm without nodes.
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let mut random = Random::new(seed);
        let cluster = random.id();
        let mut swarm = Self {
            now,
            cluster,
            created: now,
            seed,
            random,
            agenda: Agenda::default(),
            nodes: BTreeMap::new(),
            services: BTreeMap::new(),
            tasks: TaskTable::default(),
            networks: Objects::default(),
            leaving: Objects::default(),
            secrets: Objects::default(),
            hidden: BTreeMap::new(),
            configs: Objects::default(),
            volumes: BTreeSet::new(),
            images: Images::default(),
            told: VecDeque::new(),
            index: 10,
            will_schedule: false,
        };
        swarm.add_predefined_networks();
        swarm
    }

    /// Lets time pass: everything due until `to` happens at its own moment.
    pub fn advance(&mut self, to: Timestamp) {
        while let Some((at, due)) = self.agenda.take(to) {
            self.now = self.now.max(at);
            match due {
                Due::Task { id, step } => self.step(&id, step),
                Due::Reconcile(service) => self.reconcile(&service),
                Due::Schedule => self.schedule(),
                Due::Node { id, up } => self.set_node_up(&id, up),
                Due::Leave { network } => self.let_go(&network),
            }
        }
        self.now = self.now.max(to);
    }

    /// Returns the index of the next write.
    pub fn bump(&mut self) -> u64 {
        self.index += 1;
        self.index
    }

    pub fn put(&mut self, after: Duration, due: Due) {
        self.agenda.put(self.now + after, due);
    }

    /// Lets pending tasks look for nodes soon.
    pub fn schedule_soon(&mut self) {
        if !self.will_schedule {
            self.will_schedule = true;
            self.put(Duration::from_millis(50), Due::Schedule);
        }
    }

    /// Tells everybody who listens.
    pub fn tell(
        &mut self,
        kind: &str,
        action: &str,
        id: &str,
        name: &str,
        more: BTreeMap<String, String>,
    ) {
        let mut attributes = more;
        attributes.insert("name".to_owned(), name.to_owned());
        let happening = Happening {
            at: self.now,
            kind: kind.to_owned(),
            action: action.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            attributes,
            spec: Vec::new(),
        };
        let number = self.told.back().map_or(0, |it| it.0) + 1;
        self.told.push_back((number, happening));
        if self.told.len() > REMEMBERED {
            self.told.pop_front();
        }
    }

    pub fn service_named(&self, name: &str) -> Option<&ServiceRecord> {
        self.services.values().find(|it| it.name() == name)
    }

    pub fn node_named(&self, hostname: &str) -> Option<&NodeRecord> {
        self.nodes.values().find(|it| &*it.hostname == hostname)
    }

    pub fn node_of(&self, task: &TaskRecord) -> Option<&NodeRecord> {
        self.nodes.get(task.node.as_ref()?)
    }

    /// Changes what the swarm wants of a task.
    pub fn want(&mut self, id: &TaskId, desired: TaskState) {
        let version = self.bump();
        let Some(task) = self.tasks.get_mut(id) else { return };
        if task.desired == desired {
            return;
        }
        task.desired = desired;
        task.version = version;
        let delay = match (task.state, desired > TaskState::Complete) {
            (TaskState::Starting | TaskState::Running, true) => self.random.millis(300, 1400),
            _ => self.random.millis(10, 40),
        };
        self.plan(id, delay);
    }

    /// Plans the next step of a task; an older plan is void.
    pub fn plan(&mut self, id: &TaskId, after: Duration) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        task.step += 1;
        let due = Due::Task { id: id.clone(), step: task.step };
        self.put(after, due);
    }

    /// Lets every service have all its tasks, spread over the nodes and running,
    /// without the way there.
    pub fn settle_at_once(&mut self) {
        let services: Vec<_> = self.services.keys().cloned().collect();
        for service in &services {
            self.reconcile(service);
        }
        self.agenda = Agenda::default();
        let nodes: Vec<_> = self.nodes.keys().cloned().collect();
        let tasks: Vec<_> = self.tasks.all().map(|it| it.id.clone()).collect();
        for (id, node) in tasks.iter().zip(nodes.iter().cycle()) {
            let container = self.random.container_id();
            if let Some(task) = self.tasks.get_mut(id) {
                task.node = Some(node.clone());
                task.container = Some(container);
                task.speaks = Some(self.now);
            }
            self.report(id, TaskState::Running, "started", "");
        }
    }
}
