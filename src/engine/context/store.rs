//! The docker context store in docker's configuration folder.

use crate::{
    engine::context::{
        endpoint::{Identity, Tls},
        error::ContextError,
    },
    files,
};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The folder docker keeps its configuration in, usually `~/.docker`.
#[derive(Debug, Clone)]
pub struct DockerFolder(PathBuf);

/// A context as `docker context create` left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub description: String,
    /// The address as written; empty for docker's own choice.
    pub host: String,
    pub tls: Option<Tls>,
}

impl DockerFolder {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the context that `docker context use` chose.
    pub fn current(&self) -> Result<Option<String>, ContextError> {
        let config: Option<Config> = read_json(&self.0.join("config.json"))?;
        Ok(config.and_then(|it| it.current_context).filter(|it| !it.is_empty()))
    }

    /// Reads one context; `None` where there is none of this name.
    pub fn context(&self, name: &str) -> Result<Option<Stored>, ContextError> {
        let folder = folder_name(name);
        let path = self.0.join("contexts/meta").join(&folder).join("meta.json");
        let Some(meta) = read_json::<Meta>(&path)? else { return Ok(None) };
        self.stored(meta, &folder).map(Some)
    }

    /// Reads all contexts, by name. One that cannot be read is left out.
    pub fn contexts(&self) -> Vec<Stored> {
        let Ok(folders) = fs::read_dir(self.0.join("contexts/meta")) else { return Vec::new() };
        let mut found: Vec<Stored> = folders
            .filter_map(Result::ok)
            .filter_map(|it| {
                let meta = read_json::<Meta>(&it.path().join("meta.json"));
                let folder = it.file_name().to_string_lossy().into_owned();
                match meta.and_then(|meta| meta.map(|it| self.stored(it, &folder)).transpose()) {
                    Ok(stored) => stored,
                    Err(err) => {
                        tracing::warn!("{err}");
                        None
                    }
                }
            })
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn stored(&self, meta: Meta, folder: &str) -> Result<Stored, ContextError> {
        let Some(docker) = meta.endpoints.docker else {
            return Err(ContextError::NoEngine { name: meta.name });
        };
        let pem = self.0.join("contexts/tls").join(folder).join("docker");
        let files = Pem::in_folder(&pem);
        let any = files.ca.is_some() || files.identity.is_some();
        let tls = (any || docker.skip_tls_verify).then_some(Tls {
            ca: files.ca,
            identity: files.identity,
            verify: !docker.skip_tls_verify,
        });
        Ok(Stored {
            name: meta.name,
            description: meta.metadata.description,
            host: docker.host,
            tls,
        })
    }
}

/// The PEM files docker gives fixed names to.
#[derive(Debug, Clone, Default)]
pub struct Pem {
    pub ca: Option<PathBuf>,
    pub identity: Option<Identity>,
}

impl Pem {
    /// Looks which of the files there are.
    pub fn in_folder(folder: &Path) -> Self {
        let file = |name: &str| Some(folder.join(name)).filter(|it| it.exists());
        let identity = match (file("cert.pem"), file("key.pem")) {
            (None, None) => None,
            // One without the other is a mistake that the dialer will name.
            _ => Some(Identity { cert: folder.join("cert.pem"), key: folder.join("key.pem") }),
        };
        Self { ca: file("ca.pem"), identity }
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    description: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct DockerEndpoint {
    host: String,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// Docker names the folder of a context after the SHA-256 of its name.
fn folder_name(name: &str) -> String {
    format!("{:x}", Sha256::digest(name))
}

/// `None` where there is no such file.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ContextError> {
    let unreadable = |why: String| ContextError::Unreadable { path: path.to_path_buf(), why };
    match files::read(path, files::SETTINGS) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|err| unreadable(err.to_string()))
        }
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(unreadable(err.to_string())),
    }
}
