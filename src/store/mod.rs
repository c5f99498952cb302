//! What skep remembers between two starts: one file, opened for each operation.
//!
//! Several cockpits and scripts share the file, and the database lets one
//! process in at a time. So nobody keeps it open: every call queues for its turn (ten
//! seconds at most, thirty if it writes), opens it, does one transaction and
//! closes it. That takes 1 ms, on slow disks 40. All calls block; async callers
//! go through `tokio::task::spawn_blocking`.
//!
//! Each value is a versioned record, the file has a schema version of its own,
//! and a file of a newer skep is left alone.

mod error;
mod turn;
mod file;
mod record;
mod schema;
mod series;
mod audit;
mod drivers;
mod jobs;
mod prompts;
mod releases;
mod together;
mod lifetime;
mod settings;
mod drafts;
mod secrets;
mod vault;
mod projects;
mod past;
mod afresh;

pub use drafts::is_at_work;
pub use drivers::Seat;
pub use error::StoreError;
pub use file::panics_are_errors;
pub use past::{Became, Resealed};
pub use projects::{Shelf, Texts};
pub use releases::{Opening, Replaced};
pub use together::{Parts, Remembered};
pub use vault::Keeping;

use crate::{
    domain::{change::Confidential, vault::Key},
    store::file::StateFile,
};
use redb::{ReadTransaction, WriteTransaction};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// The name of the state file in its directory.
const FILE: &str = "state.redb";

/// The state file. A handle is a path: cheap to clone, and nothing is open.
#[derive(Debug, Clone)]
pub struct Store {
    file: Arc<StateFile>,
    /// What the key of secret values is wrapped with.
    passphrase: Option<Arc<Confidential<String>>>,
    /// That key, once it was needed; whatever becomes of its wrapping, it never changes.
    key: Arc<OnceLock<Key>>,
}

impl Store {
    /// Points at the state file in `dir`; both appear with the first write.
    pub fn in_dir(dir: &Path) -> Self {
        Self {
            file: Arc::new(StateFile::new(dir.join(FILE))),
            passphrase: None,
            key: Arc::default(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    /// Counts how often the file was opened through this handle and its clones.
    #[cfg(test)]
    pub(crate) fn opened(&self) -> usize {
        self.file.opened.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn read<T: Default>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, error::Fault>,
    ) -> Result<T, StoreError> {
        self.file.read(work)
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, error::Fault>,
    ) -> Result<T, StoreError> {
        self.file.write(work)
    }
}
