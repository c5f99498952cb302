//! What an editor shows.

use std::ops::Range;

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
