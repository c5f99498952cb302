//! Scripting of the fake: set up a swarm, inject trouble, inspect calls.

use crate::engine::fake::{
    handle::{FakeEngine, Shared, State},
    swarm::{Swarm, agenda::Due, image::Behaviour},
    trouble::{Outage, Role},
};
use jiff::Timestamp;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

const GIB: i64 = 1 << 30;

/// The way to the engine, which can be cut and restored.
#[derive(Debug, Clone)]
pub struct Link(FakeEngine);

impl FakeEngine {
    /// Makes a swarm of `node1`, a manager, and the workers `node2` and `node3`,
    /// with 4 cores and 8 GiB each and no services; its clock starts at `now`.
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let mut swarm = Swarm::new(seed, now);
        for (hostname, manager) in [("node1", true), ("node2", false), ("node3", false)] {
            swarm.add_node(hostname, manager, 4, 8 * GIB);
        }
        Self::of(swarm)
    }

    /// Makes a swarm of that many services, each with that many running tasks.
    pub fn with_size(now: Timestamp, services: usize, tasks_per_service: u64) -> Self {
        let mut swarm = Swarm::new(1, now);
        for number in 1..=5 {
            swarm.add_node(&format!("node{number}"), number <= 3, 64, 256 * GIB);
        }
        for number in 0..services {
            let stack = format!("shop-production-s{:02}", number / 10);
            let spec = json!({
                "Name": format!("{stack}_svc{number:03}"),
                "Labels": { "com.docker.stack.namespace": stack },
                "Mode": { "Replicated": { "Replicas": tasks_per_service } },
                "TaskTemplate": {
                    "ContainerSpec": { "Image": format!("shop/svc{number:03}:1.0"), "Privileges": {} },
                    "Resources": {}, "Placement": {},
                },
                "EndpointSpec": {},
            });
            // Such specs are never refused.
            let _ = swarm.create_service(&spec);
        }
        swarm.settle_at_once();
        Self::of(swarm)
    }

    /// Takes a swarm whose past nobody remembers.
    pub(super) fn of(mut swarm: Swarm) -> Self {
        swarm.told.clear();
        let state = State {
            clock: (Instant::now(), swarm.now),
            swarm,
            trouble: Outage::default(),
            writes: Vec::new(),
            services: None,
            nodes: None,
        };
        let (stirred, _) = watch::channel(0);
        Self { shared: Arc::new(Shared { state: Mutex::new(state), stirred }) }
    }

    /// Returns an engine of its own with the same swarm, which is made up once where many
    /// want it: half a year of a swarm takes a while.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self::of(self.lock().swarm.clone())
    }

    /// Containers of this image end with code 1 at once.
    #[must_use]
    pub fn breaking(self, image: &str) -> Self {
        self.behaving(image, Behaviour::Crashes)
    }

    /// Containers of this image behave as told.
    #[must_use]
    pub fn behaving(self, image: &str, behaviour: Behaviour) -> Self {
        self.lock().swarm.images.script(image, behaviour);
        self
    }

    /// The node is lost as soon as the swarm moves.
    #[must_use]
    pub fn losing_node(self, hostname: &str) -> Self {
        self.lose_node(hostname, Duration::ZERO);
        self
    }

    /// The way to the engine is cut after that many calls.
    #[must_use]
    pub fn unreachable_after(self, calls: u64) -> Self {
        self.lock().trouble.calls_left = Some(calls);
        self
    }

    /// Every answer takes that long.
    #[must_use]
    pub fn slow(self, delay: Duration) -> Self {
        self.lock().trouble.delay = delay;
        self
    }

    /// So many log streams may be open at once.
    #[must_use]
    pub fn with_log_streams(self, streams: usize) -> Self {
        self.lock().trouble.streams = Some(streams);
        self
    }

    /// Nothing the engine answers makes sense.
    #[must_use]
    pub fn garbage(self) -> Self {
        self.lock().trouble.garbage = true;
        self
    }

    /// Too few managers are up.
    #[must_use]
    pub fn without_leader(self) -> Self {
        self.lock().trouble.leaderless = true;
        self
    }

    /// The engine is a worker of the swarm.
    #[must_use]
    pub fn worker(self) -> Self {
        self.lock().trouble.role = Role::Worker;
        self
    }

    /// The engine is not part of any swarm.
    #[must_use]
    pub fn no_swarm(self) -> Self {
        self.lock().trouble.role = Role::Outside;
        self
    }

    /// Gives a node labels, beside those it has.
    #[must_use]
    pub fn labelled(self, hostname: &str, labels: &[(&str, &str)]) -> Self {
        if let Some(node) =
            self.lock().swarm.nodes.values_mut().find(|it| &*it.hostname == hostname)
        {
            for (key, value) in labels {
                node.spec["Labels"][key] = json!(value);
            }
        }
        self
    }

    /// The node that answers has a volume of a stack.
    #[must_use]
    pub fn with_volume(self, stack: &str, name: &str) -> Self {
        self.lock().swarm.volumes.insert((name.to_owned(), stack.to_owned()));
        self
    }

    pub fn link(&self) -> Link {
        Link(self.clone())
    }

    /// Loses a node after a while.
    pub fn lose_node(&self, hostname: &str, after: Duration) {
        self.put_node(hostname, after, false);
    }

    /// Brings a lost node back after a while.
    pub fn return_node(&self, hostname: &str, after: Duration) {
        self.put_node(hostname, after, true);
    }

    /// Takes a node down and up again, sooner than anybody misses it.
    pub fn reboot_node(&self, hostname: &str) {
        {
            let mut state = self.lock();
            state.catch_up();
            let id = state.swarm.node_named(hostname).map(|it| it.id.clone());
            if let Some(id) = id {
                state.swarm.reboot(&id);
            }
        }
        self.stir();
    }

    /// Returns the changes that were accepted, in order, as `update service web`.
    pub fn writes(&self) -> Vec<String> {
        self.lock().writes.clone()
    }

    /// Returns how often each kind of call came, answered or not: `system`,
    /// `services`, `nodes`, `tasks`, `all tasks`, `inspect`, `list`,
    /// `distribution`, `apply`, `events`, `logs`.
    pub fn calls(&self) -> BTreeMap<&'static str, u64> {
        self.lock().trouble.calls.clone()
    }

    /// Returns what the swarm's clock shows.
    pub fn now(&self) -> Timestamp {
        let mut state = self.lock();
        state.catch_up();
        state.swarm.now
    }

    fn put_node(&self, hostname: &str, after: Duration, up: bool) {
        {
            let mut state = self.lock();
            state.catch_up();
            let id = state.swarm.node_named(hostname).map(|it| it.id.clone());
            if let Some(id) = id {
                state.swarm.put(after, Due::Node { id, up });
            }
        }
        self.stir();
    }
}

impl Link {
    /// Lets every call fail and every stream end.
    pub fn cut(&self) {
        self.0.lock().trouble.cut = true;
        self.0.stir();
    }

    /// Stops a node in the middle of its work, as SIGSTOP does: its lines do not come, and
    /// streams wait for them.
    pub fn hang(&self, hostname: &str) {
        self.0.lock().trouble.hung.insert(hostname.to_owned());
        self.0.stir();
    }

    pub fn resume(&self, hostname: &str) {
        self.0.lock().trouble.hung.remove(hostname);
        self.0.stir();
    }

    pub fn restore(&self) {
        let mut state = self.0.lock();
        state.trouble.cut = false;
        state.trouble.calls_left = None;
    }
}
