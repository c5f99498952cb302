//! What a registry said of an image.

use crate::domain::compose::Place;

/// An image that a registry was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As the engine was asked for it.
    pub name: String,
    /// Keys of the services that run it.
    pub services: Vec<String>,
    /// Where the first of them stands.
    pub place: Place,
    pub said: Said,
}

/// What came of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The digest, and it is in the specs now.
    Digest,
    /// There is no such image.
    Missing,
    /// Access is denied, with what was sent along.
    Denied { why: String, sent: Sent },
    /// No answer, or none that helps.
    Nothing(String),
}

/// The credentials that nodes would get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Those that the service has from before, if any.
    Nothing,
    /// None: what the service has is taken away.
    Empty,
    Credentials,
}
