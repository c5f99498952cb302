//! Objects as the API answers them.

use crate::{
    domain::swarm::{
        cluster::{Object, ObjectKind, Plugin, TaskState, Update},
        objects::ServiceSpec,
    },
    engine::fake::swarm::{
        Swarm, image::digest_of, node::NodeRecord, service::ServiceRecord, task::TaskRecord,
    },
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

impl Swarm {
    /// Returns one object, raw.
    pub fn inspect(&self, object: &Object) -> Option<Value> {
        match object {
            Object::Service(id) => self.services.get(id).map(service),
            Object::Task(id) => self.tasks.get(id).map(task),
            Object::Node(id) => self.nodes.get(id).map(node),
            Object::Network(id) => {
                self.networks.find(id).or_else(|| self.leaving.find(id)).map(|it| it.1.clone())
            }
            Object::Secret(id) => self.secrets.find(id).map(|it| it.1.clone()),
            Object::Config(id) => self.configs.find(id).map(|it| it.1.clone()),
            Object::Swarm => Some(swarm(self)),
        }
    }

    /// Returns all objects of a kind, raw, or those of one stack.
    pub fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Vec<Value> {
        let of_stack = |it: &&ServiceRecord| {
            stack.is_none_or(|stack| it.stack().is_some_and(|it| it.as_str() == stack))
        };
        match kind {
            ObjectKind::Services => self.services.values().filter(of_stack).map(service).collect(),
            ObjectKind::Networks => [self.networks.list(stack), self.leaving.list(stack)].concat(),
            ObjectKind::Secrets => self.secrets.list(stack),
            ObjectKind::Configs => self.configs.list(stack),
        }
    }
}

/// Answers as `GET /distribution/{image}/json`.
pub fn distribution(image: &str) -> Value {
    json!({
        "Descriptor": {
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest_of(image),
            "size": 1_862,
        },
        "Platforms": [{ "architecture": "amd64", "os": "linux" }],
    })
}

/// Answers as `GET /services/{id}`.
fn service(service: &ServiceRecord) -> Value {
    let mut answer = meta(service.id.as_str(), service.version, service.created, service.updated);
    answer.insert("Spec".to_owned(), service.spec.clone());
    if let Some(previous) = &service.previous {
        answer.insert("PreviousSpec".to_owned(), previous.clone());
    }
    answer.insert("Endpoint".to_owned(), endpoint(service));
    if let Some(status) = &service.update {
        answer.insert("UpdateStatus".to_owned(), update(status));
    }
    if let Some(iteration) = service.iteration {
        let last = service.last_run.unwrap_or(service.created);
        let status = json!({ "JobIteration": run(iteration), "LastExecution": last });
        answer.insert("JobStatus".to_owned(), status);
    }
    Value::Object(answer)
}

/// Answers as `GET /tasks/{id}`.
fn task(task: &TaskRecord) -> Value {
    let mut answer = meta(task.id.as_str(), task.version, task.created, task.since);
    answer.insert("Labels".to_owned(), json!({}));
    let mut spec = task.template.raw.clone();
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("Runtime");
    }
    answer.insert("Spec".to_owned(), spec);
    answer.insert("ServiceID".to_owned(), json!(task.service.as_str()));
    if task.slot() > 0 {
        answer.insert("Slot".to_owned(), json!(task.slot()));
    }
    if let Some(node) = &task.node {
        answer.insert("NodeID".to_owned(), json!(node.as_str()));
    }
    answer.insert("Status".to_owned(), status(task));
    answer.insert("DesiredState".to_owned(), json!(task.desired.word()));
    if let Some(iteration) = task.iteration {
        answer.insert("JobIteration".to_owned(), run(iteration));
    }
    Value::Object(answer)
}

/// Answers as `GET /nodes/{id}`.
/// The drivers that the engines of its nodes have, as those of Debian 12.
const PLUGINS: [(&str, &str); 11] = [
    ("Log", "fluentd"),
    ("Log", "gelf"),
    ("Log", "journald"),
    ("Log", "json-file"),
    ("Log", "local"),
    ("Log", "syslog"),
    ("Network", "bridge"),
    ("Network", "host"),
    ("Network", "null"),
    ("Network", "overlay"),
    ("Volume", "local"),
];

/// Returns them as the watcher reads them.
pub fn plugins() -> Vec<Plugin> {
    let plugin =
        |(kind, name): &(&str, &str)| Plugin { kind: (*kind).to_owned(), name: (*name).to_owned() };
    PLUGINS.iter().map(plugin).collect()
}

fn node(node: &NodeRecord) -> Value {
    let mut answer = meta(node.id.as_str(), node.version, node.created, node.updated);
    answer.insert("Spec".to_owned(), node.spec.clone());
    let capacity = node.capacity;
    answer.insert(
        "Description".to_owned(),
        json!({
            "Hostname": &*node.hostname,
            "Platform": { "Architecture": "x86_64", "OS": "linux" },
            "Resources": { "NanoCPUs": capacity.nano_cpus, "MemoryBytes": capacity.memory },
            "Engine": {
                "EngineVersion": VERSION,
                "Plugins": PLUGINS.map(|(kind, name)| json!({ "Type": kind, "Name": name })),
            },
        }),
    );
    let mut status =
        json!({ "State": if node.up { "ready" } else { "down" }, "Addr": node.address });
    if !node.message.is_empty() {
        status["Message"] = json!(node.message);
    }
    answer.insert("Status".to_owned(), status);
    if node.is_manager() {
        let mut manager = json!({
            "Reachability": if node.up { "reachable" } else { "unreachable" },
            "Addr": format!("{}:2377", node.address),
        });
        if node.leader {
            manager["Leader"] = json!(true);
        }
        answer.insert("ManagerStatus".to_owned(), manager);
    }
    Value::Object(answer)
}

/// Answers as `GET /swarm`.
fn swarm(swarm: &Swarm) -> Value {
    let mut answer = meta(&swarm.cluster, 11, swarm.created, swarm.created);
    answer.insert(
        "Spec".to_owned(),
        json!({
            "Name": "default", "Labels": {},
            "Orchestration": { "TaskHistoryRetentionLimit": 5 },
            "Raft": {
                "SnapshotInterval": 10_000, "LogEntriesForSlowFollowers": 500,
                "ElectionTick": 10, "HeartbeatTick": 1,
            },
            "Dispatcher": { "HeartbeatPeriod": 5_000_000_000_u64 },
            "CAConfig": { "NodeCertExpiry": 7_776_000_000_000_000_u64 },
            "TaskDefaults": {},
            "EncryptionConfig": { "AutoLockManagers": false },
        }),
    );
    answer.insert("RootRotationInProgress".to_owned(), json!(false));
    answer.insert("DefaultAddrPool".to_owned(), json!(["10.0.0.0/8"]));
    answer.insert("SubnetSize".to_owned(), json!(24));
    answer.insert("DataPathPort".to_owned(), json!(4789));
    Value::Object(answer)
}

/// The engine's version, and the API version it speaks.
pub const VERSION: &str = "28.2.2";
pub const API: &str = "1.50";

fn meta(id: &str, version: u64, created: Timestamp, updated: Timestamp) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("ID".to_owned(), json!(id));
    answer.insert("Version".to_owned(), json!({ "Index": version }));
    answer.insert("CreatedAt".to_owned(), json!(created));
    answer.insert("UpdatedAt".to_owned(), json!(updated));
    answer
}

/// The first run has the index 0, which engines leave out.
fn run(iteration: u64) -> Value {
    if iteration == 0 { json!({}) } else { json!({ "Index": iteration }) }
}

fn endpoint(service: &ServiceRecord) -> Value {
    if service.ports.is_empty() && service.addresses.is_empty() {
        return json!({ "Spec": {} });
    }
    let spec = ServiceSpec(&service.spec).endpoint();
    let mut endpoint = json!({ "Spec": if spec.is_object() { spec.clone() } else { json!({}) } });
    if !service.ports.is_empty() {
        endpoint["Ports"] = json!(service.ports);
    }
    if !service.addresses.is_empty() {
        endpoint["VirtualIPs"] = json!(service.addresses);
    }
    endpoint
}

fn update(update: &Update) -> Value {
    let mut answer = json!({ "State": update.state });
    if let Some(started) = update.started {
        answer["StartedAt"] = json!(started);
    }
    if let Some(completed) = update.completed {
        answer["CompletedAt"] = json!(completed);
    }
    answer["Message"] = json!(update.message);
    answer
}

fn status(task: &TaskRecord) -> Value {
    let mut status = json!({
        "Timestamp": task.since, "State": task.state.word(), "Message": task.message,
    });
    if !task.error.is_empty() {
        status["Err"] = json!(task.error);
    }
    if let Some(container) = &task.container {
        let pid = if task.state == TaskState::Running { 4_000 + task.version % 28_000 } else { 0 };
        let code = task.exit_code.unwrap_or(0);
        status["ContainerStatus"] =
            json!({ "ContainerID": container, "PID": pid, "ExitCode": code });
    }
    status["PortStatus"] = json!({});
    status
}
