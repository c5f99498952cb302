//! Start settings of the cockpit.

use crate::{config::values::Recovery, domain::logs::Window, projects::templates::Templates};
use jiff::tz::TimeZone;
use std::{sync::Arc, time::Duration};

/// What does not change while the cockpit looks at one engine.
#[derive(Debug, Clone)]
pub struct CockpitSettings {
    /// Name of the docker context, or `demo`.
    pub context: String,
    pub address: String,
    pub demo: bool,
    pub read_only: bool,
    /// Who holds the leases of this skep.
    pub holder: String,
    /// What becomes of interrupted deployments.
    pub recovery: Recovery,
    /// Changes ask for the name of what they touch.
    pub production: bool,
    /// The line with the health of the cluster, and the one with the keys.
    pub header: bool,
    pub hints: bool,
    /// Keys like f5 are at hand; else the line of the keys shows others.
    pub function_keys: bool,
    /// Between two looks at an idle cluster.
    pub refresh: Duration,
    pub logs: LogSetting,
    /// Healthy releases of a stack that a cleanup keeps.
    pub keep: usize,
    /// Docker contexts that can be switched to.
    pub contexts: Vec<ContextRow>,
    /// What new stacks can be made of.
    pub templates: Arc<Templates>,
    /// In which times are shown.
    pub zone: TimeZone,
}

/// How logs are read and shown at first.
#[derive(Debug, Clone)]
pub struct LogSetting {
    /// Lines that are held.
    pub lines: usize,
    /// Lines per container that are read first.
    pub tail: u32,
    pub window: Window,
    pub timestamps: bool,
    pub wrap: bool,
    pub colours: bool,
}

/// A docker context and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextRow {
    pub name: String,
    pub address: String,
}
