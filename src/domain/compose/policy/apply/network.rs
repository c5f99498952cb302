//! The network that stacks share, and labels of networks and volumes.

use crate::domain::compose::{
    Finding, Stack, codes,
    model::{ComposeService, Network, Text},
    place::{At, Place},
    policy::{
        apply::{
            outcome::{Additions, Outcome, SharedNetwork},
            rules::Rules,
        },
        pattern,
    },
};
use std::collections::BTreeMap;

/// The network of services that name none.
const DEFAULT: &str = "default";
/// The longest name that engines take.
const LONGEST: usize = 63;

/// Lets services join the network of the policy that name no networks themselves. They
/// stay in that of the stack.
pub fn join(stack: &mut Stack, rules: Rules<'_>, outcome: &mut Outcome) {
    let Some((text, by)) = rules.last(|it| it.network.as_deref()) else { return };
    let Some(name) = rules.filled(text, None) else { return };
    if let Some(refused) = refused(stack, &name, by) {
        outcome.findings.push(refused);
        return;
    }
    let key = key(stack, &name);
    let joins = !is_of_engine(stack.networks.get(DEFAULT)) && key != DEFAULT;
    let mut place = Place::default();
    for (service, it) in stack.services.iter_mut().filter(|it| joins && it.1.networks.is_empty()) {
        place = it.place;
        it.networks = [DEFAULT, &key].map(|it| (it.to_owned(), At::new(None, place))).into();
        Additions { service: Some(service), place, outcome }.note("networks", &name, by);
    }
    if !stack.services.values().any(|it| uses(it, &key)) {
        return;
    }
    let network = stack.networks.entry(key).or_insert_with(|| Network {
        place,
        name: Text::new(name.clone(), place),
        external: true,
        ..Network::default()
    });
    network.shared = true;
    let labels = shared_labels(rules, text);
    outcome.networks.push(SharedNetwork { name, labels, by: by.to_owned() });
}

/// Labels what the stack makes itself, the network that it has without saying so among it.
pub fn label(stack: &mut Stack, rules: Rules<'_>, outcome: &mut Outcome) {
    let labels = rules.labels();
    let filled = |(text, by)| Some((rules.filled(text, None)?, by));
    let labels: BTreeMap<_, _> =
        labels.into_iter().filter_map(|(key, rule)| Some((key, filled(rule)?))).collect();
    let first = stack.services.values().find(|it| uses(it, DEFAULT)).map(|it| it.place);
    if let Some(place) = first.filter(|_| !labels.is_empty()) {
        let implied = || Network { place, ..Network::default() };
        stack.networks.entry(DEFAULT.to_owned()).or_insert_with(implied);
    }
    let networks = stack.networks.iter_mut().filter(|it| !it.1.external);
    let networks = networks.map(|(key, it)| (format!("networks.{key}"), it.place, &mut it.labels));
    let volumes = stack.volumes.iter_mut().filter(|it| !it.1.external);
    let volumes = volumes.map(|(key, it)| (format!("volumes.{key}"), it.place, &mut it.labels));
    for (section, place, own) in networks.chain(volumes) {
        let mut additions = Additions { service: None, place, outcome };
        for (key, (value, by)) in &labels {
            let section = format!("{section}.labels");
            additions.label(own, &section, key, (value.clone(), *by));
        }
    }
}

/// Says why a network cannot be shared.
fn refused(stack: &Stack, name: &str, by: &str) -> Option<Finding> {
    let letters = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let sound = name.starts_with(|it: char| it.is_ascii_alphanumeric());
    if !sound || !name.chars().all(letters) || name.len() > LONGEST {
        let message = format!("the network of {by} cannot be called `{name}`");
        let hint = "letters, digits, `-` and `_`, 63 at most, starting with a letter or digit";
        return Some(Finding::new(&codes::POLICY, Place::whole(0), message).hint(hint));
    }
    let own = stack.networks.values().find(|it| !it.external && it.name.as_str() == name)?;
    let message =
        format!("the network {name} of {by} is shared, but this stack declares it as its own");
    let hint = "declare it with `external: true`, or give it another name";
    Some(Finding::new(&codes::SHARED_NETWORK, own.name.place, message).hint(hint))
}

/// Returns what the file calls the network, or a name that it does not use.
fn key(stack: &Stack, name: &str) -> String {
    let known = stack.networks.iter().find(|it| it.1.external && it.1.name.as_str() == name);
    if let Some((key, _)) = known {
        return key.clone();
    }
    let mut key = name.to_owned();
    while stack.networks.contains_key(&key) {
        key.push_str("-shared");
    }
    key
}

fn uses(service: &ComposeService, network: &str) -> bool {
    service.networks.contains_key(network) || (service.networks.is_empty() && network == DEFAULT)
}

/// Tells networks of the engine, beside which a task can have no other.
fn is_of_engine(network: Option<&Network>) -> bool {
    network.is_some_and(|it| matches!(it.name.as_str(), "host" | "none" | "bridge"))
}

/// Returns the labels that are the same for all who share a network: those whose words
/// are in its name.
fn shared_labels(rules: Rules<'_>, network: &str) -> BTreeMap<String, String> {
    let words = pattern::words(network);
    let labels = rules.labels().into_iter();
    let fits = labels.filter(|(_, (text, _))| pattern::words(text).is_subset(&words));
    fits.filter_map(|(key, (text, _))| Some((key.to_owned(), rules.filled(text, None)?))).collect()
}
