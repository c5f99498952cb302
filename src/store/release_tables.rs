//! The tables of releases: where a row stands, and what is kept in it.

use crate::{
    domain::{
        deployment::release::{JournalEntry, Release, ReleaseKey, Snapshot},
        project::vault::Sealed,
        swarm::names::StackName,
    },
    store::record::{Record, Table},
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Cluster, stack, revision.
pub type ReleaseKeyParts<'a> = (&'a str, &'a str, u32);
/// Cluster, stack, revision, step.
pub type StepKeyParts<'a> = (&'a str, &'a str, u32, u32);

pub const RELEASES: Table<ReleaseKeyParts<'static>> = Table::new("releases");
pub const SNAPSHOTS: Table<ReleaseKeyParts<'static>> = Table::new("snapshots");
pub const JOURNAL: Table<StepKeyParts<'static>> = Table::new("journal");

/// What private parts are sealed under, and the member of a detail that is sealed.
pub const SPECS: &str = "specs";
pub const DETAIL: &str = "detail";
pub const SOURCES: &str = "sources";
pub const SEALED: &str = "sealed";

impl Record for Release {
    const VERSION: u32 = 1;
}

/// A snapshot as it is kept: a private one has its specs sealed beside it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeptSnapshot {
    #[serde(flatten)]
    pub snapshot: Snapshot,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// Its files, where they hold what became secret later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_sources: Option<Sealed>,
}

impl Record for KeptSnapshot {
    const VERSION: u32 = 1;
}

impl Record for JournalEntry {
    const VERSION: u32 = 1;
}

pub fn place(key: &ReleaseKey) -> ReleaseKeyParts<'_> {
    (&key.cluster, key.stack.as_str(), key.revision)
}

pub fn revisions<'a>(
    cluster: &'a str,
    stack: &'a StackName,
) -> RangeInclusive<ReleaseKeyParts<'a>> {
    (cluster, stack.as_str(), 0)..=(cluster, stack.as_str(), u32::MAX)
}

pub fn steps(key: &ReleaseKey) -> RangeInclusive<StepKeyParts<'_>> {
    let (cluster, stack, revision) = place(key);
    (cluster, stack, revision, 0)..=(cluster, stack, revision, u32::MAX)
}
