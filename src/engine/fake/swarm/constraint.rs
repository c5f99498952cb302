//! Placement constraints: which nodes they admit.

use crate::engine::fake::swarm::node::NodeRecord;

/// One constraint, as `node.labels.disk == ssd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    key: String,
    equal: bool,
    value: String,
}

impl Constraint {
    /// Reads a constraint; the error is in the engine's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, equal, value) = if let Some((key, value)) = text.split_once("==") {
            (key, true, value)
        } else if let Some((key, value)) = text.split_once("!=") {
            (key, false, value)
        } else {
            return Err("constraint expected one operator from ==, !=".to_owned());
        };
        let (key, value) = (key.trim(), value.trim());
        let mut letters = key.chars();
        let first = letters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == '_');
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
        if !first || !letters.all(plain) {
            return Err(format!("key '{key}' is invalid"));
        }
        let odd = |it: char| !it.is_ascii_alphanumeric() && !":-_ \t.*()?+[]\\^$|/".contains(it);
        if value.is_empty() || value.contains(odd) {
            return Err(format!("value '{value}' is invalid"));
        }
        Ok(Self { key: key.to_owned(), equal, value: value.to_owned() })
    }

    pub fn admits(&self, node: &NodeRecord) -> bool {
        self.value_on(node).is_some_and(|it| it.eq_ignore_ascii_case(&self.value) == self.equal)
    }

    /// Returns what the node has there, or `None` if no node has such a thing.
    fn value_on<'a>(&self, node: &'a NodeRecord) -> Option<&'a str> {
        let key = self.key.as_str();
        if let Some(label) = strip(key, "node.labels.") {
            return Some(node.label(label).unwrap_or(""));
        }
        if strip(key, "engine.labels.").is_some() {
            return Some("");
        }
        Some(match key.to_ascii_lowercase().as_str() {
            "node.id" => node.id.as_str(),
            "node.hostname" => &node.hostname,
            "node.ip" => &node.address,
            "node.role" if node.is_manager() => "manager",
            "node.role" => "worker",
            "node.platform.os" => "linux",
            "node.platform.arch" => "x86_64",
            _ => return None,
        })
    }
}

fn strip<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let head = key.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &key[prefix.len()..])
}
