//! Plan preview: a plan before it is confirmed.

use crate::domain::plan::{Digest, Outline};

/// A plan to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub outline: Outline,
    /// What there is to know about it.
    pub notes: Vec<String>,
    /// What an order carries whose plan is confirmed.
    pub digest: Digest,
    /// Jobs that are as the files have them: they run again where the order says so.
    pub jobs: Vec<String>,
    /// There is nothing to do.
    pub nothing: bool,
}
