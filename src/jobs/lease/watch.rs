//! Lease watch: which stacks are being changed; read independently of the watcher.

use crate::{
    domain::{
        deployment::lease::{Occupied, is_one},
        swarm::{
            cluster::{Happening, Object, ObjectKind},
            objects::PayloadObject,
        },
    },
    engine::{Engine, EngineError},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::Notify, task::JoinHandle};

/// So many leases are read one by one. Of more, as where a hundred stacks are deployed at
/// once, one list costs less.
const ONE_BY_ONE: usize = 8;

/// Reads leases as long as it is there.
#[derive(Debug)]
pub struct LeaseWatch {
    wanted: Arc<Wanted>,
    reading: JoinHandle<()>,
}

/// What is to be read next.
#[derive(Debug, Default)]
struct Wanted {
    leases: Mutex<Leases>,
    wake: Notify,
}

#[derive(Debug)]
enum Leases {
    All,
    Named(BTreeSet<String>),
}

impl Default for Leases {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

impl LeaseWatch {
    /// Starts; nothing is read before it is asked for. What is found each time is told.
    pub fn spawn(engine: Arc<dyn Engine>, tell: impl Fn(Vec<Occupied>) + Send + 'static) -> Self {
        let wanted = Arc::new(Wanted::default());
        let reading = tokio::spawn(read(engine, Arc::clone(&wanted), tell));
        Self { wanted, reading }
    }

    /// Has all leases read.
    pub fn look(&self) {
        self.wanted.change(|it| *it = Leases::All);
    }

    /// Has those read of which something is told.
    pub fn hear(&self, happened: &[Happening]) {
        let of_leases = happened.iter().filter(|it| it.kind == "config" && is_one(&it.name));
        let names: BTreeSet<String> = of_leases.map(|it| it.name.clone()).collect();
        if names.is_empty() {
            return;
        }
        self.wanted.change(|it| {
            if let Leases::Named(wanted) = it {
                wanted.extend(names);
            }
        });
    }
}

impl Drop for LeaseWatch {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Wanted {
    fn change(&self, change: impl FnOnce(&mut Leases)) {
        change(&mut self.leases.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
    }

    async fn next(&self) -> Leases {
        self.wake.notified().await;
        mem::take(&mut self.leases.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn read(engine: Arc<dyn Engine>, wanted: Arc<Wanted>, tell: impl Fn(Vec<Occupied>)) {
    let mut leases: BTreeMap<String, Occupied> = BTreeMap::new();
    loop {
        match wanted.next().await {
            Leases::Named(names) if names.len() <= ONE_BY_ONE => {
                for name in names {
                    read_one(&*engine, name, &mut leases).await;
                }
            }
            Leases::Named(_) | Leases::All => read_all(&*engine, &mut leases).await,
        }
        tell(leases.values().cloned().collect());
    }
}

/// Where configs may not be read, what was known stays.
async fn read_all(engine: &dyn Engine, leases: &mut BTreeMap<String, Occupied>) {
    let Ok(configs) = engine.list(ObjectKind::Configs, None).await else { return };
    let name = |it: &Value| PayloadObject(it).name().map(str::to_owned);
    *leases = configs.iter().filter_map(|it| Some((name(it)?, Occupied::read(it)?))).collect();
}

async fn read_one(engine: &dyn Engine, name: String, leases: &mut BTreeMap<String, Occupied>) {
    // An engine finds configs by their names too.
    match engine.inspect(&Object::Config(name.clone())).await {
        Ok(raw) => match Occupied::read(&raw) {
            Some(it) => _ = leases.insert(name, it),
            None => _ = leases.remove(&name),
        },
        Err(EngineError::NotFound { .. }) => _ = leases.remove(&name),
        Err(_) => {}
    }
}
