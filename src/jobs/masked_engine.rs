//! The engine as people see it: secret values of projects, as far as this machine knows them,
//! are masked in what it says. Nothing that is read here may be written back, so it refuses
//! every change.

use crate::{
    domain::{
        logs::{LogLine, LogRequest, LogSource},
        project::Secrets,
        swarm::{
            change::{Applied, Change, RegistryAuth},
            cluster::{Happening, Node, Object, ObjectKind, Service, System, Task, TaskScope},
            names::{ServiceId, StackName},
            objects::{AnyObject, TaskObject},
        },
    },
    engine::{Answer, Engine, EngineError, LeftOut, ReadEngine},
    jobs::release_reader::on_disk,
    projects::live_secrets,
    store::{StateVersion, Store},
};
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// An engine that shows what another one says without the secret values of stacks.
pub struct MaskedEngine {
    engine: Arc<dyn Engine>,
    known: Arc<KnownValues>,
}

/// The secret values of stacks, as far as they were needed.
struct KnownValues {
    store: Store,
    /// Of the services as they were listed last; nothing before that.
    stacks: Mutex<Option<HashMap<ServiceId, StackName>>>,
    read: Mutex<(Option<StateVersion>, ByStack)>,
}

type ByStack = HashMap<StackName, Arc<Secrets>>;

impl MaskedEngine {
    /// Masks what an engine says by what a state holds.
    pub fn new(engine: Arc<dyn Engine>, store: Store) -> Self {
        let known = KnownValues { store, stacks: Mutex::default(), read: Mutex::default() };
        Self { engine, known: Arc::new(known) }
    }

    /// Returns the engine that says everything: for what is compared, and not shown.
    pub fn unmasked(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Masks words about a service.
    pub async fn mask<'a>(&self, of: &ServiceId, words: impl Iterator<Item = &'a mut String>) {
        let secrets = self.known.of_service(&*self.engine, of).await;
        words.for_each(|it| secrets.clean(it));
    }
}

#[async_trait]
impl Engine for MaskedEngine {
    fn reading(&self) -> &(dyn ReadEngine + 'static) {
        self
    }

    fn read_only(&self) -> bool {
        true
    }

    async fn apply(&self, change: &Change) -> Answer<Applied> {
        let why = "what is shown is never written back; this is a bug of skep".to_owned();
        Err(EngineError::Conflict { what: format!("did not {change}"), why })
    }
}

#[async_trait]
impl ReadEngine for MaskedEngine {
    fn address(&self) -> String {
        self.engine.address()
    }

    async fn system(&self) -> Answer<System> {
        self.engine.system().await
    }

    async fn services(&self) -> Answer<Arc<[Service]>> {
        let services = self.engine.services().await?;
        self.known.remember(&services);
        Ok(services)
    }

    fn left_out(&self) -> LeftOut {
        self.engine.left_out()
    }

    async fn nodes(&self) -> Answer<Arc<[Node]>> {
        self.engine.nodes().await
    }

    /// Errors of tasks quote commands, arguments and values of variables. Images stay: they are
    /// no place for a secret, and people must see which one runs.
    async fn tasks(&self, scope: &TaskScope) -> Answer<Vec<Task>> {
        let mut tasks = self.engine.tasks(scope).await?;
        if self.known.is_nothing() {
            return Ok(tasks);
        }
        let services: BTreeSet<ServiceId> = tasks.iter().filter_map(said_of).collect();
        let secrets = self.known.of_services(&*self.engine, services).await;
        for task in &mut tasks {
            if let Some(secrets) = said_of(task).and_then(|it| secrets.get(&it)) {
                secrets.clean(&mut task.error);
            }
        }
        Ok(tasks)
    }

    async fn inspect(&self, object: &Object) -> Answer<Value> {
        let mut raw = self.engine.inspect(object).await?;
        self.known.mask(&mut raw).await;
        Ok(raw)
    }

    async fn list(&self, kind: ObjectKind, stack: Option<&str>) -> Answer<Vec<Value>> {
        let mut list = self.engine.list(kind, stack).await?;
        for raw in &mut list {
            self.known.mask(raw).await;
        }
        Ok(list)
    }

    async fn volumes(&self, stack: &str) -> Answer<Vec<String>> {
        self.engine.volumes(stack).await
    }

    async fn distribution(&self, image: &str, auth: Option<&RegistryAuth>) -> Answer<Value> {
        self.engine.distribution(image, auth).await
    }

    fn events(&self, since: Option<Timestamp>) -> BoxStream<'static, Answer<Happening>> {
        self.engine.events(since)
    }

    fn logs(&self, request: &LogRequest) -> BoxStream<'static, Answer<LogLine>> {
        let lines = self.engine.logs(request);
        if self.known.is_nothing() {
            return lines;
        }
        let (engine, known) = (Arc::clone(&self.engine), Arc::clone(&self.known));
        let source = request.source.clone();
        let masked = async move {
            let secrets = known.of_source(&*engine, &source).await;
            if secrets.is_empty() {
                return lines;
            }
            let mask = move |mut line: LogLine| {
                secrets.clean(&mut line.text);
                line
            };
            lines.map(move |it| it.map(&mask)).boxed()
        };
        masked.flatten_stream().boxed()
    }

    fn log_streams(&self) -> usize {
        self.engine.log_streams()
    }
}

impl KnownValues {
    /// Returns whether no values can be known: there is no state.
    fn is_nothing(&self) -> bool {
        self.store.placed().is_err()
    }

    fn remember(&self, services: &[Service]) {
        let stack = |it: &Service| Some((it.id.clone(), it.stack.clone()?));
        let mut stacks = self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        *stacks = Some(services.iter().filter_map(stack).collect());
    }

    fn stack_of(&self, service: &ServiceId) -> Option<StackName> {
        let stacks = self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        stacks.as_ref()?.get(service).cloned()
    }

    fn is_listed(&self) -> bool {
        self.stacks.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Masks an object of a stack.
    async fn mask(&self, raw: &mut Value) {
        if let Some(secrets) = self.of_stack(stack_in(raw)).await {
            secrets.clean_json(raw);
        }
    }

    async fn of_source(&self, engine: &dyn Engine, source: &LogSource) -> Arc<Secrets> {
        match source {
            LogSource::Service(id) => self.of_service(engine, id).await,
            LogSource::Task(id) => {
                let raw = engine.inspect(&Object::Task(id.clone())).await;
                let stack = raw.ok().and_then(|it| stack_in(&it));
                self.of_stack(stack).await.unwrap_or_default()
            }
        }
    }

    async fn of_service(&self, engine: &dyn Engine, service: &ServiceId) -> Arc<Secrets> {
        let mut found = self.of_services(engine, BTreeSet::from([service.clone()])).await;
        found.remove(service).unwrap_or_default()
    }

    async fn of_services(
        &self,
        engine: &dyn Engine,
        services: BTreeSet<ServiceId>,
    ) -> HashMap<ServiceId, Arc<Secrets>> {
        // A service without a stack stays so: nobody asks for it again and again.
        if !self.is_listed()
            && let Ok(all) = engine.services().await
        {
            self.remember(&all);
        }
        let stack = |it: ServiceId| self.stack_of(&it).map(|stack| (it, stack));
        let stacks: Vec<(ServiceId, StackName)> = services.into_iter().filter_map(stack).collect();
        let known = self.of_stacks(stacks.iter().map(|it| it.1.clone()).collect()).await;
        let secrets = |it: (ServiceId, StackName)| Some((it.0, Arc::clone(known.get(&it.1)?)));
        stacks.into_iter().filter_map(secrets).collect()
    }

    async fn of_stack(&self, stack: Option<StackName>) -> Option<Arc<Secrets>> {
        let stack = stack?;
        self.of_stacks(BTreeSet::from([stack.clone()])).await.remove(&stack)
    }

    /// Returns the values of stacks; they are read again once the state changed.
    async fn of_stacks(&self, stacks: BTreeSet<StackName>) -> ByStack {
        if self.is_nothing() || stacks.is_empty() {
            return HashMap::new();
        }
        let version = self.store.version();
        let mut known = match &*self.read.lock().unwrap_or_else(PoisonError::into_inner) {
            (Some(of), known) if *of == version => known.clone(),
            _ => HashMap::new(),
        };
        let new: BTreeSet<StackName> =
            stacks.iter().filter(|it| !known.contains_key(*it)).cloned().collect();
        if !new.is_empty() {
            let found = on_disk(self.store.clone(), move |it| live_secrets(it, &new)).await;
            let found = found.inspect_err(|err| {
                tracing::warn!(%err, "secret values that are shown live are not known");
            });
            let found = found.unwrap_or_default();
            known.extend(found.into_iter().map(|(stack, it)| (stack, Arc::new(it))));
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            *read = (Some(version), known.clone());
        }
        known.retain(|it, _| stacks.contains(it));
        known
    }
}

/// Returns the service of a task that ended with an error.
fn said_of(task: &Task) -> Option<ServiceId> {
    task.service.clone().filter(|_| !task.error.is_empty())
}

/// Returns the stack that an object says it belongs to.
fn stack_in(raw: &Value) -> Option<StackName> {
    let own = AnyObject(raw).labels().stack();
    let stack = own.or_else(|| TaskObject(raw).template().container().labels().stack());
    stack.and_then(StackName::observed)
}
