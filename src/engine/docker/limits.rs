//! How long an engine is waited for, and how much of it is read.

use std::time::Duration;

/// Bytes of an answer that says why something is refused.
pub const REASON: usize = 64 << 10;
/// Bytes and number of the headers of an answer; engines send some ten.
pub const HEAD: usize = 64 << 10;
pub const HEADERS: usize = 100;

/// How much patience there is with an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection is there.
    pub connect: Duration,
    /// Until the answer to a look is complete, or a stream has begun.
    pub read: Duration,
    /// Until the answer to a write, or of a registry, is complete.
    pub slow: Duration,
    /// Bytes of one answer.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            slow: Duration::from_secs(60),
            body: 256 << 20,
        }
    }
}
