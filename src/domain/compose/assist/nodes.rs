//! Constraint matching: which nodes meet a constraint, in words.

use crate::domain::{
    compose::assist::known::KnownNode,
    swarm::constraint::{Constraint, KEYS, LABELS, after},
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the host names of the nodes that meet a constraint; none where it is
/// no constraint, or asks for what no node has.
pub fn nodes_matching(constraint: &str, nodes: &[KnownNode]) -> Vec<String> {
    let Ok(constraint) = Constraint::parse(constraint) else { return Vec::new() };
    let met = nodes.iter().filter(|it| it.meets(&constraint));
    met.map(|it| it.hostname.clone()).collect()
}

/// Says which nodes meet a constraint, which do not, and why none does.
pub fn told(text: &str, nodes: &[KnownNode]) -> Vec<String> {
    let constraint = match Constraint::parse(text) {
        Ok(constraint) if constraint.is_known() => constraint,
        Ok(it) => {
            let keys = KEYS.join(", ");
            return vec![
                format!("no node has `{}`", it.key),
                format!("there are {keys}, node.labels.NAME"),
            ];
        }
        Err(why) => return vec![why],
    };
    if nodes.is_empty() {
        return Vec::new();
    }
    let key = constraint.key.as_str();
    if nodes.iter().all(|it| it.value(key).is_none()) {
        return vec!["only the engines know their labels".to_owned()];
    }
    let (met, unmet): (Vec<&KnownNode>, Vec<&KnownNode>) =
        nodes.iter().partition(|it| it.meets(&constraint));
    let mut lines = vec![count(&names(&met), nodes.len())];
    let mut others: BTreeMap<String, Vec<&KnownNode>> = BTreeMap::new();
    for node in unmet {
        others.entry(node.value(key).unwrap_or_default()).or_default().push(node);
    }
    for (value, nodes) in others {
        let value = if value.is_empty() { "not set".to_owned() } else { value };
        lines.push(format!("{value} on {}", names(&nodes).join(", ")));
    }
    lines
}

/// Says how many of the nodes these are, as `2 of 3 nodes: node1, node2`.
pub fn count(met: &[String], all: usize) -> String {
    let nodes = if all == 1 { "node" } else { "nodes" };
    match met {
        [] => format!("none of {all} {nodes}"),
        met => format!("{} of {all} {nodes}: {}", met.len(), met.join(", ")),
    }
}

/// Returns the different values that nodes have for a key; none is empty.
pub fn values(key: &str, nodes: &[KnownNode]) -> BTreeSet<String> {
    nodes.iter().filter_map(|it| it.value(key)).filter(|it| !it.is_empty()).collect()
}

/// Returns every key that a constraint may be about, labels of the nodes at last.
pub fn keys(nodes: &[KnownNode]) -> Vec<String> {
    KEYS.iter().map(|it| (*it).to_owned()).chain(label_keys(nodes)).collect()
}

/// Returns the labels that nodes and engines have, as `node.labels.zone`.
pub fn label_keys(nodes: &[KnownNode]) -> BTreeSet<String> {
    let of_nodes = nodes.iter().flat_map(|it| it.labels.keys());
    let of_engines = nodes.iter().filter_map(|it| it.engine_labels.as_ref());
    let of_engines = of_engines.flat_map(BTreeMap::keys);
    let of_nodes = of_nodes.map(|it| format!("{}{it}", LABELS[0]));
    of_nodes.chain(of_engines.map(|it| format!("{}{it}", LABELS[1]))).collect()
}

impl KnownNode {
    /// Returns what the node has for the key of a constraint, empty for a label that
    /// it has not; `None` where nobody knows, or there is no such key.
    pub fn value(&self, key: &str) -> Option<String> {
        let platform = self.platform.split_once('/').unwrap_or_default();
        let value = match key.to_ascii_lowercase().as_str() {
            "node.id" => self.id.as_str(),
            "node.hostname" => &self.hostname,
            "node.ip" => &self.address,
            "node.role" if self.manager => "manager",
            "node.role" => "worker",
            "node.platform.os" => platform.0,
            "node.platform.arch" => platform.1,
            _ => match (after(key, LABELS[0]), after(key, LABELS[1])) {
                (Some(name), _) => self.labels.get(name).map_or("", String::as_str),
                (_, Some(name)) => {
                    self.engine_labels.as_ref()?.get(name).map_or("", String::as_str)
                }
                _ => return None,
            },
        };
        Some(value.to_owned())
    }

    pub fn meets(&self, constraint: &Constraint) -> bool {
        self.value(&constraint.key).is_some_and(|it| constraint.holds_for(&it))
    }
}

fn names(nodes: &[&KnownNode]) -> Vec<String> {
    nodes.iter().map(|it| it.hostname.clone()).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Three nodes, the first a manager, two of them with a disk.
    pub fn nodes() -> Vec<KnownNode> {
        let node = |number: usize, disk: Option<&str>| KnownNode {
            id: format!("id{number}"),
            hostname: format!("node{number}"),
            address: format!("10.0.0.{number}"),
            manager: number == 1,
            platform: "linux/x86_64".to_owned(),
            labels: disk.map(|it| ("disk".to_owned(), it.to_owned())).into_iter().collect(),
            engine_labels: None,
        };
        vec![node(1, Some("ssd")), node(2, Some("hdd")), node(3, None)]
    }

    fn check(constraint: &str, expected: &[&str]) {
        assert_eq!(nodes_matching(constraint, &nodes()), expected, "{constraint}");
    }

    #[test]
    fn nodes_are_told_apart_as_the_scheduler_does() {
        check("node.role==manager", &["node1"]);
        check("node.role != manager", &["node2", "node3"]);
        check("node.labels.disk==SSD", &["node1"]);
        check("node.labels.disk!=ssd", &["node2", "node3"]);
        check("node.labels.Disk==ssd", &[]);
        check("NODE.HOSTNAME==node2", &["node2"]);
        check("node.platform.arch==x86_64", &["node1", "node2", "node3"]);
        check("engine.labels.x==y", &[]);
        check("node.colour==red", &[]);
        check("node.role=manager", &[]);
    }

    #[test]
    fn it_is_said_why_nodes_are_left_out() {
        for (text, expected) in [
            ("node.labels.disk==ssd", "1 of 3 nodes: node1; not set on node3; hdd on node2"),
            ("node.labels.rack==a", "none of 3 nodes; not set on node1, node2, node3"),
            ("node.role==boss", "none of 3 nodes; manager on node1; worker on node2, node3"),
            ("node.role", "constraint expected one operator from ==, !="),
            ("engine.labels.a==b", "only the engines know their labels"),
        ] {
            assert_eq!(told(text, &nodes()).join("; "), expected);
        }
        assert_eq!(told("node.label.x==y", &nodes())[0], "no node has `node.label.x`");
    }
}
