//! Preflight checks: whether the cluster and the registries have what a deployment needs,
//! before anything is changed. The results are findings.
//!
//! What is certain to fail is an error. What may settle by itself, as a registry that
//! is away while nodes have the image, is a warning.

mod image;
mod ground;
mod images;
mod nodes;
mod room;
mod ports;
mod objects;
mod features;
mod subnets;
mod plugins;

pub use features::asks_for_a_version;
pub use ground::Ground;
pub use image::{Image, Said, Sent};
pub use ports::rivals;

use crate::domain::compose::{Finding, Severity, finding::Findings};
use std::sync::Arc;

/// What was found, in files of these names.
#[derive(Debug, Clone, Default)]
pub struct Preflight {
    pub findings: Vec<Finding>,
    pub files: Vec<Arc<str>>,
}

const CHECKS: &[fn(&Ground<'_>, &mut Findings)] = &[
    objects::externals,
    objects::unbound,
    images::answers,
    images::platforms,
    room::of_services,
    room::of_cluster,
    ports::of_nodes,
    features::of_engines,
    subnets::of_networks,
    plugins::drivers,
    plugins::networks,
    plugins::resources,
];

/// Looks at everything.
pub fn look(ground: &Ground<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    for check in CHECKS {
        check(ground, &mut findings);
    }
    findings.sorted()
}

impl Preflight {
    /// Returns what stands in the way, in a line each.
    pub fn errors(&self) -> Vec<String> {
        self.lines(|it| it == Severity::Error)
    }

    /// Returns what may go wrong, in a line each.
    pub fn warnings(&self) -> Vec<String> {
        self.lines(|it| it == Severity::Warning)
    }

    /// Says why nothing can be done, and what to do about it; nothing where it can.
    pub fn refusal(&self) -> Option<(String, String)> {
        let mut errors = self.findings.iter().filter(|it| it.severity() == Severity::Error);
        let first = errors.next()?;
        let more = errors.count();
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let why = format!("{}{more}", self.told(&Finding { hint: None, ..first.clone() }));
        let explain = || format!("`skep check --explain {}` says what to do", first.code.name);
        Some((why, first.hint.clone().unwrap_or_else(explain)))
    }

    fn lines(&self, wanted: impl Fn(Severity) -> bool) -> Vec<String> {
        let wanted = self.findings.iter().filter(|it| wanted(it.severity()));
        wanted.map(|it| self.told(it)).collect()
    }

    fn told(&self, finding: &Finding) -> String {
        format!("{} [{}]", finding.line(&self.files), finding.code.name)
    }
}

#[cfg(test)]
mod tests;
