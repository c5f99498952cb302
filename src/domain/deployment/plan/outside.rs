//! Drift: what somebody changed in the cluster since the last release, and a deployment would
//! overwrite.

use crate::domain::{
    deployment::{
        plan::{
            Live, canonical,
            compare::forget_ids,
            steps::{Notice, Plan},
        },
        release::ResolvedSpecs,
    },
    swarm::{
        cluster::ObjectKind,
        difference::{Difference, differences},
        objects::ServiceObject,
    },
    text::mask::Secrecy,
};
use std::collections::BTreeSet;

/// Warns of fields that were changed since a release and that the plan changes again.
/// Names fields and no values: those stand in the plan, as far as they may be shown.
pub fn warn(plan: &mut Plan, specs: &ResolvedSpecs, revision: u32, live: &Live) {
    for step in plan.steps.iter_mut().filter(|it| it.kind == ObjectKind::Services) {
        let (Some(found), Some(then)) =
            (live.services.get(&step.name), specs.services.get(&step.name))
        else {
            continue;
        };
        let [mut stored, mut sent] = canonical::pair(ServiceObject(found).spec().0, then, live);
        forget_ids(&mut stored);
        forget_ids(&mut sent);
        let changed: BTreeSet<String> =
            differences(&sent, &stored, Secrecy::Mask).into_iter().map(|it| it.field).collect();
        let again = |it: &&Difference| changed.contains(&it.field);
        let fields: Vec<&str> =
            step.fields.iter().filter(again).map(|it| it.field.as_str()).collect();
        if !fields.is_empty() {
            step.notices.push(Notice::Warning(format!(
                "changed in the cluster since release {revision}, by hand or by skep on another machine: {}; this deployment overwrites that",
                fields.join(", ")
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        compose::{Desired, DesiredService, Place},
        deployment::plan::plan,
    };
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn spec(env: &[&str], image: &str) -> Value {
        let container = json!({ "Image": image, "Env": env });
        json!({ "Name": "shop_web", "Mode": { "Replicated": { "Replicas": 1 } },
            "TaskTemplate": { "ContainerSpec": container, "Placement": {} } })
    }

    /// Expects the fields that are warned of, where a release had one spec, the cluster has
    /// another and the files want a third.
    #[track_caller]
    fn check(released: &Value, found: &Value, wanted: &Value, expected: Option<&str>) {
        let live = json!({ "ID": "s1", "Version": { "Index": 7 }, "Spec": found });
        let live = Live { services: [("shop_web".to_owned(), live)].into(), ..Live::default() };
        let service = DesiredService {
            key: "web".to_owned(),
            name: "shop_web".to_owned(),
            image: String::new(),
            depends_on: Vec::new(),
            spec: wanted.clone(),
            place: Place::default(),
        };
        let desired = Desired { services: vec![service], ..Desired::default() };
        let specs = ResolvedSpecs {
            services: BTreeMap::from([("shop_web".to_owned(), released.clone())]),
            ..ResolvedSpecs::default()
        };
        let mut plan = plan(&"shop".parse().unwrap(), &desired, &live, false);
        warn(&mut plan, &specs, 4, &live);
        let told: Vec<String> = plan.steps[0].notices.iter().map(|it| format!("{it:?}")).collect();
        assert_eq!(told.len(), usize::from(expected.is_some()), "{told:?}");
        if let Some(expected) = expected {
            assert!(
                told[0].contains(&format!(
                    "since release 4, by hand or by skep on another machine: {expected};"
                )),
                "{told:?}"
            );
        }
    }

    #[test]
    fn what_somebody_changed_is_told_before_it_is_overwritten() {
        let (old, hacked) = (spec(&["A=1"], "web:1"), spec(&["A=1", "HACK=1"], "web:1"));
        check(&old, &hacked, &old, Some("TaskTemplate.ContainerSpec.Env.HACK"));
        check(&old, &old, &spec(&["A=2"], "web:1"), None);
        // Somebody wrote the change into the files as well.
        check(&old, &hacked, &hacked, None);
        check(
            &old,
            &spec(&["A=1"], "web:2"),
            &spec(&["A=1"], "web:3"),
            Some("TaskTemplate.ContainerSpec.Image"),
        );
    }
}
