//! Persistent state: one file, opened for each operation.
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
mod memory;
mod record;
mod schema;
mod series;
mod audit;
mod drivers;
mod jobs;
mod prompts;
mod release_tables;
mod releases;
mod together;
mod lifetime;
mod settings;
mod drafts;
mod secrets;
mod vault;
mod projects;
mod past;
mod known_values;
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
    domain::{project::vault::SealingKey, swarm::change::Confidential},
    files,
    store::{error::Fault, file::StateFile, memory::Memory},
};
use redb::{ReadTransaction, WriteTransaction};
#[cfg(test)]
use std::sync::atomic::Ordering;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

/// The name of the state file in its directory.
const FILE: &str = "state.redb";

/// The state. A handle is cheap to clone, and no file is open.
#[derive(Debug, Clone)]
pub struct Store {
    backing: Arc<Backing>,
    /// What the key of secret values is wrapped with.
    passphrase: Option<Arc<Confidential<String>>>,
    /// That key, once it was needed; whatever becomes of its wrapping, it never changes.
    key: Arc<OnceLock<SealingKey>>,
}

/// Where a state is.
#[derive(Debug)]
enum Backing {
    File(StateFile),
    /// It ends with the process.
    Memory(Arc<Memory>),
    /// There is no place for one: nothing is there to read, and writing fails.
    Nowhere,
}

/// A version of the state: another one says that it was written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateVersion {
    /// When its file was written.
    Modified(Option<SystemTime>),
    /// How often it was written.
    Count(u64),
}

impl Store {
    /// Points at the state file in `dir`; both appear with the first write.
    pub fn in_dir(dir: &Path) -> Self {
        Self::of(Backing::File(StateFile::new(dir.join(FILE))))
    }

    /// Makes an empty state that ends with its last handle.
    pub fn in_memory() -> Self {
        Self::of(Backing::Memory(Arc::new(Memory::new())))
    }

    /// Has a state in memory take so many writes from now on, as a disk that fills up; others
    /// fill by themselves.
    pub fn fill_after(&self, writes: u64) {
        if let Some(memory) = self.memory() {
            memory.fill_after(writes);
        }
    }

    /// Stands for the state of somebody who has no place for one.
    pub fn nowhere() -> Self {
        Self::of(Backing::Nowhere)
    }

    fn of(backing: Backing) -> Self {
        Self { backing: Arc::new(backing), passphrase: None, key: Arc::default() }
    }

    /// Fails where there is no place for a state.
    pub fn placed(&self) -> Result<&Self, StoreError> {
        match *self.backing {
            Backing::Nowhere => Err(StoreError::Nowhere),
            Backing::File(_) | Backing::Memory(_) => Ok(self),
        }
    }

    /// Returns the path of the state file; an empty one where there is none.
    pub fn path(&self) -> PathBuf {
        self.file().map(|it| it.path().to_owned()).unwrap_or_default()
    }

    /// Returns the version of the state as it is now.
    pub fn version(&self) -> StateVersion {
        match &*self.backing {
            Backing::Memory(memory) => StateVersion::Count(memory.version()),
            Backing::File(file) => StateVersion::Modified(files::modified(file.path())),
            Backing::Nowhere => StateVersion::Count(0),
        }
    }

    fn file(&self) -> Option<&StateFile> {
        match &*self.backing {
            Backing::File(file) => Some(file),
            Backing::Memory(_) | Backing::Nowhere => None,
        }
    }

    fn memory(&self) -> Option<&Arc<Memory>> {
        match &*self.backing {
            Backing::Memory(memory) => Some(memory),
            Backing::File(_) | Backing::Nowhere => None,
        }
    }

    /// Counts how often the file was opened through this handle and its clones.
    #[cfg(test)]
    pub(crate) fn opened(&self) -> usize {
        self.file().map_or(0, |it| it.opened.load(Ordering::Relaxed))
    }

    fn read<T: Default>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        match &*self.backing {
            Backing::File(file) => file.read(work),
            Backing::Memory(memory) => memory.read(work),
            Backing::Nowhere => Ok(T::default()),
        }
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        match &*self.backing {
            Backing::File(file) => file.write(work),
            Backing::Memory(memory) => memory.write(work),
            Backing::Nowhere => Err(StoreError::Nowhere),
        }
    }
}
