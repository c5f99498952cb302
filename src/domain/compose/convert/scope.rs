//! What names in a stack file refer to.

use crate::domain::{
    compose::{
        convert::body::Body,
        model::{Labels, Stack},
    },
    swarm::names::{STACK_LABEL, StackName},
};
use serde_json::Value;

/// What names in a stack file refer to.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub stack: &'a Stack,
    pub name: &'a StackName,
}

impl Scope<'_> {
    /// Returns the engine's name: that of the file, or the key with the stack's
    /// name in front.
    pub fn name(&self, given: &str, key: &str) -> String {
        if given.is_empty() { format!("{}_{key}", self.name) } else { given.to_owned() }
    }

    /// Returns labels with that of the stack.
    pub fn labels(&self, labels: &Labels) -> Value {
        let mut body = Body::texts(labels);
        body.set(STACK_LABEL, self.name.as_str());
        body.into()
    }
}
