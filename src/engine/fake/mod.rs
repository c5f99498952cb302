//! A strict swarm in memory: the engine of the tests and of `--demo`.
//!
//! It is never kinder than a real one: what engines refuse or punish, it
//! refuses. It moves by itself, by the same steps for the same seed, whenever
//! somebody looks; nothing runs in the background. Time is tokio's, so that
//! tests can pause it.

mod agenda;
mod answer;
mod chatter;
mod check;
mod constraint;
mod demo;
mod demo_spec;
mod image;
mod keep;
mod life;
mod networks;
mod nodes;
mod normal;
mod objects;
mod place;
mod random;
mod read;
mod record;
mod refusal;
mod rollout;
mod script;
mod services;
mod streams;
mod swarm;
mod tasks;
mod template;
mod trouble;
mod voice;

#[cfg(test)]
mod tests_demo;

pub use image::Behaviour;
pub use script::Link;

use crate::{
    domain::{
        change::{Applied, Change, RegistryAuth},
        cluster::{Happening, Kind, Node, Object, Service, System, Task, TaskScope},
        logs::{LogLine, LogRequest},
    },
    engine::{
        Answer, Engine, EngineError,
        fake::{objects::Payload, refusal::Refusal, swarm::Swarm, trouble::Trouble},
    },
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// A handle on a swarm in memory; clones share the swarm.
#[derive(Debug, Clone)]
pub struct FakeEngine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Changes when streams should look again.
    stirred: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    swarm: Swarm,
    trouble: Trouble,
    clock: Option<(Instant, Timestamp)>,
    writes: Vec<String>,
    services: Option<Arc<[Service]>>,
    nodes: Option<Arc<[Node]>>,
}

#[async_trait]
impl Engine for FakeEngine {
    fn address(&self) -> String {
        trouble::address()
    }

    async fn system(&self) -> Answer<System> {
        let state = self.meet("system").await?;
        let swarm = &state.swarm;
        let node = swarm.nodes.values().find(|it| it.leader).or(swarm.nodes.values().next());
        let Some(node) = node else {
            return Err(EngineError::NotASwarm { address: trouble::address() });
        };
        Ok(System {
            name: node.hostname.to_string(),
            version: answer::VERSION.to_owned(),
            api: answer::API.to_owned(),
            swarm: state.trouble.membership(node.id.clone(), &swarm.cluster),
        })
    }

    async fn services(&self) -> Answer<Arc<[Service]>> {
        let mut state = self.meet("services").await?;
        let fresh = state.swarm.read_services();
        Ok(same_or_new(&mut state.services, fresh))
    }

    async fn nodes(&self) -> Answer<Arc<[Node]>> {
        let mut state = self.meet("nodes").await?;
        let fresh = state.swarm.read_nodes();
        Ok(same_or_new(&mut state.nodes, fresh))
    }

    async fn tasks(&self, scope: &TaskScope) -> Answer<Vec<Task>> {
        let call = if *scope == TaskScope::All { "all tasks" } else { "tasks" };
        let state = self.meet(call).await?;
        Ok(state.swarm.read_tasks(scope))
    }

    async fn inspect(&self, object: &Object) -> Answer<Value> {
        let state = self.meet("inspect").await?;
        let swarm = &state.swarm;
        let (found, what) = match object {
            Object::Service(id) => {
                (swarm.services.get(id).map(answer::service), format!("service {id}"))
            }
            Object::Task(id) => (swarm.tasks.get(id).map(answer::task), format!("task {id}")),
            Object::Node(id) => (swarm.nodes.get(id).map(answer::node), format!("node {id}")),
            Object::Network(id) => {
                (swarm.networks.find(id).map(|it| it.1.clone()), format!("network {id}"))
            }
            Object::Secret(id) => {
                (swarm.secrets.find(id).map(|it| it.1.clone()), format!("secret {id}"))
            }
            Object::Config(id) => {
                (swarm.configs.find(id).map(|it| it.1.clone()), format!("config {id}"))
            }
            Object::Swarm => (Some(answer::swarm(swarm)), "swarm".to_owned()),
        };
        found.ok_or(EngineError::NotFound { what })
    }

    async fn list(&self, kind: Kind, stack: Option<&str>) -> Answer<Vec<Value>> {
        let state = self.meet("list").await?;
        let swarm = &state.swarm;
        Ok(match kind {
            Kind::Services => {
                let of_stack = |it: &&record::ServiceRecord| {
                    stack.is_none_or(|stack| it.stack().is_some_and(|it| it.as_str() == stack))
                };
                swarm.services.values().filter(of_stack).map(answer::service).collect()
            }
            Kind::Networks => swarm.networks.list(stack),
            Kind::Secrets => swarm.secrets.list(stack),
            Kind::Configs => swarm.configs.list(stack),
        })
    }

    async fn distribution(&self, image: &str, _auth: Option<&RegistryAuth>) -> Answer<Value> {
        let state = self.meet("distribution").await?;
        if state.swarm.images.behaviour(image) == Behaviour::Missing {
            return Err(EngineError::NotFound { what: format!("image {image}") });
        }
        Ok(json!({
            "Descriptor": {
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "digest": image::digest_of(image),
                "size": 1_862,
            },
            "Platforms": [{ "architecture": "amd64", "os": "linux" }],
        }))
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let applied = {
            let mut state = self.meet("apply").await?;
            let applied = state.swarm.write(change).map_err(|it| it.of(change))?;
            state.writes.push(change.to_string());
            applied
        };
        self.stir();
        Ok(applied)
    }

    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
        streams::events(self.clone(), since)
    }

    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
        streams::logs(self.clone(), request.clone())
    }
}

impl FakeEngine {
    /// Lets a call through, or not, and brings the swarm up to now.
    async fn meet(&self, call: &'static str) -> Answer<MutexGuard<'_, State>> {
        let delay = self.lock().trouble.delay;
        if delay > Duration::ZERO {
            sleep(delay).await;
        }
        let met = self.lock().trouble.meet(call);
        if met.is_err() {
            self.stir();
        }
        met?;
        let mut state = self.lock();
        state.catch_up();
        Ok(state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a test thread leaves the swarm as good as it was.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stir(&self) {
        self.shared.stirred.send_modify(|it| *it += 1);
    }
}

impl State {
    /// Lets the swarm move until now.
    fn catch_up(&mut self) {
        let (origin, start) = *self.clock.get_or_insert((Instant::now(), self.swarm.now));
        self.swarm.advance(start + origin.elapsed());
    }

    /// Returns when tokio's clock shows the moment `at` of the swarm.
    fn instant(&self, at: Timestamp) -> Instant {
        let (origin, start) = self.clock.unwrap_or((Instant::now(), self.swarm.now));
        let after = Duration::try_from(at.duration_since(start)).unwrap_or_default();
        origin + after
    }
}

impl Swarm {
    fn write(&mut self, change: &Change) -> Result<Applied, Refusal> {
        match change {
            Change::CreateService { spec, .. } => self.create_service(spec.json()),
            Change::UpdateService { id, version, body, .. } => {
                self.update_service(id, *version, body.json())
            }
            Change::RollBackService { id, version, .. } => self.roll_back_service(id, *version),
            Change::RemoveService { id, .. } => self.remove_service(id),
            Change::UpdateNode { id, version, spec, .. } => self.update_node(id, *version, spec),
            Change::CreateNetwork { body, .. } => self.create_network(body),
            Change::RemoveNetwork { id, .. } => self.remove_network(id),
            Change::CreateSecret { body, .. } => self.create_payload(Payload::Secret, &body.0),
            Change::UpdateSecret { id, version, body, .. } => {
                self.update_payload(Payload::Secret, id, *version, &body.0)
            }
            Change::RemoveSecret { id, .. } => self.remove_payload(Payload::Secret, id),
            Change::CreateConfig { body, .. } => self.create_payload(Payload::Config, body),
            Change::UpdateConfig { id, version, body, .. } => {
                self.update_payload(Payload::Config, id, *version, body)
            }
            Change::RemoveConfig { id, .. } => self.remove_payload(Payload::Config, id),
        }
    }
}

fn same_or_new<T: PartialEq>(last: &mut Option<Arc<[T]>>, fresh: Vec<T>) -> Arc<[T]> {
    match last {
        Some(last) if **last == *fresh => last.clone(),
        _ => last.insert(fresh.into()).clone(),
    }
}
