//! How far a document has come into the editor.

/// How far a document has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Unread,
    Reading,
    Ready,
    /// The document cannot be edited, and why.
    Refused(String),
}

impl State {
    /// Returns whether the text is still to come.
    pub fn is_early(&self) -> bool {
        matches!(self, Self::Unread | Self::Reading)
    }
}
