//! Policies applied to a stack: what they add, and what they refuse.

mod network;
mod service;
mod bounds;

use crate::domain::{
    compose::{
        Finding, Place, Stack, codes,
        model::{Labels, Text},
    },
    names::StackName,
    policy::{
        Policy,
        pattern::{self, Naming},
    },
};
use std::collections::BTreeMap;

/// What the swarm calls a new stack where no policy says it.
const NAME: &str = "{project}-{environment}-{stack}";

/// A policy, and whose it is.
#[derive(Debug, Clone)]
pub struct Layer<'a> {
    /// As `shop` or `shop/production`.
    pub by: String,
    pub policy: &'a Policy,
}

/// One thing that a policy added to a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// `None` for what belongs to no service.
    pub service: Option<String>,
    /// As a compose file has it: `deploy.update_config.order`.
    pub field: String,
    pub value: String,
    /// Whose policy it was, as `shop/production`.
    pub by: String,
}

/// What came of applying policies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// By service; what belongs to none comes last.
    pub added: Vec<Added>,
    /// Why the stack may not be deployed.
    pub findings: Vec<Finding>,
    /// Networks that must be there before the stack is, and that no stack owns.
    pub networks: Vec<SharedNetwork>,
}

/// A network of a project or an environment: a deployment makes it where it is missing,
/// as an overlay to which only services attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedNetwork {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// Whose policy asks for it.
    pub by: String,
}

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

/// What the layers say together.
#[derive(Clone, Copy)]
struct Rules<'a> {
    layers: &'a [Layer<'a>],
    naming: &'a Naming<'a>,
}

/// A value of a policy, and whose it is.
type Ruled<'a, T> = (T, &'a str);

impl<'a> Rules<'a> {
    /// Returns what the last layer says that says anything.
    fn last<T>(self, said: impl Fn(&'a Policy) -> Option<T>) -> Option<Ruled<'a, T>> {
        self.layers.iter().rev().find_map(|it| Some((said(it.policy)?, it.by.as_str())))
    }

    /// Returns all labels with the patterns of their values.
    fn labels(self) -> BTreeMap<&'a str, Ruled<'a, &'a str>> {
        let of_layer = |it: &'a Layer<'a>| {
            it.policy
                .labels
                .iter()
                .map(|(key, text)| (key.as_str(), (text.as_str(), it.by.as_str())))
        };
        self.layers.iter().flat_map(of_layer).collect()
    }

    /// Fills a pattern that was checked.
    fn filled(self, text: &str, service: Option<&str>) -> Option<String> {
        pattern::pattern(text, self.naming, service).ok()
    }
}

/// Writes down what is added to one thing.
struct Additions<'a> {
    service: Option<&'a str>,
    place: Place,
    outcome: &'a mut Outcome,
}

impl Additions<'_> {
    fn note(&mut self, field: &str, value: &str, by: &str) {
        self.outcome.added.push(Added {
            service: self.service.map(str::to_owned),
            field: field.to_owned(),
            value: value.to_owned(),
            by: by.to_owned(),
        });
    }

    /// Adds a label that is not there.
    fn label(
        &mut self,
        labels: &mut Labels,
        section: &str,
        key: &str,
        (value, by): Ruled<'_, String>,
    ) {
        if labels.contains_key(key) {
            return;
        }
        self.note(&format!("{section}.{key}"), &value, by);
        labels.insert(key.to_owned(), Text::new(value, self.place));
    }
}
