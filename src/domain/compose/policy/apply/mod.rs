//! Policies applied to a stack: what they add, and what they refuse.

mod rules;
mod outcome;
mod network;
mod service;
mod bounds;

pub use outcome::{Added, Outcome, SharedNetwork};
pub use rules::Layer;

use crate::domain::{
    compose::{
        Finding, Place, Stack, codes,
        policy::{
            apply::{outcome::Additions, rules::Rules},
            pattern::{self, Naming},
        },
    },
    swarm::names::StackName,
};

/// What the swarm calls a new stack where no policy says it.
const NAME: &str = "{project}-{environment}-{stack}";

/// Adds to a stack what policies ask for and the file leaves open, and finds what they
/// refuse. Later layers win, key by key.
///
/// What was added stands where its service stands. A second time, nothing is added.
pub fn apply(stack: &mut Stack, layers: &[Layer<'_>], naming: &Naming<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for layer in layers {
        if let Err(why) = layer.policy.check() {
            let message = format!("the policy of {} is broken: {why}", layer.by);
            outcome.findings.push(Finding::new(&codes::POLICY, Place::whole(0), message));
        }
    }
    if !outcome.findings.is_empty() {
        return outcome;
    }
    let rules = Rules { layers, naming };
    network::join(stack, rules, &mut outcome);
    for (key, it) in &mut stack.services {
        let outcome = &mut outcome;
        let mut additions = Additions { service: Some(key), place: it.place, outcome };
        service::fill(key, it, &stack.volumes, rules, &mut additions);
        bounds::check(key, it, rules, &mut additions.outcome.findings);
    }
    network::label(stack, rules, &mut outcome);
    outcome
        .added
        .sort_by(|a, b| (a.service.is_none(), &a.service).cmp(&(b.service.is_none(), &b.service)));
    outcome
}

/// Returns what the swarm will call a new stack.
pub fn stack_name(
    layers: &[Layer<'_>],
    project: &str,
    environment: &str,
    stack: &str,
) -> Result<StackName, String> {
    let chosen = layers.iter().rev().find_map(|it| it.policy.name.as_deref()).unwrap_or(NAME);
    pattern::check(chosen, &["project", "environment", "stack"])?;
    // No word of a name stands for the name itself.
    let swarm: StackName = "stack".parse().map_err(|err| format!("{err}"))?;
    let naming = Naming { project, environment, stack, swarm: &swarm };
    let name = pattern::pattern(chosen, &naming, None)?;
    name.parse().map_err(|err| format!("{err}"))
}
