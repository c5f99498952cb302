//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, taken back where one does not, and
//! remembered.
//!
//! [`crate::domain::deploy`] decides; here is who does what it says.

mod preflight;
mod prepare;
mod known;
pub mod again;
pub mod interrupted;
mod record;
mod back;
mod write;
mod look;
mod tails;
mod drive;
mod ending;
pub mod adopt;
mod proposal;
mod ready;
pub mod recover;

pub use known::compare;
pub use preflight::look_around;
pub use prepare::{Prepared, prepare, read};
pub use proposal::{Proposal, outline};
pub use ready::{Wish, run};

use crate::{
    domain::{
        deploy::{Given, Mode},
        names::StackName,
        plan::Digest,
        resolve::Resolve,
    },
    jobs::source::Sources,
};
use std::time::Duration;

/// A deployment as it was asked for.
#[derive(Debug, Clone)]
pub struct Order {
    pub stack: StackName,
    pub sources: Sources,
    pub resolve: Resolve,
    /// Send the credentials of this user along, for nodes to pull with.
    pub with_registry_auth: bool,
    /// Remove services of the stack that the files do not name, once the others run.
    pub prune: bool,
    /// What the operator says about it; may be empty.
    pub message: String,
    pub mode: Mode,
    /// So long it waits while somebody else changes the stack; zero is refused.
    pub wait: Duration,
    /// How long it bears with the services of the files; a way back has its own limits.
    pub limits: Given,
    /// The plan that was shown and confirmed: nothing else may be done. Nothing where no
    /// plan was shown.
    pub confirmed: Option<Digest>,
    /// Jobs that are as the files have them run once more, as docker has it.
    pub rerun_jobs: bool,
}

impl Order {
    /// Asks for a stack as the files say, in the way that is usual.
    pub fn of(stack: StackName, sources: Sources) -> Self {
        Self {
            stack,
            sources,
            resolve: Resolve::default(),
            with_registry_auth: false,
            prune: false,
            message: String::new(),
            mode: Mode::default(),
            wait: Duration::ZERO,
            limits: Given::default(),
            confirmed: None,
            rerun_jobs: false,
        }
    }

    /// Returns the order to look at again and again: registries are asked only about
    /// images that are not those of the live services.
    #[must_use]
    pub fn asking_little(mut self) -> Self {
        self.resolve = Resolve::Changed;
        self
    }

    /// Returns the docker command that does the same; that of skep for a stack of a
    /// project, whose values and policies docker does not have.
    pub fn docker(&self) -> String {
        let named = self.sources.files.iter().map(|it| format!(" -c {}", it.name));
        let files = named.collect::<Vec<_>>().concat();
        let resolve = match self.resolve {
            Resolve::Always => "",
            Resolve::Changed => " --resolve-image changed",
            Resolve::Never => " --resolve-image never",
        };
        let prune = if self.prune { " --prune" } else { "" };
        let auth = if self.with_registry_auth { " --with-registry-auth" } else { "" };
        match &self.sources.managed {
            Some(managed) => {
                let jobs = if self.rerun_jobs { " --rerun-jobs" } else { "" };
                format!("skep deploy{resolve}{prune}{auth}{jobs} {}", managed.path)
            }
            None => format!("docker stack deploy{files}{resolve}{prune}{auth} {}", self.stack),
        }
    }
}
