//! Planning of networks, secrets, configs, and removed services.

use crate::domain::{
    compose::{Desired, DesiredFile, DesiredNetwork},
    deployment::plan::{
        Live, canonical, digest,
        steps::{Effect, LiveVersion, Notice, PlanStep},
    },
    swarm::{
        cluster::ObjectKind,
        difference::differences,
        objects::{AnyObject, NetworkObject, PayloadObject, PayloadSpec},
    },
    text::mask::Secrecy,
};
use serde_json::{Value, json};

/// A network that is there is never changed by docker, whatever the file says.
pub fn network(wanted: &DesiredNetwork, live: &Live) -> PlanStep {
    let mut step = PlanStep::new(ObjectKind::Networks, &wanted.name, Effect::Create);
    step.place = Some(wanted.place);
    let Some(found) = live.networks.get(&wanted.name) else {
        step.body = Some(wanted.body.clone());
        return step;
    };
    // One that stacks share may be anybody's.
    let (owner, stack) = (NetworkObject(found).labels(), NetworkObject(&wanted.body).labels());
    if stack.stack().is_none() {
        step.effect = Effect::Unchanged;
        return step;
    }
    if owner.stack() != stack.stack() {
        let owner = owner.stack().map_or("nobody's stack".to_owned(), |it| format!("stack {it}"));
        step.effect = Effect::Refused(format!(
            "network with name {} already exists, it belongs to {owner}",
            wanted.name
        ));
        return step;
    }
    step.effect = Effect::Unchanged;
    let ignored = differences(&settings(found), &settings(&wanted.body), Secrecy::Mask);
    step.notices = ignored
        .iter()
        .map(|it| {
            Notice::Ignored(format!("{}: docker never changes an existing network", it.field))
        })
        .collect();
    step
}

/// Returns of a network what somebody asked for.
pub fn settings(network: &Value) -> Value {
    canonical::plain(&NetworkObject(network).settings())
}

/// Of a secret only labels can be compared; the engine refuses other data for
/// secrets and configs alike.
pub fn file(kind: ObjectKind, wanted: &DesiredFile, live: &Live) -> PlanStep {
    let found = if kind == ObjectKind::Secrets {
        live.secrets.get(&wanted.name)
    } else {
        live.configs.get(&wanted.name)
    };
    let mut step = PlanStep::new(kind, &wanted.name, Effect::Create);
    step.place = Some(wanted.place);
    let Some(found) = found else { return step };
    step.live = seen(found);
    let (spec, wanted_spec) = (PayloadObject(found).spec(), PayloadSpec(&wanted.body.0));
    if kind == ObjectKind::Configs
        && wanted_spec.data().is_some()
        && spec.data() != wanted_spec.data()
    {
        step.effect = Effect::Refused(differs(&wanted.name));
        return step;
    }
    let labels = |it: PayloadSpec<'_>| canonical::plain(&json!({ "Labels": it.labels().0 }));
    step.fields = differences(&labels(spec), &labels(wanted_spec), Secrecy::Mask);
    step.effect = if step.fields.is_empty() { Effect::Unchanged } else { Effect::InPlace };
    step
}

/// Says that the data of a secret or config cannot change, and what to call the new one.
pub fn differs(name: &str) -> String {
    let next = next_name(name);
    format!(
        "only updates to Labels are allowed: its data is different; give it another name: `name: {next}`"
    )
}

/// Counts the number at the end of a name up, or begins to count.
fn next_name(name: &str) -> String {
    let counted =
        name.rsplit_once('-').and_then(|(name, it)| Some((name, it.parse::<u32>().ok()?)));
    match counted {
        Some((name, number)) => format!("{name}-{}", number.saturating_add(1)),
        None => format!("{name}-2"),
    }
}

/// Services of the stack that the files do not name.
pub fn gone(desired: &Desired, live: &Live) -> Vec<PlanStep> {
    let named = |name: &String| desired.services.iter().any(|it| it.name == *name);
    let rest = live.services.iter().filter(|it| !named(it.0));
    rest.map(|(name, found)| PlanStep {
        live: seen(found),
        ..PlanStep::new(ObjectKind::Services, name, Effect::Remove)
    })
    .collect()
}

/// Returns what tells a live object from another one, and from itself at another time.
pub fn seen(found: &Value) -> Option<LiveVersion> {
    let found = AnyObject(found);
    Some(LiveVersion {
        id: found.id()?.to_owned(),
        version: found.version()?,
        spec: digest::spec(found.spec()),
    })
}
