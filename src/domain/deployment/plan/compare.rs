//! Stack diff: differences between two releases, or between a release and what is live.

use crate::domain::{
    deployment::{
        plan::{Live, PlanLine, PlanTone, canonical, objects, outline::cause},
        release::{ResolvedSpecs, SecretReference},
    },
    project::Secrets,
    swarm::{
        cluster::ObjectKind,
        difference::{Difference, differences},
        names::StackName,
        objects::{AnyObject, NetworkObject, PayloadSpec},
        raw,
    },
    text::mask::Secrecy,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// One object that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variation {
    pub kind: ObjectKind,
    pub name: String,
    pub how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    Added,
    Removed,
    Changed(Vec<Difference>),
}

/// Compares two states of a stack; `networks` has the id of each network by its
/// name, for states that were read from the cluster.
///
/// Ids of secrets and configs say nothing, since the same ones may have been made
/// anew. What a secret holds is not known to anybody.
pub fn compare(
    old: &ResolvedSpecs,
    new: &ResolvedSpecs,
    networks: &BTreeMap<String, String>,
) -> Vec<Variation> {
    let service = |it: &Value| {
        let mut spec = canonical::service(it, networks);
        forget_ids(&mut spec);
        spec
    };
    let labels = |it: &SecretReference| json!({ "Labels": it.labels });
    // A network that a policy shares between stacks belongs to none of them.
    let owned = |networks: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        let own = networks.iter().filter(|it| NetworkObject(it.1).labels().stack().is_some());
        own.map(|(name, it)| (name.clone(), it.clone())).collect()
    };
    let (was, is) = (owned(&old.networks), owned(&new.networks));
    let mut all = varied(ObjectKind::Networks, &was, &is, objects::settings);
    all.extend(varied(ObjectKind::Secrets, &old.secrets, &new.secrets, labels));
    all.extend(varied(ObjectKind::Configs, &old.configs, &new.configs, config));
    all.extend(varied(ObjectKind::Services, &old.services, &new.services, service));
    all
}

/// Hides what must not be shown.
pub fn hide(variations: &mut [Variation], secrets: &Secrets) {
    for variation in variations {
        let How::Changed(fields) = &mut variation.how else { continue };
        for field in fields {
            secrets.clean(&mut field.field);
            field.old.iter_mut().chain(&mut field.new).for_each(|it| secrets.clean(it));
        }
    }
}

/// Returns what a stack has in the cluster.
pub fn live(live: &Live, stack: &StackName) -> ResolvedSpecs {
    let ours = |it: &Value| AnyObject(it).labels().stack() == Some(stack.as_str());
    let specs = |objects: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        let ours = objects.iter().filter(|it| ours(it.1));
        ours.map(|(name, it)| (name.clone(), AnyObject(it).spec().clone())).collect()
    };
    let networks = live.networks.iter().filter(|it| ours(it.1));
    let secrets = specs(&live.secrets).into_iter().map(|(name, it)| {
        let labels =
            serde_json::from_value(PayloadSpec(&it).labels().0.clone()).unwrap_or_default();
        (name, SecretReference { id: String::new(), labels })
    });
    ResolvedSpecs {
        services: specs(&live.services),
        networks: networks.map(|(name, it)| (name.clone(), it.clone())).collect(),
        configs: specs(&live.configs),
        secrets: secrets.collect(),
        ..ResolvedSpecs::default()
    }
}

/// Writes what differs, in the words of plans.
pub fn variations(all: &[Variation]) -> Vec<PlanLine> {
    let mut lines = Vec::new();
    for Variation { kind, name, how } in all {
        let (mark, tone, fields) = match how {
            How::Added => ("+", PlanTone::Create, &[][..]),
            How::Removed => ("-", PlanTone::Remove, &[][..]),
            How::Changed(fields) => ("~", PlanTone::Change, fields.as_slice()),
        };
        lines.push(PlanLine { text: format!("{mark} {} {name}", kind.word()), tone });
        let details = fields.iter().flat_map(cause);
        lines.extend(details.map(|it| PlanLine { text: format!("    {}", it.text), ..it }));
    }
    lines.iter_mut().for_each(PlanLine::straighten);
    lines
}

fn varied<T>(
    kind: ObjectKind,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    seen: impl Fn(&T) -> Value,
) -> Vec<Variation> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let how = |name: &String| match (old.get(name), new.get(name)) {
        (Some(_), None) => Some(How::Removed),
        (None, _) => Some(How::Added),
        (Some(old), Some(new)) => {
            let fields = differences(&seen(old), &seen(new), Secrecy::Mask);
            (!fields.is_empty()).then_some(How::Changed(fields))
        }
    };
    let variation = |name: &String| Some(Variation { kind, name: name.clone(), how: how(name)? });
    names.into_iter().filter_map(variation).collect()
}

/// Contents are told apart by their digest: they are too long to be shown.
fn config(body: &Value) -> Value {
    let digest = Sha256::digest(PayloadSpec(body).data().unwrap_or_default());
    let digits = digest.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte));
    canonical::plain(
        &json!({ "Labels": PayloadSpec(body).labels().0, "Content": format!("sha256:{digits:012x}") }),
    )
}

/// Takes out the ids of secrets and configs: the same ones may have been made anew.
pub fn forget_ids(spec: &mut Value) {
    for (list, id) in [("Secrets", "SecretID"), ("Configs", "ConfigID")] {
        let list = format!("/TaskTemplate/ContainerSpec/{list}");
        for reference in raw::items(spec, &list).iter_mut().filter_map(Value::as_object_mut) {
            reference.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs(services: Value, configs: Value) -> ResolvedSpecs {
        let map = |it: Value| serde_json::from_value(it).unwrap();
        ResolvedSpecs { services: map(services), configs: map(configs), ..ResolvedSpecs::default() }
    }

    fn service(image: &str, config: &str) -> Value {
        let reference =
            json!({ "ConfigID": config, "ConfigName": "conf", "File": { "Name": "x" } });
        let container = json!({ "Image": image, "Configs": [reference] });
        json!({ "Name": "web", "TaskTemplate": { "ContainerSpec": container, "Placement": {} } })
    }

    #[track_caller]
    fn check(old: &ResolvedSpecs, new: &ResolvedSpecs, expected: &[&str]) {
        let lines = variations(&compare(old, new, &BTreeMap::new()));
        assert_eq!(lines.iter().map(|it| &*it.text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_differs_is_said_object_by_object_and_field_by_field() {
        let old = specs(json!({ "web": service("a:1", "c1"), "db": {} }), json!({}));
        let new =
            specs(json!({ "web": service("a:2", "c1") }), json!({ "conf": { "Data": "eA==" } }));
        let expected = ["+ config conf", "- service db", "~ service web", "    Image: a:1 → a:2"];
        check(&old, &new, &expected);
    }

    #[test]
    fn an_id_is_no_difference_and_another_content_is() {
        let old =
            specs(json!({ "web": service("a:1", "c1") }), json!({ "conf": { "Data": "eA==" } }));
        let new =
            specs(json!({ "web": service("a:1", "c2") }), json!({ "conf": { "Data": "eQ==" } }));
        check(&old, &old, &[]);
        let lines = variations(&compare(&old, &new, &BTreeMap::new()));
        assert_eq!((lines.len(), &*lines[0].text), (2, "~ config conf"));
        assert!(lines[1].text.starts_with("    Content: sha256:"), "{lines:?}");
    }
}
