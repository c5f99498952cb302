//! Labels of an object.

use crate::domain::swarm::names::STACK_LABEL;
use serde_json::Value;

/// The labels of an object, a spec or a volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labels<'a>(pub &'a Value);

impl<'a> Labels<'a> {
    /// Returns the text of a label.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    /// Returns the name of the stack that the object belongs to, as its label has it.
    pub fn stack(self) -> Option<&'a str> {
        self.get(STACK_LABEL)
    }

    /// Lists them with their texts.
    pub fn all(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let labels = self.0.as_object().into_iter().flatten();
        labels.filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
    }
}
