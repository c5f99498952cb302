//! Placement constraints: which nodes they admit (swarmkit's grammar).

use crate::domain::swarm::cluster::Node;

/// One constraint, as `node.labels.disk == ssd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    pub key: String,
    /// `==`, or else `!=`.
    pub equal: bool,
    pub value: String,
}

/// What nodes are told apart by, beside labels.
pub const KEYS: &[&str] =
    &["node.id", "node.hostname", "node.ip", "node.role", "node.platform.os", "node.platform.arch"];

/// What keys of labels begin with.
pub const LABELS: &[&str] = &["node.labels.", "engine.labels."];

impl Constraint {
    /// Reads a constraint; the error is in the engine's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, equal, value) = match (text.split_once("=="), text.split_once("!=")) {
            (Some((key, value)), _) => (key, true, value),
            (None, Some((key, value))) => (key, false, value),
            (None, None) => return Err("constraint expected one operator from ==, !=".to_owned()),
        };
        let (key, value) = (key.trim(), value.trim());
        let first = key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
        if !first || key.len() < 2 || !key.chars().all(plain) {
            return Err(format!("key '{key}' is invalid"));
        }
        let odd = |it: char| !it.is_ascii_alphanumeric() && !":-_ \t.*()?+[]\\^$|/".contains(it);
        if value.is_empty() || value.contains(odd) {
            return Err(format!("value '{value}' is invalid"));
        }
        Ok(Self { key: key.to_owned(), equal, value: value.to_owned() })
    }

    /// Tells whether nodes have such a thing at all.
    pub fn is_known(&self) -> bool {
        KEYS.iter().any(|it| it.eq_ignore_ascii_case(&self.key))
            || LABELS.iter().any(|it| after(&self.key, it).is_some_and(|it| !it.is_empty()))
    }

    /// Returns whether a node meets it; `None` where a client cannot know, as
    /// for labels of engines.
    pub fn admits(&self, node: &Node) -> Option<bool> {
        let platform = node.platform.split_once('/').unwrap_or(("", ""));
        let value = match self.key.to_ascii_lowercase().as_str() {
            "node.id" => node.id.as_str(),
            "node.hostname" => &node.hostname,
            "node.ip" => &node.address,
            "node.role" if node.manager.is_some() => "manager",
            "node.role" => "worker",
            "node.platform.os" => platform.0,
            "node.platform.arch" => platform.1,
            _ => {
                let label = after(&self.key, LABELS[0])?;
                node.labels.get(label).map_or("", String::as_str)
            }
        };
        Some(self.holds_for(value))
    }

    /// Tells whether it is met where its key has this value.
    pub fn holds_for(&self, value: &str) -> bool {
        value.eq_ignore_ascii_case(&self.value) == self.equal
    }
}

/// Returns what stands behind a prefix, of whatever case.
pub fn after<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let head = key.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &key[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, bool, &str), &str>) {
        let read = Constraint::parse(text);
        let read = read.as_ref().map(|it| (it.key.as_str(), it.equal, it.value.as_str()));
        assert_eq!(read.map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn constraints_are_read_as_the_engine_reads_them() {
        check("node.role==manager", Ok(("node.role", true, "manager")));
        check(" node.labels.a/b != x y ", Ok(("node.labels.a/b", false, "x y")));
        check("node.role", Err("constraint expected one operator from ==, !="));
        check("node.role=manager", Err("constraint expected one operator from ==, !="));
        check("node role==x", Err("key 'node role' is invalid"));
        check("node.role==", Err("value '' is invalid"));
        check("node.labels.disk=='ssd'", Err("value ''ssd'' is invalid"));
    }

    #[test]
    fn keys_that_no_node_has_are_told() {
        let known = |it: &str| Constraint::parse(it).unwrap().is_known();
        assert!(known("Node.Role==manager") && known("engine.labels.a==b"));
        assert!(!known("node.label.a==b") && !known("disk==ssd") && !known("node.labels.==x"));
    }
}
