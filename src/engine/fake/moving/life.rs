//! The life of a task: from new to running to its end.

use crate::{
    domain::swarm::{
        cluster::TaskState,
        names::{NodeId, ServiceId, TaskId},
    },
    engine::fake::swarm::{
        Swarm,
        image::Behaviour,
        task::{SlotKey, TaskRecord, Wait},
    },
};
use std::time::Duration;

impl Swarm {
    /// Creates a task of a service at a place; `wait` holds it back once it is
    /// ready.
    pub fn start_task(
        &mut self,
        service: &ServiceId,
        place: SlotKey,
        wait: Option<Wait>,
    ) -> TaskId {
        let id = TaskId::from(self.random.id().as_str());
        let version = self.bump();
        let Some(record) = self.services.get(service) else { return id };
        let desired = match (&wait, record.is_job()) {
            (Some(_), _) => TaskState::Ready,
            (None, true) => TaskState::Complete,
            (None, false) => TaskState::Running,
        };
        let node = if let SlotKey::Node(node) = &place { Some(node.clone()) } else { None };
        self.tasks.put(TaskRecord {
            id: id.clone(),
            version,
            service: service.clone(),
            stack: record.stack(),
            place,
            node,
            state: TaskState::New,
            desired,
            message: "created",
            error: String::new(),
            exit_code: None,
            container: None,
            created: self.now,
            since: self.now,
            template: record.template.clone(),
            iteration: record.iteration,
            wait,
            step: 0,
            speaks: None,
            silent: None,
        });
        self.plan(&id, Duration::from_millis(20));
        id
    }

    /// Takes the step that was planned, if the plan still holds.
    pub fn step(&mut self, id: &TaskId, step: u64) {
        let Some(task) = self.tasks.get(id) else { return };
        let node_answers =
            task.state < TaskState::Assigned || self.node_of(task).is_some_and(|node| node.up);
        if task.step != step || task.state.is_over() || !node_answers {
            return;
        }
        let service = task.service.clone();
        if task.is_wanted() {
            self.go_on(id);
        } else {
            self.report(id, TaskState::Shutdown, "shutdown", "");
        }
        self.reconcile(&service);
    }

    /// Puts a task that found its node on its way.
    pub fn assign(&mut self, id: &TaskId, node: NodeId) {
        if let Some(task) = self.tasks.get_mut(id) {
            task.node = Some(node);
        }
        self.report(id, TaskState::Assigned, "scheduler assigned task to node", "");
        self.plan(id, Duration::from_millis(30));
    }

    /// Notes the state of a task as its node reports it.
    pub fn report(&mut self, id: &TaskId, state: TaskState, message: &'static str, error: &str) {
        let (now, version) = (self.now, self.bump());
        let Some(task) = self.tasks.get_mut(id) else { return };
        task.state = state;
        task.message = message;
        error.clone_into(&mut task.error);
        task.since = now;
        task.version = version;
        if state.is_over() && task.speaks.is_some() {
            task.silent = Some(now);
            task.exit_code = task.exit_code.or(Some(0));
        }
        if state.is_over() {
            self.schedule_soon();
        }
    }

    fn go_on(&mut self, id: &TaskId) {
        let Some(task) = self.tasks.get(id) else { return };
        let image = task.template.image.clone();
        let behaviour = self.images.behaviour(&image);
        let held_back = task.desired < TaskState::Running;
        match task.state {
            TaskState::New => {
                self.report(id, TaskState::Pending, "pending task scheduling", "");
                self.schedule_soon();
            }
            TaskState::Assigned => {
                self.report(id, TaskState::Accepted, "accepted", "");
                self.plan(id, Duration::from_millis(40));
            }
            TaskState::Accepted => self.prepare(id, &image),
            TaskState::Preparing if !self.can_pull(id, behaviour) => {
                let error = format!("No such image: {image}");
                self.report(id, TaskState::Rejected, "preparing", &error);
            }
            TaskState::Preparing => {
                self.report(id, TaskState::Ready, "prepared", "");
                self.plan(id, Duration::from_millis(20));
            }
            TaskState::Ready if !held_back => self.start_container(id, behaviour),
            TaskState::Starting => self.run(id, behaviour),
            TaskState::Running => self.end(id, behaviour),
            _ => {}
        }
    }

    fn prepare(&mut self, id: &TaskId, image: &str) {
        let node = self.tasks.get(id).and_then(|it| it.node.clone());
        let container = self.random.container_id();
        if let Some(task) = self.tasks.get_mut(id) {
            task.container = Some(container);
        }
        self.report(id, TaskState::Preparing, "preparing", "");
        let at_hand = node.is_some_and(|node| self.images.pull(&node, image));
        let delay =
            if at_hand { self.random.millis(60, 180) } else { self.random.millis(900, 3200) };
        self.plan(id, delay);
    }

    fn can_pull(&self, id: &TaskId, behaviour: Behaviour) -> bool {
        let service = self.tasks.get(id).and_then(|it| self.services.get(&it.service));
        match behaviour {
            Behaviour::Missing => false,
            Behaviour::Private => service.is_some_and(|it| it.credentials),
            _ => true,
        }
    }

    fn start_container(&mut self, id: &TaskId, behaviour: Behaviour) {
        let now = self.now;
        self.report(id, TaskState::Starting, "starting", "");
        let Some(task) = self.tasks.get_mut(id) else { return };
        task.speaks = Some(now);
        let delay = match task.template.health {
            Some(health) if behaviour == Behaviour::Unhealthy => {
                health.start_period + health.interval * health.retries
            }
            Some(_) if behaviour == Behaviour::Crashes => Duration::from_millis(500),
            Some(health) => health.interval,
            None => self.random.millis(200, 500),
        };
        self.plan(id, delay);
    }

    fn run(&mut self, id: &TaskId, behaviour: Behaviour) {
        let Some(task) = self.tasks.get(id) else { return };
        let (checked, is_job) = (task.template.health.is_some(), task.iteration.is_some());
        match behaviour {
            Behaviour::Unhealthy if checked => {
                let error = "task: non-zero exit (143): dockerexec: unhealthy container";
                return self.fail(id, 143, "starting", error);
            }
            Behaviour::Crashes if checked => {
                return self.fail(id, 1, "starting", "task: non-zero exit (1)");
            }
            _ => self.report(id, TaskState::Running, "started", ""),
        }
        let delay = match behaviour {
            Behaviour::Crashes => self.random.millis(300, 900),
            Behaviour::EndsAfter(length) => length,
            Behaviour::Collapses => self.random.millis(7_000, 15_000),
            Behaviour::RunsOutOfMemory => self.random.millis(8_000, 20_000),
            Behaviour::Completes => self.random.millis(1_000, 3_000),
            _ if is_job => self.random.millis(4_000, 12_000),
            _ => return,
        };
        self.plan(id, delay);
    }

    fn end(&mut self, id: &TaskId, behaviour: Behaviour) {
        match behaviour {
            Behaviour::Crashes | Behaviour::Collapses | Behaviour::EndsAfter(_) => {
                self.fail(id, 1, "started", "task: non-zero exit (1)");
            }
            Behaviour::RunsOutOfMemory => {
                self.fail(id, 137, "started", "task: non-zero exit (137)");
            }
            _ => self.report(id, TaskState::Complete, "finished", ""),
        }
    }

    /// Takes a node down and up again before anybody misses it: what ran there is over.
    pub fn reboot(&mut self, node: &NodeId) {
        if let Some(node) = self.nodes.get_mut(node) {
            (node.updated, node.version) = (self.now, node.version + 1);
        }
        let ran =
            |it: &&TaskRecord| it.node.as_ref() == Some(node) && it.state == TaskState::Running;
        let ran = self.tasks.all().filter(ran).map(|it| (it.id.clone(), it.service.clone()));
        for (id, service) in ran.collect::<Vec<_>>() {
            self.fail(&id, 255, "started", "task: non-zero exit (255)");
            self.reconcile(&service);
        }
    }

    fn fail(&mut self, id: &TaskId, code: i64, message: &'static str, error: &str) {
        if let Some(task) = self.tasks.get_mut(id) {
            task.exit_code = Some(code);
        }
        self.report(id, TaskState::Failed, message, error);
    }
}
