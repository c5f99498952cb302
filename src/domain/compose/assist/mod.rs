//! Editor assistance for stack files: completion, hover and outline. All of it works on text
//! that is being typed and is not valid YAML yet.

mod known;
mod offer;
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
pub use known::{ClusterNames, KnownNode};
pub use nodes::nodes_matching;
pub use offer::{Hint, Offer};

use crate::domain::compose::assist::outline::{YamlOutline, boundary};

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
    let outline = YamlOutline::of(text);
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
    let outline = YamlOutline::of(text);
    let path = |at| outline.path(outline.at(boundary(text, at)));
    places.into_iter().map(path).collect()
}

#[cfg(test)]
mod tests;
