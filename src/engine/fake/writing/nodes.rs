//! Nodes: what may be changed about them, and how they come and go.

use crate::{
    domain::swarm::{
        change::Applied,
        cluster::{Resources, TaskState},
        names::{NodeId, ServiceId},
        objects::NodeSpec,
    },
    engine::fake::{
        swarm::{Swarm, agenda::Due, node::NodeRecord, task::TaskRecord},
        writing::refusal::Refusal,
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

impl Swarm {
    /// Adds a node that is up.
    pub fn add_node(&mut self, hostname: &str, manager: bool, cores: i64, memory: i64) -> NodeId {
        let id = NodeId::from(self.random.id().as_str());
        let number = self.nodes.len() + 11;
        let leader = manager && !self.nodes.values().any(|it| it.leader);
        let role = if manager { "manager" } else { "worker" };
        let version = self.bump();
        let node = NodeRecord {
            id: id.clone(),
            version,
            created: self.now,
            updated: self.now,
            spec: json!({ "Labels": {}, "Role": role, "Availability": "active" }),
            hostname: hostname.into(),
            address: format!("10.20.0.{number}"),
            capacity: Resources { nano_cpus: cores * 1_000_000_000, memory },
            up: true,
            message: String::new(),
            leader,
        };
        self.nodes.insert(id.clone(), node);
        self.tell("node", "create", id.as_str(), hostname, BTreeMap::new());
        id
    }

    pub fn update_node(
        &mut self,
        id: &NodeId,
        version: u64,
        spec: &Value,
    ) -> Result<Applied, Refusal> {
        let Some(node) = self.nodes.get(id) else {
            return Err(Refusal::NotFound(None));
        };
        if node.version != version {
            return Err(Refusal::OutOfSequence);
        }
        for (key, words) in
            [("Role", &["worker", "manager"][..]), ("Availability", &["active", "pause", "drain"])]
        {
            if !spec[key].as_str().is_some_and(|it| words.contains(&it)) {
                let word = spec[key].as_str().unwrap_or_default();
                return Err(Refusal::invalid(format!("invalid {key}: \"{word}\"")));
            }
        }
        if node.is_manager() && NodeSpec(spec).role() == Some("worker") {
            self.check_demotion(id)?;
        }
        let mut new = spec.clone();
        if !new["Labels"].is_object() {
            new["Labels"] = json!({});
        }
        self.write_node(id, new);
        self.elect();
        self.leave_unfit_nodes();
        self.reconcile_all();
        Ok(Applied::default())
    }

    fn write_node(&mut self, id: &NodeId, spec: Value) {
        let (version, now) = (self.bump(), self.now);
        let Some(node) = self.nodes.get_mut(id) else { return };
        let mut told = BTreeMap::new();
        for key in ["Availability", "Role"] {
            if node.spec[key] != spec[key] {
                let word = |it: &Value| it[key].as_str().unwrap_or_default().to_owned();
                let key = key.to_ascii_lowercase();
                told.insert(format!("{key}.old"), word(&node.spec));
                told.insert(format!("{key}.new"), word(&spec));
            }
        }
        node.spec = spec;
        node.version = version;
        node.updated = now;
        let name = node.hostname.clone();
        self.tell("node", "update", id.as_str(), &name, told);
    }

    fn check_demotion(&self, id: &NodeId) -> Result<(), Refusal> {
        let managers = self.nodes.values().filter(|it| it.is_manager()).count();
        if managers == 1 {
            return Err(Refusal::invalid("attempting to demote the last manager of the swarm"));
        }
        let reachable =
            self.nodes.values().filter(|it| it.is_manager() && it.up && it.id != *id).count();
        if reachable < (managers - 1) / 2 + 1 {
            return Err(Refusal::invalid(
                "can't remove member from the raft: this would result in a loss of quorum",
            ));
        }
        Ok(())
    }

    /// Loses a node, or brings it back.
    pub fn set_node_up(&mut self, id: &NodeId, up: bool) {
        let (version, now) = (self.bump(), self.now);
        let Some(node) = self.nodes.get_mut(id).filter(|it| it.up != up) else { return };
        node.up = up;
        node.message = if up { String::new() } else { "heartbeat failure".to_owned() };
        node.version = version;
        node.updated = now;
        let name = node.hostname.clone();
        let (old, new) = if up { ("down", "ready") } else { ("ready", "down") };
        let told = BTreeMap::from([
            ("state.old".to_owned(), old.to_owned()),
            ("state.new".to_owned(), new.to_owned()),
        ]);
        self.tell("node", "update", id.as_str(), &name, told);
        self.elect();
        if up {
            self.wake_tasks_on(id);
        }
        self.reconcile_all();
    }

    /// Makes sure that a manager which is up leads, while most of them are.
    fn elect(&mut self) {
        let leads = |it: &NodeRecord| it.leader && it.up && it.is_manager();
        if self.nodes.values().any(leads) || !self.has_quorum() {
            return;
        }
        let next = self.nodes.values().find(|it| it.is_manager() && it.up).map(|it| it.id.clone());
        for node in self.nodes.values_mut() {
            node.leader = Some(&node.id) == next.as_ref();
        }
    }

    /// Returns whether enough managers are up to decide anything.
    pub fn has_quorum(&self) -> bool {
        let managers = self.nodes.values().filter(|it| it.is_manager());
        let up = managers.clone().filter(|it| it.up).count();
        up > managers.count() / 2
    }

    fn wake_tasks_on(&mut self, node: &NodeId) {
        let here = |it: &&TaskRecord| it.is_active() && it.node.as_ref() == Some(node);
        let tasks: Vec<_> = self.tasks.all().filter(here).map(|it| it.id.clone()).collect();
        for task in tasks {
            let delay = self.random.millis(400, 900);
            let going = self
                .tasks
                .get(&task)
                .is_some_and(|it| it.state < TaskState::Running || !it.is_wanted());
            if going {
                self.plan(&task, delay);
            }
        }
    }

    /// Turns away tasks whose constraints their node does not satisfy any more.
    fn leave_unfit_nodes(&mut self) {
        let unfit = |task: &&TaskRecord| {
            let constraints = &task.template.constraints;
            let fits = |node: &NodeRecord| constraints.iter().all(|it| it.admits(node));
            task.is_active() && task.is_wanted() && self.node_of(task).is_some_and(|it| !fits(it))
        };
        let tasks: Vec<_> = self.tasks.all().filter(unfit).map(|it| it.id.clone()).collect();
        for task in tasks {
            let error = "assigned node no longer meets constraints";
            self.report(&task, TaskState::Rejected, "preparing", error);
        }
    }

    fn reconcile_all(&mut self) {
        let services: BTreeSet<ServiceId> = self.services.keys().cloned().collect();
        for service in services {
            self.reconcile_soon(&service);
        }
        self.put(Duration::from_millis(60), Due::Schedule);
    }
}
