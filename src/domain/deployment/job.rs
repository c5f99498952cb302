//! The record of a finished job.

use crate::domain::deployment::{audit::Operator, verdict::Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A job that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedJob {
    pub title: String,
    pub who: Operator,
    pub address: String,
    pub started: Timestamp,
    pub finished: Timestamp,
    pub verdict: Verdict,
    /// What it said on the way that is worth keeping.
    pub notes: Vec<String>,
}
