//! Paths of settings, themes and state.

use directories::BaseDirs;
use std::{collections::BTreeMap, env, ffi::OsString, path::PathBuf};

/// The file of the machine's owner.
const SYSTEM_FILE: &str = "/etc/skep/config.toml";
const FOLDER: &str = "skep";

/// The outside that the settings depend on, as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    pub system: Option<PathBuf>,
    pub user: UserFile,
    pub env: BTreeMap<String, String>,
}

/// The file of the person at the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UserFile {
    /// There is no place for one: a user without a home.
    #[default]
    Nowhere,
    /// The usual one, which need not exist.
    Usual(PathBuf),
    /// One that `--config` or `SKEP_CONFIG` names, and so has to exist.
    Named(PathBuf),
}

impl Places {
    /// Reads those of this process; `named` is what `--config` says.
    pub fn of_process(named: Option<PathBuf>) -> Self {
        let text = |it: OsString| it.into_string().ok();
        let env: BTreeMap<String, String> = env::vars_os()
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .filter(|(name, value)| name.starts_with("SKEP_") && !value.is_empty())
            .collect();
        let named = named.or_else(|| env.get("SKEP_CONFIG").map(PathBuf::from));
        let usual = || BaseDirs::new().map(|it| it.config_dir().join(FOLDER).join("config.toml"));
        let user = match named {
            Some(file) => UserFile::Named(file),
            None => usual().map_or(UserFile::Nowhere, UserFile::Usual),
        };
        Self { system: Some(PathBuf::from(SYSTEM_FILE)), user, env }
    }

    /// Returns the folder of the operator's own templates, beside the settings.
    pub fn templates(&self) -> Option<PathBuf> {
        Some(self.user.path()?.parent()?.join("templates"))
    }
}

impl UserFile {
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Nowhere => None,
            Self::Usual(path) | Self::Named(path) => Some(path),
        }
    }
}

/// Returns the usual directory of the state.
pub(in crate::config) fn state_dir() -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    Some(base.state_dir().unwrap_or(base.data_local_dir()).join(FOLDER))
}
