//! Planning: compares desired with live specs, and says the effect of every difference.

pub mod canonical;
mod steps;
mod compare;
mod digest;
mod fit;
mod live;
mod objects;
mod outside;
mod preview;
mod service;
mod words;
mod outline;

pub use compare::{How, Variation, compare, forget_ids, hide, live, variations};
pub use digest::Digest;
pub use fit::Room;
pub use live::{Live, networks_by_name};
pub use objects::{differs, gone, seen};
pub use outline::{PlanEntry, PlanOutline, lines};
pub use outside::warn;
pub use preview::Preview;
pub use steps::{Effect, LiveVersion, Notice, Plan, PlanStep, Rollout, Tally};
pub use words::{PlanLine, PlanTone};

use crate::domain::{
    compose::Desired,
    deployment::plan::objects::{file, network},
    swarm::{cluster::ObjectKind, names::StackName},
};

/// Plans the way from what is live to what is desired. `prune` removes the
/// services of the stack that are not desired.
pub fn plan(stack: &StackName, desired: &Desired, live: &Live, prune: bool) -> Plan {
    let mut steps = Vec::new();
    steps.extend(desired.networks.iter().map(|it| network(it, live)));
    steps.extend(desired.secrets.iter().map(|it| file(ObjectKind::Secrets, it, live)));
    steps.extend(desired.configs.iter().map(|it| file(ObjectKind::Configs, it, live)));
    steps.extend(desired.services.iter().map(|it| service::step(it, live)));
    if prune {
        steps.extend(gone(desired, live));
    }
    fit::check(&mut steps, live);
    Plan::of(stack.clone(), steps)
}

#[cfg(test)]
mod tests;
