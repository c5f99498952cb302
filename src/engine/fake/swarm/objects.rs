//! Objects that are kept as the API answers them: networks, secrets, configs.

use crate::domain::swarm::objects::{AnyObject, NetworkObject};
use serde_json::Value;
use std::collections::BTreeMap;

/// Objects as the API answers them, by id.
#[derive(Debug, Default, Clone)]
pub struct Objects(BTreeMap<String, Value>);

impl Objects {
    pub fn all(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    pub fn get(&self, id: &str) -> Option<&Value> {
        self.0.get(id)
    }

    pub fn put(&mut self, id: &str, object: Value) {
        self.0.insert(id.to_owned(), object);
    }

    /// Finds an object by its name, or by its id; of two networks with one name, the one of
    /// the swarm.
    pub fn find(&self, text: &str) -> Option<(&String, &Value)> {
        let named = self.0.iter().filter(|(_, it)| name_of(it) == text);
        let named = named.max_by_key(|(_, it)| NetworkObject(it).is_of_swarm());
        named.or_else(|| self.0.get_key_value(text))
    }

    /// Returns the objects of one stack, or all.
    pub fn list(&self, stack: Option<&str>) -> Vec<Value> {
        let of_stack = |it: &&Value| stack.is_none() || AnyObject(it).labels().stack() == stack;
        self.0.values().filter(of_stack).cloned().collect()
    }

    pub fn take(&mut self, id: &str) -> Option<Value> {
        self.0.remove(id)
    }
}

pub fn name_of(object: &Value) -> &str {
    AnyObject(object).name().unwrap_or_default()
}
