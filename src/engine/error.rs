//! Engine errors, with hints.

use std::time::Duration;

/// Why an engine did not do what was asked. Cheap to clone: screens keep it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    #[error("no engine answers at {address}: {why}")]
    Unreachable { address: String, why: String },
    #[error("no permission to use {address}")]
    PermissionDenied { address: String },
    #[error("cannot reach {host} over ssh: {why}")]
    Ssh { host: String, why: String },
    #[error("{address} refused the TLS connection: {why}")]
    Tls { address: String, why: String },
    #[error("{address} did not answer {call} within {}s", .after.as_secs())]
    TimedOut { address: String, call: String, after: Duration },
    #[error("engine {version} has API {api}, skep needs 1.41 (engine 20.10) or newer")]
    TooOld { version: String, api: String },
    #[error("engine {version} requires API {minimum} or newer, skep supports up to {ours}")]
    TooNew { version: String, minimum: String, ours: String },
    #[error("{address} is not part of a swarm")]
    NotASwarm { address: String },
    #[error("{address} is a worker, and only managers know the cluster")]
    NotAManager { address: String, managers: Vec<String> },
    #[error("the swarm on {address} is locked")]
    Locked { address: String },
    #[error("the swarm has no leader: too few of its managers are up")]
    NoLeader,
    #[error("{what} changed since it was read")]
    OutOfSequence { what: String },
    #[error("{what} not found")]
    NotFound { what: String },
    #[error("{what}: {why}")]
    Conflict { what: String, why: String },
    #[error("the engine refuses {what}: {why}")]
    Invalid { what: String, why: String },
    #[error("{what}: access denied: {why}")]
    Unauthorized { what: String, why: String },
    /// A 5xx, a broken body, a broken stream.
    #[error("the engine failed: {what}: {why}")]
    Failed { what: String, why: String },
}

impl EngineError {
    /// Returns what the operator can do now.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { address, .. } if address.starts_with("unix:") => {
                "is the engine running? `systemctl status docker`; or name another one with --context or --host"
            }
            Self::Unreachable { .. } => {
                "check address, network and firewall; or name another engine with --context or --host"
            }
            Self::PermissionDenied { .. } => {
                "run as root, or join the docker group: `sudo usermod -aG docker $USER`, then log in again"
            }
            Self::Ssh { .. } => {
                "try `ssh HOST docker version` by hand; keys must work without a password prompt"
            }
            Self::Tls { .. } => "check DOCKER_CERT_PATH, or the TLS files of the docker context",
            Self::TimedOut { .. } => {
                "the engine or the way to it is overloaded; --timeout waits longer"
            }
            Self::TooOld { .. } => "upgrade the engine to 20.10 or newer",
            Self::TooNew { .. } => "upgrade skep",
            Self::NotASwarm { .. } => {
                "make it one with `docker swarm init`, or join one with `docker swarm join`"
            }
            Self::NotAManager { managers, .. } => {
                return Some(match managers.as_slice() {
                    [] => "run skep on a manager, or name one with --context or --host".to_owned(),
                    some => format!(
                        "managers: {}; run skep there, or `--host ssh://…`",
                        some.join(", ")
                    ),
                });
            }
            Self::Locked { .. } => "unlock it with `docker swarm unlock`",
            Self::NoLeader => {
                "start the managers that are down; if they are lost for good, `docker swarm init --force-new-cluster` on the last one"
            }
            Self::OutOfSequence { .. } => {
                "somebody else changed it at the same time; check it and try again"
            }
            Self::Unauthorized { .. } => {
                "log in with `docker login`, and deploy with --with-registry-auth"
            }
            Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Invalid { .. }
            | Self::Failed { .. } => return None,
        };
        Some(hint.to_owned())
    }

    /// Returns its name, for programs: it stays, whatever the words become.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::Ssh { .. } => "no-engine",
            Self::PermissionDenied { .. } => "no-permission",
            Self::Tls { .. } => "tls",
            Self::TimedOut { .. } => "timed-out",
            Self::TooOld { .. } | Self::TooNew { .. } => "engine-version",
            Self::NotASwarm { .. } => "no-swarm",
            Self::NotAManager { .. } => "no-manager",
            Self::Locked { .. } => "swarm-locked",
            Self::NoLeader => "no-leader",
            Self::OutOfSequence { .. } => "changed-meanwhile",
            Self::NotFound { .. } => "unknown-name",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { .. } => "engine-refuses",
            Self::Unauthorized { .. } => "access-denied",
            Self::Failed { .. } => "engine-failed",
        }
    }

    /// Returns whether the same call may succeed in a moment, unchanged.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Ssh { .. }
                | Self::TimedOut { .. }
                | Self::NoLeader
                | Self::Failed { .. }
        )
    }
}
