//! What an editor of stack files knows: what may come next, what a key does, where
//! things stand. All of it works on text that is being typed, and is no YAML yet.

mod outline;
mod line;
mod scan;
mod flow;
mod form;
mod style;
mod help;
mod nodes;
mod hover;
mod complete;

pub use complete::complete;
pub use hover::{hover, hover_among};
pub use nodes::nodes_matching;

use crate::domain::{
    cluster::Node,
    compose::assist::outline::{Outline, boundary},
};
use std::{collections::BTreeMap, ops::Range};

/// What the cluster offers. All lists are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
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

/// Something that may be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is inserted.
    pub text: String,
    /// What the list shows.
    pub label: String,
    /// One line about it; often empty.
    pub detail: String,
    /// Bytes of the text that make room for it.
    pub replaces: Range<usize>,
    /// Where the cursor goes: a byte of the text as it is then.
    pub cursor: usize,
}

/// What there is to say about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// As `services.web.deploy.replicas`.
    pub title: String,
    pub lines: Vec<String>,
    /// Whether Swarm ignores it.
    pub ignored: bool,
}

/// A key or an item with all its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Keys, and numbers of items from 0.
    pub path: Vec<String>,
    /// From 0; an item and its first key share it.
    pub line: usize,
    /// The last line with anything in it.
    pub last: usize,
    /// How many sections it is in.
    pub depth: usize,
}

/// Returns all keys and items that do not stand in brackets, in their order.
pub fn sections(text: &str) -> Vec<Section> {
    let outline = Outline::of(text);
    let mut sections: Vec<Section> = Vec::new();
    for (index, entry) in outline.entries.iter().enumerate().filter(|it| !it.1.flow) {
        let path = outline.path(Some(index));
        let depth = path.len() - 1;
        sections.push(Section { path, line: entry.line, last: entry.last, depth });
    }
    sections
}

/// Returns the path to what stands at a byte: keys, and numbers of items from 0.
pub fn path_at(text: &str, at: usize) -> Vec<String> {
    paths_at(text, [at]).pop().unwrap_or_default()
}

/// Returns the paths to what stands at some bytes, with one look at the text.
pub fn paths_at(text: &str, places: impl IntoIterator<Item = usize>) -> Vec<Vec<String>> {
    let outline = Outline::of(text);
    let path = |at| outline.path(outline.at(boundary(text, at)));
    places.into_iter().map(path).collect()
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

#[cfg(test)]
mod tests;
