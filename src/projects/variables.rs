//! Variable resolution: all variables of a stack, with value and origin.

use crate::{
    domain::{
        project::{SettingName, StackPath, Value},
        text::mask::{HIDDEN, Secrecy},
    },
    projects::{Trouble, load::look},
    store::Store,
};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The variables of a stack, by name, and then what it sets for services.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variables {
    pub rows: Vec<VariableRow>,
}

/// One variable, or one value in the environment of a service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariableRow {
    pub name: String,
    pub service: Option<String>,
    /// What it comes to; `None` where nobody says. A secret one is here and never
    /// shown.
    #[serde(serialize_with = "masked")]
    value: Option<Shown>,
    pub secret: bool,
    /// Who gives it, as `stack shop/production/web`.
    pub origin: String,
    /// Those it beats, the strongest first.
    pub beats: Vec<String>,
    /// The file refuses to do without it.
    pub required: bool,
    /// The line of the first file that mentions it first.
    pub line: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Text(String),
    Secret,
}

impl VariableRow {
    /// Returns the value as it may be shown.
    pub fn shown(&self) -> Option<&str> {
        self.value.as_ref().map(|it| match it {
            Shown::Text(text) => text.as_str(),
            Shown::Secret => HIDDEN,
        })
    }

    /// Returns the value to edit; none where it is secret or missing.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Some(Shown::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns whether a deployment would miss it.
    pub fn is_missing(&self) -> bool {
        self.value.is_none()
    }
}

/// Makes the panel of a stack. Blocks.
pub fn variables(
    store: &Store,
    path: &StackPath,
    process: &BTreeMap<String, String>,
) -> Result<Variables, Trouble> {
    let (sources, foreign) = look(store, path, process)?;
    let Some(managed) = sources.managed.clone() else { return Ok(Variables::default()) };
    let understood = sources.understand(&managed.swarm);
    let mut rows: BTreeMap<String, VariableRow> = BTreeMap::new();
    for variable in &understood.variables {
        let row = rows.entry(variable.name.clone()).or_insert_with(|| {
            let mut row = row(&variable.name, None, managed.values.get(&variable.name));
            let beaten = managed.values.beaten(&variable.name);
            row.beats = beaten.map(|it| it.origin.to_string()).collect();
            row.line = Some(variable.place.line).filter(|it| *it > 0);
            row
        });
        row.required |= variable.required.is_some();
        if let (None, Some(default)) = (&row.value, &variable.default) {
            row.value = Some(shown(&variable.name, default, false));
            "default in the file".clone_into(&mut row.origin);
        }
    }
    for name in managed.values.given() {
        let unused = || {
            let mut row = row(name, None, managed.values.get(name));
            row.origin.push_str(", not used");
            row
        };
        rows.entry(name.to_owned()).or_insert_with(unused);
    }
    let of_services = managed.environment.iter().flat_map(|(service, values)| {
        values.iter().map(|(name, value)| row(name, Some(service.clone()), Some(value)))
    });
    let mut rows: Vec<VariableRow> = rows.into_values().chain(of_services).collect();
    for row in &mut rows {
        let name = SettingName { service: row.service.clone(), name: row.name.clone() };
        if row.secret && foreign.contains(&name) {
            row.origin.push_str(", encrypted with another key: set it again");
        }
    }
    Ok(Variables { rows })
}

fn row(name: &str, service: Option<String>, value: Option<&Value>) -> VariableRow {
    VariableRow {
        name: name.to_owned(),
        service,
        value: value.map(|it| shown(name, &it.text.0, it.secret)),
        secret: value.is_some_and(|it| it.secret),
        origin: value.map(|it| it.origin.to_string()).unwrap_or_default(),
        beats: Vec::new(),
        required: false,
        line: None,
    }
}

fn shown(name: &str, text: &str, secret: bool) -> Shown {
    let is_plain = Secrecy::Mask.value(name, text) == text;
    if secret || !is_plain { Shown::Secret } else { Shown::Text(text.to_owned()) }
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn masked<S: Serializer>(value: &Option<Shown>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(Shown::Text(text)) => serializer.serialize_some(text),
        Some(Shown::Secret) => serializer.serialize_some(HIDDEN),
        None => serializer.serialize_none(),
    }
}
