//! What an editor knows of the cluster.

use crate::domain::swarm::cluster::Node;
use std::collections::BTreeMap;

/// What the cluster offers. All lists are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterNames {
    pub networks: Vec<String>,
    pub secrets: Vec<String>,
    pub configs: Vec<String>,
    pub volumes: Vec<String>,
    /// As `nginx:1.27`: those that nodes have, or services use.
    pub images: Vec<String>,
    pub nodes: Vec<KnownNode>,
    /// Names of variables that have a value.
    pub variables: Vec<String>,
}

/// What placement may ask of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNode {
    pub id: String,
    pub hostname: String,
    pub address: String,
    pub manager: bool,
    /// As `linux/x86_64`.
    pub platform: String,
    pub labels: BTreeMap<String, String>,
    /// `None` where nobody asked the engine.
    pub engine_labels: Option<BTreeMap<String, String>>,
}

impl From<&Node> for KnownNode {
    fn from(node: &Node) -> Self {
        Self {
            id: node.id.to_string(),
            hostname: node.hostname.to_string(),
            address: node.address.clone(),
            manager: node.manager.is_some(),
            platform: node.platform.clone(),
            labels: node.labels.clone(),
            engine_labels: None,
        }
    }
}
