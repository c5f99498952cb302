//! A strict swarm in memory: the engine of the tests and of `--demo`.
//!
//! It is never kinder than a real one: what engines refuse or punish, it
//! refuses. It moves by itself, by the same steps for the same seed, whenever
//! somebody looks; nothing runs in the background. Time is tokio's, so that
//! tests can pause it.

mod handle;
mod demo;
mod moving;
mod script;
mod streams;
mod swarm;
mod telling;
mod trouble;
mod writing;

#[cfg(test)]
mod tests;

pub use handle::FakeEngine;
pub use script::Link;
pub use swarm::image::Behaviour;

use crate::{
    domain::{
        logs::{LogLine, LogRequest},
        swarm::{
            change::{Applied, Change, RegistryAuth},
            cluster::{Happening, Node, Object, ObjectKind, Service, System, Task, TaskScope},
        },
    },
    engine::{
        Answer, Engine, EngineError, ReadEngine,
        fake::{telling::answer, writing::services::NO_CREDENTIALS},
    },
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

#[async_trait]
impl ReadEngine for FakeEngine {
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
            time: Some(swarm.now),
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
        state
            .swarm
            .inspect(object)
            .ok_or_else(|| EngineError::NotFound { what: object_name(object) })
    }

    async fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Answer<Vec<Value>> {
        let state = self.meet("list").await?;
        Ok(state.swarm.list(kind, stack))
    }

    async fn volumes(&self, stack: &str) -> Answer<Vec<String>> {
        let state = self.meet("volumes").await?;
        let of_stack = state.swarm.volumes.iter().filter(|it| it.1 == stack);
        Ok(of_stack.map(|it| it.0.clone()).collect())
    }

    async fn distribution(&self, image: &str, auth: Option<&RegistryAuth>) -> Answer<Value> {
        let state = self.meet("distribution").await?;
        let what = format!("image {image}");
        match state.swarm.images.behaviour(image) {
            Behaviour::Missing => return Err(EngineError::NotFound { what }),
            Behaviour::Private if auth.is_none_or(|it| it.0 == NO_CREDENTIALS) => {
                let why = "no basic auth credentials".to_owned();
                return Err(EngineError::Unauthorized { what, why });
            }
            _ => {}
        }
        Ok(answer::distribution(image))
    }

    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
        streams::events(self.clone(), since)
    }

    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
        streams::logs(self.clone(), request.clone())
    }

    fn log_streams(&self) -> usize {
        self.lock().trouble.streams.unwrap_or(256)
    }
}

#[async_trait]
impl Engine for FakeEngine {
    fn reading(&self) -> &(dyn ReadEngine + 'static) {
        self
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
}

fn same_or_new<T: PartialEq>(last: &mut Option<Arc<[T]>>, fresh: Vec<T>) -> Arc<[T]> {
    match last {
        Some(last) if **last == *fresh => last.clone(),
        _ => last.insert(fresh.into()).clone(),
    }
}

/// Names an object as errors do.
fn object_name(object: &Object) -> String {
    match object {
        Object::Service(id) => format!("service {id}"),
        Object::Task(id) => format!("task {id}"),
        Object::Node(id) => format!("node {id}"),
        Object::Network(id) => format!("network {id}"),
        Object::Secret(id) => format!("secret {id}"),
        Object::Config(id) => format!("config {id}"),
        Object::Swarm => "swarm".to_owned(),
    }
}
