//! Plan preview: a plan before it is confirmed.

use crate::domain::{
    deployment::plan::{Digest, PlanOutline},
    project::Secrets,
};

/// A plan to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub outline: PlanOutline,
    /// What there is to know about it.
    pub notes: Vec<String>,
    /// What an order carries whose plan is confirmed.
    pub digest: Digest,
    /// Jobs that are as the files have them: they run again where the order says so.
    pub jobs: Vec<String>,
    /// There is nothing to do.
    pub nothing: bool,
}

impl Preview {
    /// Hides what must not be shown.
    pub fn hide(&mut self, secrets: &Secrets) {
        self.outline.hide(secrets);
        self.notes.iter_mut().for_each(|it| secrets.clean(it));
    }
}
