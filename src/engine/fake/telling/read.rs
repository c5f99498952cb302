//! The swarm's records as the domain sees them.

use crate::{
    domain::swarm::{
        cluster::{
            Manager, Mode, Node, Port, RestartRule, Seen, Service, Task, TaskScope, TaskState,
        },
        names::NodeId,
        objects::{PortConfig, ServiceSpec, TaskTemplate},
        states::{NodeState, Reachability},
        stop::{StopState, standing},
    },
    engine::fake::{
        swarm::{Swarm, node::NodeRecord, service::ServiceRecord, task::TaskRecord},
        telling::answer,
    },
};
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeMap;

impl Swarm {
    /// Returns all services by name.
    pub fn read_services(&self) -> Vec<Service> {
        let mut services: Vec<_> = self.services.values().map(|it| self.read_service(it)).collect();
        services.sort_by(|a, b| a.name.cmp(&b.name));
        services
    }

    /// Returns all nodes by host name.
    pub fn read_nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<_> = self.nodes.values().map(read_node).collect();
        nodes.sort_by(|a, b| a.hostname.cmp(&b.hostname));
        nodes
    }

    /// Returns tasks by id, for an engine answers in no useful order either.
    pub fn read_tasks(&self, scope: &TaskScope) -> Vec<Task> {
        let of_stack = |task: &TaskRecord, stack| task.stack.as_ref() == Some(stack);
        let mut tasks: Vec<Task> = match scope {
            TaskScope::Services(ids) => {
                ids.iter().flat_map(|it| self.tasks.of(it)).map(read_task).collect()
            }
            TaskScope::Current(ids) => ids
                .iter()
                .flat_map(|it| self.tasks.of(it))
                .filter(|it| self.is_current(it))
                .map(read_task)
                .collect(),
            TaskScope::Past(ids) => ids
                .iter()
                .flat_map(|it| self.tasks.of(it))
                .filter(|it| it.desired == TaskState::Shutdown)
                .map(read_task)
                .collect(),
            TaskScope::Node(node) => self.read_tasks_on(std::slice::from_ref(node)),
            TaskScope::Nodes(nodes) => self.read_tasks_on(nodes),
            TaskScope::Stack(stack) => {
                self.tasks.all().filter(|it| of_stack(it, stack)).map(read_task).collect()
            }
            TaskScope::All => self.tasks.all().map(read_task).collect(),
        };
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        tasks
    }

    fn read_tasks_on(&self, nodes: &[NodeId]) -> Vec<Task> {
        let on_them = |it: &&TaskRecord| it.node.as_ref().is_some_and(|it| nodes.contains(it));
        self.tasks.all().filter(on_them).map(read_task).collect()
    }

    /// Returns whether the present spec of its service would make the same task.
    fn is_current(&self, task: &TaskRecord) -> bool {
        let service = self.services.get(&task.service);
        service.is_some_and(|it| !task.template.is_dirty(&it.template, self.node_of(task)))
    }

    fn read_service(&self, service: &ServiceRecord) -> Service {
        let tasks = self.tasks.of(&service.id).filter(|it| it.iteration == service.iteration);
        let count = |wanted: &dyn Fn(&TaskRecord) -> bool| {
            tasks.clone().filter(|it| wanted(it)).count() as u64
        };
        let spec = ServiceSpec(&service.spec);
        let template = spec.template();
        let desired = match service.mode() {
            Mode::Replicated { replicas } => replicas,
            Mode::Global => count(&|it| it.desired == TaskState::Running),
            Mode::ReplicatedJob { at_once, .. } => at_once,
            Mode::GlobalJob => count(&|it| it.is_wanted() && it.state != TaskState::Complete),
        };
        let completed =
            if service.is_job() { count(&|it| it.state == TaskState::Complete) } else { 0 };
        Service {
            id: service.id.clone(),
            name: service.name().into(),
            stack: service.stack(),
            version: service.version,
            mode: service.mode(),
            image: service.template.image.clone(),
            container_spec: service.template.container_spec,
            running: count(&|it| it.state == TaskState::Running),
            desired,
            completed,
            stopped: match standing(&service.spec) {
                StopState::Stopped(replicas) => Some(replicas),
                StopState::Up(_) | StopState::Fixed(_) => None,
            },
            update: service.update.clone(),
            ports: service.ports.iter().map(read_port).collect(),
            reserved: service.template.reserved,
            generic: Vec::new(),
            restart: read_restart(template),
            constraints: template.constraints().map(str::to_owned).collect(),
            memory_limit: template.limit().memory,
            networks: template.networks().map(str::to_owned).collect(),
            max_per_node: template.max_replicas_per_node(),
            virtual_ip: spec.has_virtual_ip(),
            replicas_before: service.previous.as_ref().and_then(replicas),
            created: service.created,
            updated: service.updated,
            changed: match service.update.as_ref().and_then(|it| it.started) {
                Some(started) => started,
                None if service.previous.is_none() => service.created,
                None => service.updated,
            },
            seen: Seen::default(),
        }
    }
}

fn read_restart(template: TaskTemplate<'_>) -> RestartRule {
    let policy = template.restart_policy();
    let delay = policy.delay().and_then(|it| SignedDuration::try_from(it).ok());
    RestartRule {
        checked: template.container().healthcheck().is_on(),
        may_end: matches!(policy.condition(), Some("none" | "on-failure")),
        never: policy.condition() == Some("none"),
        delay: delay.unwrap_or(RestartRule::default().delay),
    }
}

fn replicas(spec: &Value) -> Option<u64> {
    match ServiceSpec(spec).mode()? {
        Mode::Replicated { replicas } => Some(replicas),
        Mode::Global | Mode::ReplicatedJob { .. } | Mode::GlobalJob => None,
    }
}

fn read_port(port: &Value) -> Port {
    let port = PortConfig(port);
    let number = |it: u64| u16::try_from(it).unwrap_or_default();
    Port {
        published: number(port.published().unwrap_or_default()),
        target: number(port.target()),
        protocol: port.protocol().to_owned(),
        host: port.is_host(),
    }
}

fn read_node(node: &NodeRecord) -> Node {
    let labels = node.labels().all();
    let labels = labels.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Node {
        id: node.id.clone(),
        hostname: node.hostname.clone(),
        version: node.version,
        manager: node.is_manager().then(|| Manager {
            leader: node.leader,
            reachability: if node.up { Reachability::Reachable } else { Reachability::Unreachable }
                .into(),
            address: format!("{}:2377", node.address),
        }),
        availability: node.availability(),
        state: if node.up { NodeState::Ready } else { NodeState::Down }.into(),
        message: node.message.clone(),
        address: node.address.clone(),
        engine: answer::VERSION.to_owned(),
        platform: "linux/x86_64".to_owned(),
        capacity: node.capacity,
        generic: BTreeMap::new(),
        plugins: answer::plugins(),
        labels,
        created: node.created,
        heard: node.updated,
    }
}

fn read_task(task: &TaskRecord) -> Task {
    Task {
        id: task.id.clone(),
        service: Some(task.service.clone()),
        node: task.node.clone(),
        slot: task.slot(),
        state: task.state,
        desired: task.desired,
        message: task.message.to_owned(),
        error: task.error.clone(),
        exit_code: task.exit_code,
        container: task.container.clone(),
        image: task.template.image.clone(),
        container_spec: task.template.container_spec,
        created: task.created,
        since: task.since,
        updated: task.since,
    }
}
