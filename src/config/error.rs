//! Errors of settings: the place, the value, and what would be right.

use crate::domain::text::path::ShownPath;
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {what}")]
pub struct ConfigError {
    pub origin: SettingOrigin,
    pub what: String,
    pub hint: Option<String>,
}

/// Who said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingOrigin {
    /// Nobody: it is the default.
    Default,
    File {
        path: PathBuf,
        /// Counts from 1; 0 for the file as a whole.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// The command line.
    Flag,
}

impl ConfigError {
    pub(in crate::config) fn unreadable(path: &Path, err: &io::Error) -> Self {
        Self {
            origin: SettingOrigin::File { path: path.to_owned(), line: 0 },
            what: format!("cannot be read: {err}"),
            hint: None,
        }
    }
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: 0 } => write!(f, "{}", path.shown()),
            Self::File { path, line } => write!(f, "{}:{line}", path.shown()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag => f.write_str("command line"),
        }
    }
}
