//! Engine lookup: by the same rules and in the same order as the docker CLI (28.2).

pub mod endpoint;
mod error;
pub mod store;

pub use endpoint::{BadAddress, Endpoint, Identity, Tls};
pub use error::ContextError;

use crate::engine::context::store::{DockerFolder, Pem, Stored};
use std::{collections::BTreeMap, env, ffi::OsString, fmt, path::PathBuf};

/// The name docker gives to the engine of `DOCKER_HOST` or of its own choice.
pub const DEFAULT_CONTEXT: &str = "default";

/// What the command line asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// An address; goes before everything else.
    pub host: Option<String>,
    /// The name of a docker context.
    pub context: Option<String>,
}

/// The outside that a choice depends on, as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub env: BTreeMap<String, String>,
    pub home: Option<PathBuf>,
}

/// An engine that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEngine {
    pub endpoint: Endpoint,
    pub origin: ContextOrigin,
}

/// Who said which engine it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextOrigin {
    HostFlag,
    ContextFlag(String),
    HostVariable,
    ContextVariable(String),
    CurrentContext(String),
    Nobody,
}

/// A context that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    pub name: String,
    pub description: String,
    /// Where its engine is, or what is wrong with its address.
    pub endpoint: Result<Endpoint, BadAddress>,
    /// It is what a program started here uses without being told.
    pub current: bool,
}

impl Surroundings {
    /// Reads those of this process.
    pub fn of_process() -> Self {
        let text = |it: OsString| it.into_string().ok();
        let env = env::vars_os().filter_map(|(key, value)| Some((text(key)?, text(value)?)));
        Self { env: env.collect(), home: env::home_dir() }
    }

    /// Docker takes a variable that is set to nothing for one that is not set.
    fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|it| !it.is_empty())
    }

    fn docker_folder(&self) -> Option<DockerFolder> {
        let named = self.var("DOCKER_CONFIG").map(PathBuf::from);
        named.or_else(|| Some(self.home.as_ref()?.join(".docker"))).map(DockerFolder::new)
    }

    /// The TLS of engines that no context describes.
    fn tls(&self) -> Option<Tls> {
        let verify = self.var("DOCKER_TLS_VERIFY").is_some();
        if !verify && self.var("DOCKER_TLS").is_none() {
            return None;
        }
        let named = self.var("DOCKER_CERT_PATH").map(PathBuf::from);
        let folder =
            named.clone().or_else(|| self.docker_folder().map(|it| it.path().to_path_buf()));
        let Some(folder) = folder else { return Some(Tls { verify, ..Tls::default() }) };
        let files = Pem::in_folder(&folder);
        // Who names a folder means its authority; without the file, dialing
        // says so instead of trusting the whole world.
        let ca = files.ca.or_else(|| named.map(|it| it.join("ca.pem")));
        Some(Tls { ca: ca.filter(|_| verify), identity: files.identity, verify })
    }
}

impl FoundEngine {
    /// Returns the name of the docker context this is.
    pub fn context(&self) -> &str {
        match &self.origin {
            ContextOrigin::ContextFlag(name)
            | ContextOrigin::ContextVariable(name)
            | ContextOrigin::CurrentContext(name) => name,
            ContextOrigin::HostFlag | ContextOrigin::HostVariable | ContextOrigin::Nobody => {
                DEFAULT_CONTEXT
            }
        }
    }
}

impl fmt::Display for ContextOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostFlag => f.write_str("from --host"),
            Self::ContextFlag(_) => f.write_str("from --context"),
            Self::HostVariable => f.write_str("from DOCKER_HOST"),
            Self::ContextVariable(_) => f.write_str("from DOCKER_CONTEXT"),
            Self::CurrentContext(_) => f.write_str("chosen by `docker context use`"),
            Self::Nobody => f.write_str("docker's default"),
        }
    }
}

/// Finds the engine: `--host`, `--context`, `DOCKER_HOST`, `DOCKER_CONTEXT`,
/// `docker context use`, `/var/run/docker.sock`, whichever is first.
pub fn find(wish: &Wish, around: &Surroundings) -> Result<FoundEngine, ContextError> {
    let origin = origin(wish, around)?;
    let endpoint = match (&origin, &wish.host) {
        (ContextOrigin::HostFlag, Some(host)) => parse(host, around.tls(), &origin)?,
        (ContextOrigin::HostFlag | ContextOrigin::HostVariable | ContextOrigin::Nobody, _) => {
            by_default(around)?
        }
        (
            ContextOrigin::ContextFlag(name)
            | ContextOrigin::ContextVariable(name)
            | ContextOrigin::CurrentContext(name),
            _,
        ) => by_name(name, around, &origin)?,
    };
    Ok(FoundEngine { endpoint, origin })
}

/// Lists all contexts, docker's `default` first.
pub fn list(around: &Surroundings) -> Vec<ContextEntry> {
    // What is wrong with the choice is said when an engine is looked for.
    let current = find(&Wish::default(), around).ok().map(|it| it.context().to_owned());
    let is_current = |name: &str| current.as_deref() == Some(name);
    let default = match by_default(around) {
        Err(ContextError::Address { bad, .. }) => Err(bad),
        found => Ok(found.unwrap_or_else(|_| Endpoint::local())),
    };
    let default = ContextEntry {
        name: DEFAULT_CONTEXT.to_owned(),
        description: "DOCKER_HOST, or docker's own choice".to_owned(),
        endpoint: default,
        current: is_current(DEFAULT_CONTEXT),
    };
    let stored = around.docker_folder().map(|it| it.contexts()).unwrap_or_default();
    let others = stored.into_iter().map(|it| ContextEntry {
        current: is_current(&it.name),
        endpoint: endpoint_of(&it),
        name: it.name,
        description: it.description,
    });
    [default].into_iter().chain(others).collect()
}

fn origin(wish: &Wish, around: &Surroundings) -> Result<ContextOrigin, ContextError> {
    if wish.host.is_some() {
        return Ok(ContextOrigin::HostFlag);
    }
    if let Some(name) = &wish.context {
        return Ok(ContextOrigin::ContextFlag(name.clone()));
    }
    if around.var("DOCKER_HOST").is_some() {
        return Ok(ContextOrigin::HostVariable);
    }
    if let Some(name) = around.var("DOCKER_CONTEXT") {
        return Ok(ContextOrigin::ContextVariable(name.to_owned()));
    }
    let current = around.docker_folder().map(|it| it.current()).transpose()?.flatten();
    Ok(current.map_or(ContextOrigin::Nobody, ContextOrigin::CurrentContext))
}

fn by_default(around: &Surroundings) -> Result<Endpoint, ContextError> {
    match around.var("DOCKER_HOST") {
        Some(host) => parse(host, around.tls(), &ContextOrigin::HostVariable),
        None => Ok(Endpoint::local()),
    }
}

fn by_name(
    name: &str,
    around: &Surroundings,
    origin: &ContextOrigin,
) -> Result<Endpoint, ContextError> {
    if name == DEFAULT_CONTEXT {
        return by_default(around);
    }
    let stored = around.docker_folder().map(|it| it.context(name)).transpose()?.flatten();
    let Some(stored) = stored else {
        let known = list_names(around);
        return Err(ContextError::Unknown {
            name: name.to_owned(),
            origin: origin.to_string(),
            known,
        });
    };
    endpoint_of(&stored)
        .map_err(|bad| ContextError::Address { bad, origin: format!("docker context `{name}`") })
}

fn list_names(around: &Surroundings) -> Vec<String> {
    let stored = around.docker_folder().map(|it| it.contexts()).unwrap_or_default();
    let names = stored.into_iter().map(|it| it.name);
    [DEFAULT_CONTEXT.to_owned()].into_iter().chain(names).collect()
}

fn endpoint_of(stored: &Stored) -> Result<Endpoint, BadAddress> {
    if stored.host.is_empty() {
        return Ok(Endpoint::local());
    }
    Endpoint::parse(&stored.host, stored.tls.clone())
}

fn parse(host: &str, tls: Option<Tls>, origin: &ContextOrigin) -> Result<Endpoint, ContextError> {
    Endpoint::parse(host, tls)
        .map_err(|bad| ContextError::Address { bad, origin: origin.to_string() })
}

#[cfg(test)]
mod tests;
