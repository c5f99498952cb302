//! Rollback preview of services: what their previous spec restores.

use crate::{
    domain::{
        swarm::{
            change::ServiceRef,
            cluster::Object,
            names::{ServiceId, StackName},
            objects::{ServiceObject, ServiceSpec},
        },
        text::elide::without_digest,
    },
    engine::{Answer, Engine},
    jobs::{release_reader::secrets_of_stack, spec_changes::changed_fields},
    store::Store,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many fields of a service are told with their values; the others by their names.
const TOLD: usize = 6;

/// What comes back of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackPreview {
    /// The version of the service that was read.
    pub version: u64,
    /// The engine keeps a spec that can come back.
    pub is_kept: bool,
    /// From what to what: its image, and each field that changes.
    pub lines: Vec<String>,
}

/// Reads what a roll-back of these services would change.
pub async fn preview_rollback(
    engine: &dyn Engine,
    store: &Store,
    targets: &[ServiceRef],
) -> Answer<BTreeMap<ServiceId, RollbackPreview>> {
    let (mut found, mut known) = (BTreeMap::new(), BTreeMap::new());
    for target in targets {
        let live = engine.inspect(&Object::Service(target.id.clone())).await?;
        let version = ServiceObject(&live).version().unwrap_or_default();
        let live = ServiceObject(&live);
        let (now, before) = (live.spec().0, live.previous_spec().0);
        let stack = live.labels().stack().and_then(StackName::observed);
        if let Some(stack) = stack.as_ref().filter(|it| !known.contains_key(*it)) {
            known.insert(stack.clone(), secrets_of_stack(store, stack).await);
        }
        let secrets = stack.and_then(|it| known.get(&it)).cloned().unwrap_or_default();
        let mut lines = match before.is_object() {
            false => vec![format!("{}: the engine keeps no previous spec", target.name)],
            true => lines(&target.name, now, before, changed_fields(engine, now, before).await),
        };
        for line in &mut lines {
            secrets.clean(line);
        }
        let is_kept = before.is_object();
        found.insert(target.id.clone(), RollbackPreview { version, is_kept, lines });
    }
    Ok(found)
}

fn lines(name: &str, now: &Value, before: &Value, fields: Vec<(String, String)>) -> Vec<String> {
    let image = |spec: &Value| ServiceSpec(spec).image().unwrap_or("no image").to_owned();
    let (of_now, of_before) = (image(now), image(before));
    let [short_now, short_before] = [&of_now, &of_before].map(|it| without_digest(it).to_owned());
    let first = match of_now == of_before {
        true if fields.is_empty() => format!("{name}: nothing differs in its previous spec"),
        true => format!("{name}: {short_now} stays"),
        // Only the digest says what differs.
        false if short_now == short_before => format!("{name}: {of_now} → {of_before}"),
        false => format!("{name}: {short_now} → {short_before}"),
    };
    let mut rest: Vec<(String, String)> = fields.into_iter().filter(|it| it.0 != "image").collect();
    let more = rest.split_off(rest.len().min(TOLD));
    let lines = rest.into_iter().map(|(field, how)| format!("  {field}: {how}"));
    let names: Vec<String> = more.into_iter().map(|it| it.0).collect();
    let more = (!names.is_empty()).then(|| format!("  and {}", names.join(", ")));
    [first].into_iter().chain(lines).chain(more).collect()
}
