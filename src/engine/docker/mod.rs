//! Real engines, over the raw API.
//!
//! Specs travel as raw JSON, because typed clients lose what they do not know
//! (`bollard` 0.21 reads no health checks), and lists are decoded element by
//! element, because one odd object would spoil them. Whatever is read has a limit.

mod limits;
mod call;
mod change;
pub(super) mod decode;
mod refusal;
mod fault;
mod ssh;
mod tls;
mod dial;
mod transport;
mod version;
mod wire;
mod events;
mod logs;

pub use limits::Limits;

#[cfg(test)]
mod figures;

use crate::{
    domain::{
        logs::{LogLine, LogRequest},
        swarm::{
            change::{Applied, Change, RegistryAuth},
            cluster::{
                Happening, Membership, Node, Object, ObjectKind, Service, System, Task, TaskScope,
            },
            names::{NodeId, STACK_LABEL, ServiceId},
        },
    },
    engine::{
        Answer, Engine, EngineError, LeftOut, ReadEngine,
        context::Endpoint,
        docker::{
            call::{Call, image_part, part},
            decode::{Decode, elements_and_rest},
            refusal::garbage,
            wire::Wire,
        },
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// A real engine.
pub struct DockerEngine {
    wire: Arc<Wire>,
    services: Memory<Service>,
    nodes: Memory<Node>,
    rest: Rest,
}

/// How many objects were left out of the last list of each kind.
#[derive(Default)]
struct Rest {
    services: AtomicUsize,
    nodes: AtomicUsize,
    tasks: AtomicUsize,
}

/// Makes the gateway to an engine. Nothing is sent before the first call.
pub fn connect(endpoint: Endpoint) -> DockerEngine {
    connect_within(endpoint, Limits::default())
}

/// The same with other time limits.
pub fn connect_within(endpoint: Endpoint, limits: Limits) -> DockerEngine {
    let wire = Arc::new(Wire::new(endpoint, limits));
    DockerEngine {
        wire,
        services: Memory::default(),
        nodes: Memory::default(),
        rest: Rest::default(),
    }
}

#[async_trait]
impl ReadEngine for DockerEngine {
    fn address(&self) -> String {
        self.wire.address().to_owned()
    }

    async fn system(&self) -> Answer<System> {
        let call = Call::get("/info", "the engine");
        let body = self.wire.send(&call).await?;
        let api = &self.wire.agreed().await?.api;
        decode::system::system(&body, api).map_err(|err| garbage(&call, &err.to_string(), &body))
    }

    async fn services(&self) -> Answer<Arc<[Service]>> {
        let call = Call::get("/services?status=true", "services");
        let body = self.ask(&call).await?;
        self.services.recall(body, |body| {
            let read = decoded(&call, body, decode::service::service)?;
            let mut services = Rest::keep(&self.rest.services, read);
            services.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(services)
        })
    }

    fn left_out(&self) -> LeftOut {
        let of = |it: &AtomicUsize| it.load(Ordering::Relaxed);
        let Rest { services, nodes, tasks } = &self.rest;
        LeftOut { services: of(services), nodes: of(nodes), tasks: of(tasks) }
    }

    async fn nodes(&self) -> Answer<Arc<[Node]>> {
        let call = Call::get("/nodes", "nodes");
        let body = self.ask(&call).await?;
        self.nodes.recall(body, |body| {
            let read = decoded(&call, body, decode::node::node)?;
            let mut nodes = Rest::keep(&self.rest.nodes, read);
            nodes.sort_by(|a, b| a.hostname.cmp(&b.hostname));
            Ok(nodes)
        })
    }

    async fn tasks(&self, scope: &TaskScope) -> Answer<Vec<Task>> {
        let (ids, narrowed): (_, fn(_) -> _) = match scope {
            TaskScope::Services(ids) => (ids, TaskScope::Services),
            TaskScope::Current(ids) => (ids, TaskScope::Current),
            TaskScope::Past(ids) => (ids, TaskScope::Past),
            TaskScope::Nodes(ids) if ids.is_empty() => return Ok(Vec::new()),
            _ => return self.tasks_of(scope).await,
        };
        // To the engine, no name is any name.
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        match self.tasks_of(scope).await {
            Err(EngineError::NotFound { .. }) => match self.those_left(ids).await? {
                left if left.is_empty() => Ok(Vec::new()),
                left => self.tasks_of(&narrowed(left)).await,
            },
            answer => answer,
        }
    }

    async fn inspect(&self, object: &Object) -> Answer<Value> {
        let (folder, id, word) = match object {
            Object::Service(id) => ("services", id.as_str(), "service"),
            Object::Task(id) => ("tasks", id.as_str(), "task"),
            Object::Node(id) => ("nodes", id.as_str(), "node"),
            Object::Network(id) => ("networks", id.as_str(), "network"),
            Object::Secret(id) => ("secrets", id.as_str(), "secret"),
            Object::Config(id) => ("configs", id.as_str(), "config"),
            Object::Swarm => return self.ask_json(&Call::get("/swarm", "the swarm")).await,
        };
        let path = format!("/{folder}/{}", part(id));
        self.ask_json(&Call::get(path, format!("{word} {id}"))).await
    }

    async fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Answer<Vec<Value>> {
        let (path, what) = match kind {
            ObjectKind::Services => ("/services", "services"),
            ObjectKind::Networks => ("/networks", "networks"),
            ObjectKind::Secrets => ("/secrets", "secrets"),
            ObjectKind::Configs => ("/configs", "configs"),
        };
        let mut call = Call::get(path, what);
        if let Some(stack) = stack {
            call = call.filtered("label", &[&format!("{STACK_LABEL}={stack}")]);
        }
        let listing = async {
            match self.ask_json(&call).await? {
                Value::Array(objects) => Ok(objects),
                Value::Null => Ok(Vec::new()),
                other => Err(garbage(&call, "no list", other.to_string().as_bytes())),
            }
        };
        if kind != ObjectKind::Networks || stack.is_some() {
            return listing.await;
        }
        let (mut networks, host, bridge) =
            tokio::try_join!(listing, self.predefined("host"), self.predefined("bridge"))?;
        networks.extend(host.into_iter().chain(bridge));
        Ok(networks)
    }

    async fn volumes(&self, stack: &str) -> Answer<Vec<String>> {
        let call = Call::get("/volumes", "volumes")
            .filtered("label", &[&format!("{STACK_LABEL}={stack}")]);
        let found = self.ask_json(&call).await?;
        Ok(decode::volumes(&found))
    }

    async fn distribution(&self, image: &str, auth: Option<&RegistryAuth>) -> Answer<Value> {
        let path = format!("/distribution/{}/json", image_part(image));
        let call = Call::get(path, format!("image {image}"))
            .doing(format!("look up image {image}"))
            .auth(auth)
            .slow();
        self.wire.json(&call).await
    }

    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
        events::events(Arc::clone(&self.wire), since)
    }

    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
        logs::open(Arc::clone(&self.wire), request)
    }

    fn log_streams(&self) -> usize {
        self.wire.streams()
    }
}

#[async_trait]
impl Engine for DockerEngine {
    fn reading(&self) -> &(dyn ReadEngine + 'static) {
        self
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let body = self.ask(&change::call(change)).await?;
        Ok(change::applied(&body))
    }
}

impl DockerEngine {
    async fn ask(&self, call: &Call) -> Answer<Bytes> {
        match self.wire.send(call).await {
            Err(err @ EngineError::NotAManager { .. }) => Err(self.with_managers(err).await),
            answer => answer,
        }
    }

    async fn tasks_of(&self, scope: &TaskScope) -> Answer<Vec<Task>> {
        let all = Call::get("/tasks", "tasks");
        let call = match scope {
            TaskScope::Services(ids) => all.filtered("service", &words(ids)),
            // Docker's own progress bars ask so; the engine compares the specs.
            TaskScope::Current(ids) => {
                all.filtered_by(&[("service", &words(ids)), ("_up-to-date", &["true"])])
            }
            TaskScope::Past(ids) => {
                all.filtered_by(&[("service", &words(ids)), ("desired-state", &["shutdown"])])
            }
            TaskScope::Node(id) => all.filtered("node", &[id.as_str()]),
            TaskScope::Nodes(ids) => {
                let ids: Vec<&str> = ids.iter().map(NodeId::as_str).collect();
                all.filtered("node", &ids)
            }
            TaskScope::Stack(name) => all.filtered("label", &[&format!("{STACK_LABEL}={name}")]),
            TaskScope::All => all,
        };
        let body = self.ask(&call).await?;
        let read = decoded(&call, &body, decode::task::task)?;
        let mut tasks = Rest::keep(&self.rest.tasks, read);
        // The engine lists those of several services in another order each time.
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(tasks)
    }

    /// Returns a network of the swarm that lists leave out, while services name it by id.
    async fn predefined(&self, name: &str) -> Answer<Option<Value>> {
        let call = Call::get(format!("/networks/{name}?scope=swarm"), format!("network {name}"));
        match self.ask_json(&call).await {
            Ok(network) => Ok(Some(network)),
            Err(EngineError::NotFound { .. }) => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// The engine refuses the whole question where one of the services is gone.
    async fn those_left(&self, ids: &[ServiceId]) -> Answer<Vec<ServiceId>> {
        let call = Call::get("/services", "services").filtered("id", &words(ids));
        let body = self.ask(&call).await?;
        let (left, _) = decoded(&call, &body, decode::service::service)?;
        Ok(left.into_iter().map(|it| it.id).collect())
    }

    async fn ask_json(&self, call: &Call) -> Answer<Value> {
        let body = self.ask(call).await?;
        serde_json::from_slice(&body).map_err(|err| garbage(call, &err.to_string(), &body))
    }

    /// A worker knows where its managers are.
    async fn with_managers(&self, err: EngineError) -> EngineError {
        match self.system().await {
            Ok(System { swarm: Membership::Worker { managers, .. }, .. }) => {
                EngineError::NotAManager { address: self.address(), managers }
            }
            _ => err,
        }
    }
}

impl Rest {
    fn keep<T>(count: &AtomicUsize, (list, left_out): (Vec<T>, usize)) -> Vec<T> {
        count.store(left_out, Ordering::Relaxed);
        list
    }
}

fn words(ids: &[ServiceId]) -> Vec<&str> {
    ids.iter().map(ServiceId::as_str).collect()
}

fn decoded<T>(call: &Call, body: &[u8], decode: Decode<T>) -> Answer<(Vec<T>, usize)> {
    elements_and_rest(body, decode).map_err(|err| garbage(call, &err.to_string(), body))
}

/// The last answer and what it meant: an idle cluster answers the same bytes
/// again and again.
struct Memory<T>(Mutex<Option<(Bytes, Arc<[T]>)>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Memory<T> {
    fn recall(
        &self,
        body: Bytes,
        decode: impl FnOnce(&[u8]) -> Answer<Vec<T>>,
    ) -> Answer<Arc<[T]>> {
        // The value is replaced as a whole: a panic elsewhere leaves it sound.
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, meaning)) = &*lock()
            && *last == body
        {
            return Ok(Arc::clone(meaning));
        }
        let meaning: Arc<[T]> = decode(&body)?.into();
        *lock() = Some((body, Arc::clone(&meaning)));
        Ok(meaning)
    }
}
