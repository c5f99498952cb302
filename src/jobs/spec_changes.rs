//! Spec changes in events: engines report updates with image and replicas only, so the specs
//! are compared.

use crate::{
    domain::{
        describe::{Lens, changes},
        swarm::{
            cluster::{Happening, Object, ObjectKind},
            names::ServiceId,
            objects::{NetworkObject, ServiceObject, ServiceSpec},
        },
        text::{elide::without_digest, mask::Secrecy},
    },
    engine::Engine,
    jobs::masked_engine::MaskedEngine,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// So many services of a burst are asked for; a whole stack is hardly more.
const AT_ONCE: usize = 32;

/// The specs of services of which an event told, as they were then.
#[derive(Debug, Default)]
pub struct SpecChanges {
    specs: HashMap<ServiceId, Value>,
}

impl SpecChanges {
    /// Adds to events of services what changed in their specs. What the engine does not
    /// answer is left out: nobody waits for it.
    pub async fn explain(&mut self, shown: &MaskedEngine, happened: &mut [Happening]) {
        // Masked ones would be alike.
        let engine = &**shown.unmasked();
        let mut asked = HashSet::new();
        for event in happened.iter_mut().filter(|it| it.kind == "service") {
            let id = ServiceId::from(&*event.id);
            if event.action == "remove" {
                self.specs.remove(&id);
            }
            if event.action != "update" || asked.len() >= AT_ONCE || !asked.insert(id.clone()) {
                continue;
            }
            let Ok(raw) = engine.inspect(&Object::Service(id.clone())).await else { continue };
            let service = ServiceObject(&raw);
            let spec = service.spec().0;
            // The engine writes how its own update goes, too: then nothing changed.
            let by_engine = event.attributes.contains_key("updatestate.new");
            let known = self.specs.insert(id.clone(), spec.clone());
            let before = known.or_else(|| (!by_engine).then(|| service.previous_spec().0.clone()));
            if let Some(before) = before.filter(Value::is_object) {
                event.spec = changed_fields(engine, &before, spec).await;
                shown.mask(&id, event.spec.iter_mut().map(|it| &mut it.1)).await;
            }
        }
    }
}

/// Says what differs between two specs, field by field; secret-looking values are hidden.
pub async fn changed_fields(
    engine: &dyn Engine,
    before: &Value,
    spec: &Value,
) -> Vec<(String, String)> {
    let networks = |it| ServiceSpec(it).template().attachments().clone();
    let mut names = BTreeMap::new();
    if networks(before) != networks(spec) {
        let list = engine.list(ObjectKind::Networks, None).await.unwrap_or_default();
        let list = list.iter().map(NetworkObject);
        names.extend(list.filter_map(|it| Some((it.id()?.to_owned(), it.name()?.to_owned()))));
    }
    let lens = Lens { now: Timestamp::now(), secrecy: Secrecy::Mask, nodes: &[], names: &names };
    let each = changes(before, spec, &lens).into_iter();
    each.map(
        |(field, change)| if field == "image" { (field, tags(&change)) } else { (field, change) },
    )
    .collect()
}

/// Takes digests from `old → new`, where what is left says it.
fn tags(change: &str) -> String {
    match change.split_once(" → ").map(|(old, new)| [old, new].map(without_digest)) {
        Some([old, new]) if old != new => format!("{old} → {new}"),
        _ => change.to_owned(),
    }
}
