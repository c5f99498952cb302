//! Deployment requests: from files, from an earlier release, or from an interrupted deployment.
//! Nothing but data.

use crate::{
    domain::{
        deployment::{
            deploy::{Given, Mode, ObjectName},
            plan::Digest,
            release::ReleaseKey,
            resolve::Resolve,
            verdict::Verdict,
        },
        swarm::names::StackName,
    },
    projects::Sources,
};
use std::{fmt, time::Duration};

/// A deployment as it was asked for.
#[derive(Debug, Clone)]
pub struct DeployOrder {
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
    /// How long it waits while somebody else changes the stack; zero is refused.
    pub wait: Duration,
    /// How long it bears with the services of the files; a rollback has its own limits.
    pub limits: Given,
    /// The plan that was shown and confirmed: nothing else may be done. Nothing where no
    /// plan was shown.
    pub confirmed: Option<Digest>,
    /// Jobs that are as the files have them run once more, as docker has it.
    pub rerun_jobs: bool,
}

impl DeployOrder {
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

/// The return to an earlier release, as it was asked for.
#[derive(Debug, Clone)]
pub struct RollbackOrder {
    pub stack: StackName,
    pub revision: u32,
    /// Send the credentials of this user along, for nodes to pull with.
    pub with_registry_auth: bool,
    /// What the operator says about it; may be empty.
    pub message: String,
    pub mode: Mode,
    /// The plan that was shown and confirmed; nothing where none was shown.
    pub confirmed: Option<Digest>,
}

/// The recovery of an interrupted release, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryOrder {
    pub stack: StackName,
    pub revision: u32,
    pub way: RecoveryWay,
    /// Send the credentials of this user along, for nodes to pull with.
    pub with_registry_auth: bool,
    /// Also where somebody else changed the services since.
    pub anyway: bool,
}

/// What becomes of an interrupted release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryWay {
    /// Everything as it was before the release.
    Undo,
    /// Everything as the release wants it; where that fails, as it was before.
    Finish,
}

impl RecoveryOrder {
    /// Asks for a release to be recovered in the way that is usual.
    pub fn of(release: &ReleaseKey, way: RecoveryWay) -> Self {
        let (stack, revision) = (release.stack.clone(), release.revision);
        Self { stack, revision, way, with_registry_auth: false, anyway: false }
    }

    /// Returns whether it is this release that is meant.
    pub fn is_about(&self, release: &ReleaseKey) -> bool {
        (&self.stack, self.revision) == (&release.stack, release.revision)
    }

    /// Returns what it does, as `undo release 3 of shop`.
    pub fn title(&self) -> String {
        format!("{} release {} of {}", self.way, self.revision, self.stack)
    }

    /// Refuses to write over what somebody else wrote since.
    pub fn refuse_over(&self, overtaken: &[ObjectName]) -> Result<(), Verdict> {
        if overtaken.is_empty() || self.anyway {
            return Ok(());
        }
        let names: Vec<String> = overtaken.iter().map(ToString::to_string).collect();
        let why = format!("somebody changed it since it was interrupted: {}", names.join(", "));
        let hint = format!(
            "nothing was touched; a new deployment replaces it, and `skep recover {} --{} --yes` overwrites the change",
            self.stack, self.way
        );
        Err(Verdict::Failed { why, hint: Some(hint) })
    }

    /// Says that somebody was faster.
    pub fn missed(&self) -> Verdict {
        let Self { stack, revision, .. } = self;
        let why =
            format!("nothing to {}: release {revision} of {stack} is not interrupted", self.way);
        let hint = format!("`skep history {stack}` shows how it ended; nothing was touched");
        Verdict::Failed { why, hint: Some(hint) }
    }
}

impl fmt::Display for RecoveryWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undo => "undo",
            Self::Finish => "finish",
        })
    }
}

/// What may be deployed: files, or an earlier release.
#[derive(Debug, Clone)]
pub enum Proposal {
    Files(Box<DeployOrder>),
    Earlier(RollbackOrder),
}

impl Proposal {
    /// Returns the stack that it changes.
    pub fn stack(&self) -> &StackName {
        match self {
            Self::Files(order) => &order.stack,
            Self::Earlier(request) => &request.stack,
        }
    }

    /// Returns it with its plan confirmed: nothing else may be done than what has this digest.
    #[must_use]
    pub fn confirmed(&self, digest: &Digest) -> Self {
        let confirmed = Some(digest.clone());
        match self.clone() {
            Self::Files(order) => Self::Files(Box::new(DeployOrder { confirmed, ..*order })),
            Self::Earlier(request) => Self::Earlier(RollbackOrder { confirmed, ..request }),
        }
    }
}

/// What is to be deployed.
#[derive(Debug, Clone, Copy)]
pub enum DeployRequest<'a> {
    Files(&'a DeployOrder),
    Earlier(&'a RollbackOrder),
    /// What is left of a release that was interrupted.
    Rest(&'a RecoveryOrder),
}

impl DeployRequest<'_> {
    /// Returns the stack that it changes.
    pub fn stack(&self) -> &StackName {
        match self {
            Self::Files(order) => &order.stack,
            Self::Earlier(request) => &request.stack,
            Self::Rest(request) => &request.stack,
        }
    }
}
