//! Decoding of API answers, element by element: one invalid object never spoils a list.
//!
//! The structs in here name only the members that are used; the rest is
//! skipped without being built.

mod salvage;
pub mod node;
pub mod service;
pub mod system;
pub mod task;

use crate::{
    domain::swarm::{cluster::Resources, objects::AnyObject},
    engine::docker::decode::salvage::{Patience, salvage},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, sync::Arc};

/// Decodes one object; `None` where it has no id.
pub type Decode<T> = fn(&str) -> serde_json::Result<Option<T>>;

/// Decodes a list, and counts the elements that are left out, which have no id. Of an odd
/// element stays what can be read, as long as not too many are odd.
pub fn elements_and_rest<T>(body: &[u8], decode: Decode<T>) -> serde_json::Result<(Vec<T>, usize)> {
    let elements: Option<Vec<&RawValue>> = serde_json::from_slice(body)?;
    let elements = elements.unwrap_or_default();
    let (mut decoded, all) = (Vec::with_capacity(elements.len()), elements.len());
    let patience = Patience::default();
    decoded.extend(elements.into_iter().filter_map(|it| element(it.get(), decode, &patience)));
    let left_out = all - decoded.len();
    Ok((decoded, left_out))
}

/// Returns the names of volumes (`GET /volumes`).
pub fn volumes(answer: &Value) -> Vec<String> {
    let all = answer["Volumes"].as_array().into_iter().flatten();
    all.filter_map(|it| AnyObject(it).name()).map(ToOwned::to_owned).collect()
}

fn element<T>(text: &str, decode: Decode<T>, patience: &Patience) -> Option<T> {
    let err = match decode(text) {
        Ok(decoded) => return decoded,
        Err(err) => err,
    };
    if patience.is_over() {
        return None;
    }
    let odd = serde_json::from_str(text).ok()?;
    let accepts = |part: &Value| patience.tries(&part.to_string(), |text| decode(text).is_ok());
    let kept = salvage(&odd, patience, &accepts);
    let decoded = kept.and_then(|it| decode(&it.to_string()).ok().flatten());
    let verdict = if decoded.is_some() { "read in part" } else { "left out" };
    tracing::warn!("odd object {:?} {verdict}: {err}", AnyObject(&odd).id().unwrap_or_default());
    decoded
}

/// `Version` of every object.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    index: u64,
}

/// `Limits`, `Reservations` and the resources of nodes.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Amounts {
    #[serde(rename = "NanoCPUs")]
    nano_cpus: i64,
    #[serde(rename = "MemoryBytes")]
    memory: i64,
    #[serde(rename = "GenericResources")]
    generic: Option<Vec<Generic>>,
}

/// A generic resource: counted, or with names.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Generic {
    discrete_resource_spec: Option<GenericKind>,
    named_resource_spec: Option<GenericKind>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GenericKind {
    kind: String,
}

impl Amounts {
    /// Returns the kinds of generic resources, each once.
    fn kinds(&mut self) -> Vec<String> {
        let each = self.generic.take().into_iter().flatten();
        let kinds = each.filter_map(|it| it.discrete_resource_spec.or(it.named_resource_spec));
        let mut kinds: Vec<String> = kinds.map(|it| it.kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}

impl From<Amounts> for Resources {
    fn from(it: Amounts) -> Self {
        Self { nano_cpus: it.nano_cpus, memory: it.memory }
    }
}

/// A moment; the engine's zero, the first of January of the year 1, is none.
#[derive(Default, Clone, Copy)]
struct Moment(Option<Timestamp>);

impl Moment {
    fn or_epoch(self) -> Timestamp {
        self.0.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let moment = Option::<Timestamp>::deserialize(deserializer)?;
        Ok(Self(moment.filter(|it| *it > Timestamp::UNIX_EPOCH)))
    }
}

/// Text that is borrowed where it has no escapes; nothing where it is null.
#[derive(Deserialize, Default)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Option<Cow<'a, str>>);

impl Text<'_> {
    fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    fn shared(&self) -> Arc<str> {
        self.as_str().into()
    }

    fn owned(self) -> String {
        self.0.map(Cow::into_owned).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
