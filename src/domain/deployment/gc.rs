//! Garbage collection: objects that no service uses now or before its last update (the rollback
//! of the engine), and no kept release needs.

use crate::domain::{
    deployment::{
        lease::{self, FoundLease},
        release::{Release, ReleaseKey, ResolvedSpecs, Snapshot},
    },
    swarm::{
        belongings::Owned,
        cluster::ObjectKind,
        names::StackName,
        objects::{AnyObject, NetworkObject, PayloadObject, ServiceObject, ServiceSpec},
    },
    text::count::plural,
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeSet, fmt, time::Duration};

/// What is younger may be on its way: docker makes secrets and configs first, and the
/// services that use them later.
pub const YOUNG: Duration = Duration::from_secs(60);

/// What there is, raw.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pub services: Vec<Value>,
    pub networks: Vec<Value>,
    pub secrets: Vec<Value>,
    pub configs: Vec<Value>,
    /// Every release of the cluster with what it needs; of each stack the newest first.
    pub releases: Vec<(Release, Needs)>,
}

/// Names of what a release needs, to be deployed once more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs(BTreeSet<String>);

/// How far a cleanup goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Releases of a stack that ended healthy and are kept, with all that came later.
    pub keep: usize,
    /// Secrets and configs too that belong to no stack.
    pub all: bool,
}

/// Something that can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waste {
    Object {
        owned: Owned,
        stack: Option<StackName>,
    },
    /// Nobody renewed it for its whole life.
    Lease(StackName),
    Release(ReleaseKey),
}

/// Decides what can go, in the order in which it goes.
pub fn waste(stock: &Stock, bounds: Bounds, now: Timestamp) -> Vec<Waste> {
    let surplus = surplus(&stock.releases, bounds.keep);
    let kept = stock.releases.iter().filter(|it| !surplus.contains(&it.0.key));
    let leases = leases(stock);
    let look = Look {
        used: used(
            stock.services.iter().map(ServiceObject).flat_map(|it| [it.spec(), it.previous_spec()]),
        ),
        needed: kept.flat_map(|it| it.1.0.iter().map(String::as_str)).collect(),
        busy: busy(stock, &leases),
        bounds,
        now,
    };
    let expired = leases.into_iter().filter(|it| it.1.seems_expired(now));
    let mut all: Vec<Waste> = surplus.into_iter().map(Waste::Release).collect();
    all.extend(expired.filter(|it| it.1.lease.is_some()).map(|it| Waste::Lease(it.0)));
    for (kind, objects) in [
        (ObjectKind::Networks, &stock.networks),
        (ObjectKind::Configs, &stock.configs),
        (ObjectKind::Secrets, &stock.secrets),
    ] {
        let mut found: Vec<Waste> = objects.iter().filter_map(|it| look.object(kind, it)).collect();
        found.sort_by_key(Waste::name);
        all.extend(found);
    }
    all
}

impl Needs {
    pub fn of(snapshot: &Snapshot) -> Self {
        let ResolvedSpecs { services, networks, configs, secrets, .. } = &snapshot.specs;
        let own = networks.keys().chain(configs.keys()).chain(secrets.keys()).cloned();
        Self(own.chain(used(services.values().map(ServiceSpec))).collect())
    }
}

/// What an object is checked against.
struct Look<'a> {
    /// Ids and names.
    used: BTreeSet<String>,
    needed: BTreeSet<&'a str>,
    /// Stacks that somebody changes, or that are half changed.
    busy: BTreeSet<StackName>,
    bounds: Bounds,
    now: Timestamp,
}

impl Look<'_> {
    fn object(&self, kind: ObjectKind, raw: &Value) -> Option<Waste> {
        let is_network = kind == ObjectKind::Networks;
        let (any, network) = (AnyObject(raw), NetworkObject(raw));
        let (id, name) = (any.id()?, any.name()?);
        let stack = any.labels().stack().and_then(StackName::observed);
        let of_hand = stack.is_none() && (is_network || !self.bounds.all || lease::is_one(name));
        let held = self.used.contains(id) || self.used.contains(name) || self.needed.contains(name);
        let busy = stack.as_ref().is_some_and(|it| self.busy.contains(it));
        let other = is_network && (!network.is_of_swarm() || network.is_ingress());
        if of_hand || held || busy || other || self.is_young(any.created()) {
            return None;
        }
        let owned = Owned { kind, id: id.to_owned(), name: name.to_owned() };
        Some(Waste::Object { owned, stack })
    }

    /// What has no age that can be read is young.
    fn is_young(&self, created: Option<Timestamp>) -> bool {
        let age = created.and_then(|it| Duration::try_from(self.now.duration_since(it)).ok());
        age.is_none_or(|it| it < YOUNG)
    }
}

/// Returns ids and names of all that specs of services use.
fn used<'a>(specs: impl Iterator<Item = ServiceSpec<'a>>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for spec in specs {
        let container = spec.template().container();
        let references = container.secrets().chain(container.configs());
        let names = references.flat_map(|it| [it.id(), it.name()]).flatten();
        let names = names.chain(spec.networks()).chain(container.credential_config());
        used.extend(names.map(ToOwned::to_owned));
    }
    used
}

/// Returns the releases that came before the last healthy ones that are kept. One that
/// is open never goes, and no stack loses all.
fn surplus(releases: &[(Release, Needs)], keep: usize) -> Vec<ReleaseKey> {
    let mut surplus = Vec::new();
    let mut newer: Option<(&StackName, usize)> = None;
    for release in releases.iter().map(|it| &it.0) {
        let Release { key, state, .. } = release;
        let healthy = match newer {
            Some((stack, healthy)) if *stack == key.stack => healthy,
            _ => 0,
        };
        if healthy >= keep.max(1) && !state.is_open() {
            surplus.push(key.clone());
        }
        newer = Some((&key.stack, healthy + usize::from(release.was_healthy())));
    }
    surplus
}

fn leases(stock: &Stock) -> Vec<(StackName, FoundLease)> {
    let named = stock.configs.iter().filter_map(|raw| {
        let stack = lease::stack_of(PayloadObject(raw).name()?)?;
        Some((stack, FoundLease::read(raw)?))
    });
    named.collect()
}

fn busy(stock: &Stock, leases: &[(StackName, FoundLease)]) -> BTreeSet<StackName> {
    let open = stock.releases.iter().filter(|it| it.0.state.is_open());
    let open = open.map(|it| it.0.key.stack.clone());
    open.chain(leases.iter().map(|it| it.0.clone())).collect()
}

/// Counts what can go, as `2 secrets, 1 release`.
pub fn counted(all: &[&Waste]) -> String {
    let nouns = ["network", "config", "secret", "lease", "release"];
    let count = |noun: &str| all.iter().filter(|it| it.noun() == noun).count() as u64;
    let words = nouns.map(|noun| (count(noun), noun));
    let words = words.into_iter().filter(|it| it.0 > 0).map(|(count, noun)| plural(count, noun));
    words.collect::<Vec<_>>().join(", ")
}

impl Waste {
    /// Returns what it is, as `secret`.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Object { owned, .. } => owned.kind.word(),
            Self::Lease(_) => "lease",
            Self::Release(_) => "release",
        }
    }

    /// Returns its name, without what it is.
    pub fn name(&self) -> String {
        match self {
            Self::Object { owned, .. } => owned.name.clone(),
            Self::Lease(stack) => lease::name(stack),
            Self::Release(key) => format!("{} of {}", key.revision, key.stack),
        }
    }

    pub fn stack(&self) -> Option<&StackName> {
        match self {
            Self::Object { stack, .. } => stack.as_ref(),
            Self::Lease(stack) => Some(stack),
            Self::Release(key) => Some(&key.stack),
        }
    }

    /// Says why nobody needs it.
    pub fn why(&self) -> &'static str {
        match self {
            Self::Object { stack: None, .. } => {
                "no service and no kept release uses it; of no stack"
            }
            Self::Object { .. } => "no service and no kept release uses it",
            Self::Lease(_) => "expired",
            Self::Release(_) => "older than the healthy ones that are kept",
        }
    }
}

impl fmt::Display for Waste {
    /// As `secret shop_key`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.noun(), self.name())
    }
}

#[cfg(test)]
mod tests;
