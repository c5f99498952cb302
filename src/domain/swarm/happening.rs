//! Events of a cluster.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// Something that happened in the cluster, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    pub at: Timestamp,
    /// The engine's word: `service`, `node`, `network`, `secret`, `config`, …
    pub kind: String,
    /// The engine's word: `create`, `update`, `remove`, …
    pub action: String,
    pub id: String,
    /// The object's name, or its id where the engine gives none.
    pub name: String,
    /// What changed, as `replicas.new=3`.
    pub attributes: BTreeMap<String, String>,
    /// What changed in the spec of a service, and how; secret-looking values are hidden.
    pub spec: Vec<(String, String)>,
}

impl Happening {
    /// Returns whether it tells what changed.
    pub fn says_something(&self) -> bool {
        !self.spec.is_empty() || self.attributes.keys().any(|it| it.strip_suffix(".new").is_some())
    }

    /// Writes what changed, as `replicas 1 → 3, update: updating`.
    pub fn changes(&self, arrow: &str) -> String {
        let spec = |field: &str| self.spec.iter().any(|it| it.0 == field);
        let told = self.attributes.iter().filter_map(|(key, new)| {
            let field = key.strip_suffix(".new").filter(|it| !spec(it))?;
            // The engine's word for how far its update is.
            let name = if field == "updatestate" { "update:" } else { field };
            Some(match self.attributes.get(&format!("{field}.old")) {
                Some(old) => format!("{name} {old} {arrow} {new}"),
                None => format!("{name} {new}"),
            })
        });
        let of_spec = self.spec.iter().map(|(field, how)| {
            let how = how.replace('\n', " ").replace('→', arrow);
            format!("{field} {how}")
        });
        of_spec.chain(told).collect::<Vec<_>>().join(", ")
    }
}
