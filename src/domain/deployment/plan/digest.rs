//! Plan digest: tells whether a plan is still the one that was confirmed.

use crate::domain::{
    compose::{Desired, DesiredFile},
    deployment::plan::steps::{Effect, Plan, PlanStep},
    swarm::cluster::ObjectKind,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt};

/// What a plan would do: for each object that does not stay as it is a fingerprint of what
/// becomes of it, of what is sent, and of what is there before.
///
/// The version of a service is no part of it, though its spec is: an update that goes on
/// raises the version and changes nothing that was asked for.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Digest(BTreeMap<String, String>);

impl fmt::Debug for Digest {
    /// Fingerprints may be of secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Digest {
    /// Says what is different in a newer plan, as `service shop_web would change in another
    /// way`; nothing where it does the same.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let gone = self.0.keys().filter(|it| !now.0.contains_key(*it));
        let gone = gone.map(|it| format!("{it} would not change"));
        let others = now.0.iter().filter_map(|(name, print)| match self.0.get(name) {
            None => Some(format!("{name} would change too")),
            Some(before) if before != print => Some(format!("{name} would change differently")),
            Some(_) => None,
        });
        gone.chain(others).collect()
    }
}

impl Plan {
    /// Returns what tells it from a plan that would do something else; secrets and configs
    /// hold what was desired.
    pub fn digest(&self, desired: &Desired) -> Digest {
        let files = |kind: ObjectKind, all: &[DesiredFile]| {
            let file = |it: &DesiredFile| ((kind.word(), it.name.clone()), spec(&it.body.0));
            all.iter().map(file).collect::<Vec<_>>()
        };
        let held: BTreeMap<(&str, String), String> = files(ObjectKind::Secrets, &desired.secrets)
            .into_iter()
            .chain(files(ObjectKind::Configs, &desired.configs))
            .collect();
        let changing = self.steps.iter().filter(|it| it.effect != Effect::Unchanged);
        let digest = changing.map(|it| {
            let held = held.get(&(it.kind.word(), it.name.clone())).map_or("", String::as_str);
            (format!("{} {}", it.kind.word(), it.name), print(it, held))
        });
        Digest(digest.collect())
    }
}

fn print(step: &PlanStep, held: &str) -> String {
    // How many tasks run at this moment changes nothing that is sent.
    let fate = match &step.effect {
        Effect::Create => "create",
        Effect::Unchanged => "unchanged",
        Effect::InPlace => "in place",
        Effect::Replace(_) => "replace",
        Effect::Remove => "remove",
        Effect::Refused(_) => "refused",
    };
    let before = step.live.as_ref().map(|it| (it.id.as_str(), it.spec.as_str()));
    let (id, spec) = before.unwrap_or_default();
    let body = step.body.as_ref().map(self::spec).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [fate, id, spec, &body, held] {
        // Lengths keep the parts apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())
}

/// Returns a fingerprint of a spec, the same in whatever order its keys are.
pub fn spec(spec: &Value) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, spec);
    format!("{:x}", hash.finalize())
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            hash.update("{");
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            for (key, value) in sorted {
                hash.update(Value::String(key.clone()).to_string());
                add(hash, value);
            }
            hash.update("}");
        }
        Value::Array(items) => {
            hash.update("[");
            for item in items {
                add(hash, item);
                hash.update(",");
            }
            hash.update("]");
        }
        other => hash.update(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::plan::steps::LiveVersion;
    use serde_json::json;

    fn step(name: &str, effect: Effect, image: &str, was: &str) -> PlanStep {
        let live = json!({ "Image": was });
        PlanStep {
            body: Some(json!({ "Image": image, "Name": name })),
            live: Some(LiveVersion { id: "s1".to_owned(), version: 7, spec: spec(&live) }),
            ..PlanStep::new(ObjectKind::Services, name, effect)
        }
    }

    fn digest(steps: Vec<PlanStep>) -> Digest {
        Plan::of("shop".parse().unwrap(), steps).digest(&Desired::default())
    }

    #[test]
    fn the_same_plan_is_the_same_whatever_its_versions_and_the_order_of_keys() {
        let one = digest(vec![step("web", Effect::InPlace, "web:2", "web:1")]);
        let mut again = step("web", Effect::InPlace, "web:2", "web:1");
        again.live.as_mut().unwrap().version = 9;
        let stays = step("db", Effect::Unchanged, "db:1", "db:1");
        assert_eq!(one.differences(&digest(vec![again, stays])), [] as [&str; 0]);
        let (a, b) = (r#"{"A":1,"B":[1,2]}"#, r#"{"B":[1,2],"A":1}"#);
        let [a, b]: [Value; 2] = [a, b].map(|it| serde_json::from_str(it).unwrap());
        assert_eq!(spec(&a), spec(&b));
        assert_ne!(spec(&json!(["a", "b"])), spec(&json!(["ab"])));
    }

    #[test]
    fn what_would_be_done_otherwise_is_named() {
        let confirmed = digest(vec![
            step("web", Effect::InPlace, "web:2", "web:1"),
            step("db", Effect::InPlace, "db:2", "db:1"),
        ]);
        let check = |steps: Vec<PlanStep>, wanted: &[&str]| {
            assert_eq!(confirmed.differences(&digest(steps)), wanted);
        };
        let db = || step("db", Effect::InPlace, "db:2", "db:1");
        let otherwise = "service web would change differently";
        check(vec![db(), step("web", Effect::InPlace, "web:3", "web:1")], &[otherwise]);
        check(vec![db(), step("web", Effect::InPlace, "web:2", "web:0")], &[otherwise]);
        check(vec![db(), step("web", Effect::Remove, "web:2", "web:1")], &[otherwise]);
        check(
            vec![
                step("web", Effect::InPlace, "web:2", "web:1"),
                step("api", Effect::Create, "", ""),
            ],
            &["service db would not change", "service api would change too"],
        );
    }
}
