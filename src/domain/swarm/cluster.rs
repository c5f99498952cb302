//! The cluster model: light values for lists and screens, decoded from the engine's answers.
//! Specs stay raw JSON ([`crate::domain::swarm::spec`]).

pub use crate::domain::swarm::{happening::Happening, states::TaskState};

use crate::domain::swarm::{
    names::{NodeId, ServiceId, StackName, TaskId},
    since::Since,
    states::{Availability, NodeState, Reachability, UpdateState, Word},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// The engine that answers, and its place in a swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Host name of the engine.
    pub name: String,
    pub version: String,
    /// The API version agreed on, as `1.41`.
    pub api: String,
    /// What its clock shows.
    pub time: Option<Timestamp>,
    pub swarm: Membership,
}

/// Whether an engine can be asked about a swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// Not part of any swarm.
    None,
    /// Its key is needed before it takes part again.
    Locked,
    /// Joining, or in trouble; the engine's own word and error.
    Pending {
        state: String,
        error: String,
    },
    Worker {
        node: NodeId,
        managers: Vec<String>,
    },
    Manager {
        node: NodeId,
        cluster: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub id: ServiceId,
    pub name: Arc<str>,
    pub stack: Option<StackName>,
    /// Index of the version read; a write must name it.
    pub version: u64,
    pub mode: Mode,
    /// As the spec has it, digest included.
    pub image: Arc<str>,
    /// The digest of the container spec of its tasks.
    pub container_spec: SpecDigest,
    /// Tasks in state running; once it was surveyed, without those on nodes that are down.
    pub running: u64,
    /// Tasks that should run (jobs: should run at once).
    pub desired: u64,
    /// Tasks of a job that completed.
    pub completed: u64,
    /// Replicas that come back, where it is stopped ([`crate::domain::swarm::stop`]).
    pub stopped: Option<u64>,
    pub update: Option<Update>,
    pub ports: Vec<Port>,
    /// What one task reserves.
    pub reserved: Resources,
    /// Kinds of generic resources that one task reserves, as `gpu`.
    pub generic: Vec<String>,
    pub restart: RestartRule,
    /// Which nodes may run it, as `node.role == manager`.
    pub constraints: Vec<String>,
    /// The most tasks of it that one node takes, where the spec has a limit.
    pub max_per_node: Option<u64>,
    /// What one task may use of memory, in bytes; 0 where there is no limit.
    pub memory_limit: i64,
    /// Its networks, by id or by name.
    pub networks: Vec<String>,
    /// It has an address of its own in each of them, and not those of its tasks only.
    pub virtual_ip: bool,
    /// Replicas before the last change of the spec, where it has replicas.
    pub replicas_before: Option<u64>,
    pub created: Timestamp,
    /// The last write of any kind, also by the engine itself.
    pub updated: Timestamp,
    /// The last change of its spec, as far as the engine tells.
    pub changed: Timestamp,
    pub seen: Seen,
}

/// What counts do not tell and tasks do ([`crate::domain::health`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    pub condition: Condition,
    pub restarts: Restarts,
    /// Tasks on nodes that are down: the engine counts them as running for a day.
    pub lost: u64,
    /// Tasks that ended well and are not started again, as their restart condition says.
    pub ended: u64,
    /// Nodes that a global job is for, as its tasks tell.
    pub places: u64,
    /// Since when its condition is not fine, where its tasks tell.
    pub since: Option<Since>,
}

/// How a service is, as every surface counts it. The worst comes last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    #[default]
    Fine,
    /// Tasks of it ended well, and its restart condition starts them no more.
    Ended,
    /// Somebody stopped it on purpose; it can be started again.
    Stopped,
    /// On its way, and nothing went wrong so far.
    Changing,
    /// All of it runs, but tasks ended by themselves lately, or its update stopped.
    Unsteady,
    /// Tasks are missing.
    Failing,
}

/// How often tasks of a service ended by themselves within the last hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Restarts {
    pub count: usize,
    /// There may be more: the engine keeps the last five tasks of a slot only.
    pub more: bool,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// When ended tasks are started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartRule {
    /// A task that ends without an error is not started again.
    pub may_end: bool,
    /// Nor is any other.
    pub never: bool,
    /// The spec has a health check: who fails it is told to end, and may do so well.
    pub checked: bool,
    /// How long the engine waits before it starts the next.
    pub delay: SignedDuration,
}

/// Tasks that run, of those that should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub running: u64,
    pub wanted: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Replicated { replicas: u64 },
    Global,
    ReplicatedJob { at_once: u64, total: u64 },
    GlobalJob,
}

impl Mode {
    /// Returns why services of this mode cannot be scaled, if they cannot.
    pub fn why_not_scaled(self) -> Option<&'static str> {
        match self {
            Self::Replicated { .. } | Self::ReplicatedJob { .. } => None,
            Self::Global => Some("is global: it runs once on each node and cannot be scaled"),
            Self::GlobalJob => {
                Some("is a global job: it runs once on each node and cannot be scaled")
            }
        }
    }
}

/// How the last update of a service goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub state: Word<UpdateState>,
    pub message: String,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// 0 while the engine has not chosen one.
    pub published: u16,
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// Published on the task's node only, past the ingress network.
    pub host: bool,
}

/// Processor time in billionths of a core, memory in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    pub nano_cpus: i64,
    pub memory: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    pub hostname: Arc<str>,
    pub version: u64,
    pub manager: Option<Manager>,
    pub availability: Word<Availability>,
    pub state: Word<NodeState>,
    /// Why the state is what it is; often empty.
    pub message: String,
    pub address: String,
    pub engine: String,
    /// As `linux/x86_64`.
    pub platform: String,
    pub capacity: Resources,
    /// Resources of other kinds that it offers: how many of each.
    pub generic: BTreeMap<String, i64>,
    pub plugins: Vec<Plugin>,
    pub labels: BTreeMap<String, String>,
    pub created: Timestamp,
    /// The last write, by the clock of the managers: they write it anew when its engine is
    /// back, too.
    pub heard: Timestamp,
}

/// A driver that the engine of a node has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The engine's word: `Log`, `Network`, `Volume`.
    pub kind: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manager {
    pub leader: bool,
    pub reachability: Word<Reachability>,
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub service: Option<ServiceId>,
    pub node: Option<NodeId>,
    /// 0 for global services and for jobs of both kinds.
    pub slot: u64,
    pub state: TaskState,
    pub desired: TaskState,
    /// The engine's note on the state, as `started`.
    pub message: String,
    /// Why it is not better; uncut, often empty.
    pub error: String,
    pub exit_code: Option<i64>,
    pub container: Option<String>,
    pub image: Arc<str>,
    /// The digest of its container spec: not that of its service where a change replaced it.
    pub container_spec: SpecDigest,
    pub created: Timestamp,
    /// When the state was reported, by the clock of the node.
    pub since: Timestamp,
    /// The last write, by the clock of the managers as `created`.
    pub updated: Timestamp,
}

/// Tells whether two container specs are the same, within one process. The engine writes
/// that of a task and that of its service in the same way (seen with 20.10.24).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpecDigest(u64);

impl SpecDigest {
    /// Makes the digest of a container spec, as the engine writes it.
    pub fn of(json: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        json.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// Returns whether both are known, and another.
    pub fn differs(self, other: Self) -> bool {
        self != other && self != Self::default() && other != Self::default()
    }
}

/// A thing with a page of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    Service(ServiceId),
    Task(TaskId),
    Node(NodeId),
    Network(String),
    Secret(String),
    Config(String),
    /// The swarm itself (`GET /swarm`).
    Swarm,
}

/// Kinds of objects that can be listed as raw JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    #[serde(rename = "service")]
    Services,
    #[serde(rename = "network")]
    Networks,
    #[serde(rename = "secret")]
    Secrets,
    #[serde(rename = "config")]
    Configs,
}

/// Which tasks to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TaskScope {
    Services(Vec<ServiceId>),
    /// Those of some services that were made by the service's present spec.
    Current(Vec<ServiceId>),
    /// Those of some services that ended or shall: what engines keep as history.
    Past(Vec<ServiceId>),
    Node(NodeId),
    Nodes(Vec<NodeId>),
    Stack(StackName),
    /// Every task of the cluster. Costs 210 ms and 6 MB at 5 000 tasks: read
    /// once when a screen opens, never polled.
    All,
}

impl Service {
    /// Returns whether as many tasks run as should; more of them are on their way out.
    pub fn converged(&self) -> bool {
        match self.mode {
            Mode::Replicated { .. } | Mode::Global => {
                self.running.saturating_add(self.seen.ended) >= self.desired
            }
            Mode::ReplicatedJob { total, .. } => self.completed >= total,
            // Tasks that failed leave the counts of the engine (20.10).
            Mode::GlobalJob => self.desired == 0 && self.completed >= self.seen.places,
        }
    }

    /// Returns how many tasks of a job are to complete.
    pub fn total_of_job(&self) -> u64 {
        match self.mode {
            Mode::ReplicatedJob { total, .. } => total,
            Mode::GlobalJob => self.seen.places.max(self.completed + self.desired),
            Mode::Replicated { .. } | Mode::Global => 0,
        }
    }

    /// Returns how many of its tasks run, of those that should: what every surface
    /// shows and sums up. A job that is done wants none, and more than wanted
    /// make up for no other service.
    pub fn tally(&self) -> Tally {
        let wanted = match self.mode {
            Mode::ReplicatedJob { .. } | Mode::GlobalJob if self.converged() => 0,
            Mode::ReplicatedJob { total, .. } => {
                self.desired.min(total.saturating_sub(self.completed))
            }
            Mode::GlobalJob => self.total_of_job().saturating_sub(self.completed),
            _ => self.desired.saturating_sub(self.seen.ended),
        };
        Tally { running: self.running.min(wanted), wanted }
    }

    /// Returns how many of its tasks run, in words: `2/3`, `0/0 (5/5 completed)`.
    pub fn replicas(&self) -> String {
        let Self { running, desired, completed, .. } = self;
        let tally = self.tally();
        if let Some(had) = self.stopped {
            return format!("{tally} stopped, had {had}");
        }
        match self.mode {
            Mode::ReplicatedJob { total, .. } => format!("{tally} ({completed}/{total} completed)"),
            Mode::GlobalJob => {
                format!("{tally} ({completed}/{} completed)", self.total_of_job())
            }
            _ if self.seen.ended > 0 => format!("{tally} {} ended", self.seen.ended),
            _ if running > desired => format!("{tally} +{} stopping", running - desired),
            _ => tally.to_string(),
        }
    }

    /// Returns whether somebody should look at it.
    pub fn in_trouble(&self) -> bool {
        self.seen.condition >= Condition::Unsteady
    }

    pub fn is_job(&self) -> bool {
        matches!(self.mode, Mode::ReplicatedJob { .. } | Mode::GlobalJob)
    }

    /// Returns whether the engine replaces its tasks right now.
    pub fn is_updating(&self) -> bool {
        !self.is_job() && self.update_state().is_some_and(UpdateState::is_under_way)
    }

    /// Returns how far its last update is, where there was one and this version knows the word.
    pub fn update_state(&self) -> Option<UpdateState> {
        self.update.as_ref()?.state.known()
    }

    /// Returns its name as titles show it: with its stack in front, `shop ▸ api`.
    pub fn in_stack(&self) -> String {
        match &self.stack {
            Some(stack) => format!("{stack} ▸ {}", self.short_name()),
            None => self.name.to_string(),
        }
    }

    /// Returns the name without the stack in front.
    pub fn short_name(&self) -> &str {
        let stack = self.stack.as_ref().map_or("", StackName::as_str);
        let rest = self.name.strip_prefix(stack).and_then(|it| it.strip_prefix('_'));
        rest.filter(|_| !stack.is_empty()).unwrap_or(&self.name)
    }
}

impl Node {
    /// Returns whether new tasks may start here.
    pub fn takes_tasks(&self) -> bool {
        self.state == NodeState::Ready && self.availability == Availability::Active
    }
}

impl Default for RestartRule {
    /// What the engine does where nothing is said.
    fn default() -> Self {
        Self { may_end: false, never: false, checked: false, delay: SignedDuration::from_secs(5) }
    }
}

impl Tally {
    /// Sums up services.
    pub fn of<'a>(services: impl IntoIterator<Item = &'a Service>) -> Self {
        services.into_iter().map(Service::tally).fold(Self::default(), |all, it| Self {
            running: all.running + it.running,
            wanted: all.wanted + it.wanted,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.running, self.wanted)
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, if self.more { "+" } else { "" })
    }
}

impl ObjectKind {
    /// Returns the word for one object of the kind.
    pub fn word(self) -> &'static str {
        match self {
            Self::Services => "service",
            Self::Networks => "network",
            Self::Secrets => "secret",
            Self::Configs => "config",
        }
    }
}

impl Mode {
    /// Returns the word docker uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Replicated { .. } => "replicated",
            Self::Global => "global",
            Self::ReplicatedJob { .. } => "replicated-job",
            Self::GlobalJob => "global-job",
        }
    }
}
