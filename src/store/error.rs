//! Errors of the state file, with hints.

use crate::domain::text::path::ShownPath;
use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};
use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

/// Why the state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state file {path} has been in use by another process for {}s", .waited.as_secs())]
    Locked { path: PathBuf, waited: Duration },
    #[error("the state file {path} is damaged: {why}")]
    Corrupt { path: PathBuf, why: String },
    #[error("the state file {path} cannot be written: {why}")]
    ReadOnly { path: PathBuf, why: String },
    #[error("no room for the state file {path}: {why}")]
    Full { path: PathBuf, why: String },
    #[error(
        "the state file {path} was written by a newer skep: it has schema {found}, this one knows {ours}"
    )]
    Newer { path: PathBuf, found: u32, ours: u32 },
    #[error("secret values cannot be read: {why}")]
    Sealed { path: PathBuf, why: String },
    /// The key at hand is not the one.
    #[error("{why}")]
    OtherKey { path: PathBuf, why: String },
    #[error("the state file {path} cannot be used: {why}")]
    Io { path: PathBuf, why: String },
    #[error("the folder for skep's state is not known")]
    Nowhere,
}

impl StoreError {
    /// Returns whether it may be another time without anybody repairing the file itself.
    pub fn may_pass(&self) -> bool {
        !matches!(
            self,
            Self::Corrupt { .. } | Self::Newer { .. } | Self::Sealed { .. } | Self::OtherKey { .. }
        )
    }

    /// Returns what the operator can do now.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked { path, .. } => {
                format!("see which process uses it with `fuser -v {}`, then try again", path.shown())
            }
            Self::Corrupt { path, .. } => format!(
                "`mv {0} {0}.damaged` moves it aside, and skep starts with an empty history; or put a copy from a backup in its place; the cluster is not affected",
                path.shown()
            ),
            Self::ReadOnly { path, .. } => format!(
                "check who owns it with `ls -la {}`, or name another directory in SKEP_STATE_DIR",
                path.parent().unwrap_or(path).shown()
            ),
            Self::Full { path, .. } => format!(
                "make room on the disk (`df -h {}`), or name another directory in SKEP_STATE_DIR",
                path.parent().unwrap_or(path).shown()
            ),
            Self::Newer { .. } => {
                "upgrade skep, or name another directory in SKEP_STATE_DIR".to_owned()
            }
            Self::Sealed { .. } => {
                "give the passphrase in SKEP_PASSPHRASE, or put the key file back; nothing was touched".to_owned()
            }
            Self::OtherKey { path, .. } => format!(
                "put the right key back as {}; or make a new one with `skep vault new-key`, and set the secret values again",
                path.shown()
            ),
            Self::Nowhere => "set HOME, or name a directory in SKEP_STATE_DIR".to_owned(),
            Self::Io { .. } => {
                "check the disk, or name another directory in SKEP_STATE_DIR".to_owned()
            }
        }
    }
}

/// What went wrong, before anybody says with which file.
#[derive(Debug)]
pub(in crate::store) enum Fault {
    /// Another process is at it, and was for that long.
    Busy(Duration),
    /// It was not closed properly, and only a writer may repair it.
    Unclean,
    /// It has a schema this skep does not have.
    Newer(u32),
    /// It has an older schema, and only a writer may bring it up.
    Older,
    Damaged(String),
    /// The vault stays closed, and why.
    Sealed(String),
    /// It was sealed with another key than the one at hand.
    OtherKey(String),
    Io(io::Error),
}

impl Fault {
    pub(in crate::store) fn at(self, path: &Path, ours: u32) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Busy(waited) => StoreError::Locked { path, waited },
            Self::Newer(found) => StoreError::Newer { path, found, ours },
            Self::Damaged(why) => StoreError::Corrupt { path, why },
            Self::Unclean => StoreError::Corrupt { path, why: "it was not closed".to_owned() },
            Self::Older => StoreError::Io { path, why: "its schema is out of date".to_owned() },
            Self::Sealed(why) => StoreError::Sealed { path, why },
            Self::OtherKey(why) => StoreError::OtherKey { path, why },
            Self::Io(err) => {
                let why = err.to_string();
                match err.kind() {
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                        StoreError::ReadOnly { path, why }
                    }
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                        StoreError::Full { path, why }
                    }
                    // What redb says of bytes that are no database.
                    ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                        StoreError::Corrupt { path, why }
                    }
                    _ => StoreError::Io { path, why },
                }
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(err: io::Error) -> Self {
        Self::Io(err)
    }
}

impl From<StorageError> for Fault {
    fn from(err: StorageError) -> Self {
        match err {
            StorageError::Io(err) => Self::Io(err),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<DatabaseError> for Fault {
    fn from(err: DatabaseError) -> Self {
        match err {
            DatabaseError::DatabaseAlreadyOpen => Self::Busy(Duration::ZERO),
            DatabaseError::RepairAborted => Self::Unclean,
            DatabaseError::Storage(err) => err.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TransactionError> for Fault {
    fn from(err: TransactionError) -> Self {
        match err {
            TransactionError::Storage(err) => err.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<TableError> for Fault {
    fn from(err: TableError) -> Self {
        match err {
            TableError::Storage(err) => err.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<CommitError> for Fault {
    fn from(err: CommitError) -> Self {
        match err {
            CommitError::Storage(err) => err.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}
