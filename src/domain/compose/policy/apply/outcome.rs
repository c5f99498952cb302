//! What comes of applying policies.

use crate::domain::compose::{
    Finding, Place,
    model::{Labels, Text},
    policy::apply::rules::Ruled,
};
use std::collections::BTreeMap;

/// One thing that a policy added to a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// `None` for what belongs to no service.
    pub service: Option<String>,
    /// As a compose file has it: `deploy.update_config.order`.
    pub field: String,
    pub value: String,
    /// Whose policy it was, as `shop/production`.
    pub by: String,
}

/// What came of applying policies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// By service; what belongs to none comes last.
    pub added: Vec<Added>,
    /// Why the stack may not be deployed.
    pub findings: Vec<Finding>,
    /// Networks that must be there before the stack is, and that no stack owns.
    pub networks: Vec<SharedNetwork>,
}

/// A network of a project or an environment: a deployment makes it where it is missing,
/// as an overlay to which only services attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedNetwork {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// Whose policy asks for it.
    pub by: String,
}

/// Writes down what is added to one thing.
pub struct Additions<'a> {
    pub service: Option<&'a str>,
    pub place: Place,
    pub outcome: &'a mut Outcome,
}

impl Additions<'_> {
    /// Writes one thing down.
    pub fn note(&mut self, field: &str, value: &str, by: &str) {
        self.outcome.added.push(Added {
            service: self.service.map(str::to_owned),
            field: field.to_owned(),
            value: value.to_owned(),
            by: by.to_owned(),
        });
    }

    /// Adds a label that is not there.
    pub fn label(
        &mut self,
        labels: &mut Labels,
        section: &str,
        key: &str,
        (value, by): Ruled<'_, String>,
    ) {
        if labels.contains_key(key) {
            return;
        }
        self.note(&format!("{section}.{key}"), &value, by);
        labels.insert(key.to_owned(), Text::new(value, self.place));
    }
}
