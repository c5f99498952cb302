//! The engine API: a gateway to a swarm without decisions of its own.

pub mod error;
pub mod context;
pub mod docker;
pub mod fake;

pub use error::EngineError;

use crate::domain::{
    logs::{LogLine, LogRequest},
    swarm::{
        change::{Applied, Change, RegistryAuth},
        cluster::{Happening, Node, Object, ObjectKind, Service, System, Task, TaskScope},
    },
    text::count::plural,
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde_json::Value;
use std::{fmt, ops::Deref, sync::Arc};

/// What an engine answers.
pub type Answer<T> = Result<T, EngineError>;

/// What an engine answered that makes no sense, and is missing in lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub services: usize,
    pub nodes: usize,
    pub tasks: usize,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.services, "service"), (self.nodes, "node"), (self.tasks, "task")];
        let words = counts.iter().filter(|it| it.0 > 0).map(|it| plural(it.0 as u64, it.1));
        let words = words.collect::<Vec<_>>().join(", ");
        write!(f, "{words} left out: the engine's data about them is not valid")
    }
}

impl LeftOut {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What can be asked of a swarm. Every call has a time limit; streams have one until they
/// start.
#[async_trait]
pub trait ReadEngine: Send + Sync {
    /// Where the engine is, for people: `unix:///var/run/docker.sock`, `demo`.
    fn address(&self) -> String;

    /// Who answers; works on engines outside any swarm too.
    async fn system(&self) -> Answer<System>;

    /// All services with their counts, by name. The very same `Arc` as last
    /// time where nothing changed.
    async fn services(&self) -> Answer<Arc<[Service]>>;

    /// How many objects of the last lists could not be read, and are not in them.
    fn left_out(&self) -> LeftOut {
        LeftOut::default()
    }

    /// All nodes, by host name. The very same `Arc` where nothing changed.
    async fn nodes(&self) -> Answer<Arc<[Node]>>;

    async fn tasks(&self, scope: &TaskScope) -> Answer<Vec<Task>>;

    /// One object, raw and complete (never with defaults filled in).
    async fn inspect(&self, object: &Object) -> Answer<Value>;

    /// All objects of a kind, raw and complete, those of one stack if named.
    async fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Answer<Vec<Value>>;

    /// The names of the volumes of a stack on the node of this engine; works on workers
    /// too.
    async fn volumes(&self, stack: &str) -> Answer<Vec<String>>;

    /// What a registry says of an image: `GET /distribution/{image}/json`, raw.
    async fn distribution(&self, image: &str, auth: Option<&RegistryAuth>) -> Answer<Value>;

    /// What happens in the cluster from `since` on; ends when the connection does.
    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>>;

    /// Lines as they come, each with its origin. An error among them is what the engine
    /// says of lines it could not read; others may follow.
    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>>;

    /// How many of such streams may be open at once.
    fn log_streams(&self) -> usize {
        256
    }
}

/// A swarm we can look at and change: whatever stands before one passes on what is asked,
/// and decides about changes only.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Who answers what is asked. `dyn Engine` passes questions on to it by itself.
    fn reading(&self) -> &(dyn ReadEngine + 'static);

    /// Whether it refuses every change, whoever asks.
    fn read_only(&self) -> bool {
        false
    }

    /// The only call that changes the cluster. Never retried in here.
    async fn apply(&self, change: &Change) -> Answer<Applied>;
}

impl Deref for dyn Engine + '_ {
    type Target = dyn ReadEngine;

    fn deref(&self) -> &Self::Target {
        self.reading()
    }
}
