//! In-memory state, for the demo.

use crate::{
    domain::deployment::driver::Driver,
    store::{
        StoreError,
        error::Fault,
        file::guarded,
        schema::{self, Schema},
    },
};
use redb::{
    Database, ReadTransaction, ReadableDatabase, WriteTransaction, backends::InMemoryBackend,
};
use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What errors call it, where they name a file.
const NAME: &str = "in memory";

/// A database without a file, and what else lies beside a state file.
#[derive(Debug)]
pub(in crate::store) struct Memory {
    /// Nothing where it could not be made; then it is said at the first use.
    database: Result<Database, String>,
    schema: &'static Schema,
    /// How often it was written.
    written: AtomicU64,
    /// How often it can be written still.
    room: AtomicU64,
    drivers: Mutex<BTreeMap<String, Seated>>,
}

/// Somebody at work.
#[derive(Debug)]
struct Seated {
    driver: Driver,
    lives: bool,
}

impl Memory {
    pub(in crate::store) fn new() -> Self {
        let database = Database::builder().create_with_backend(InMemoryBackend::new());
        Self {
            database: database.map_err(|err| err.to_string()),
            schema: schema::CURRENT,
            written: AtomicU64::default(),
            room: AtomicU64::new(u64::MAX),
            drivers: Mutex::default(),
        }
    }

    /// Reads; answers with nothing where nothing was ever written.
    pub(in crate::store) fn read<T: Default>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.guarded(|database| {
            if self.version() == 0 {
                return Ok(T::default());
            }
            work(&database.begin_read()?)
        })
    }

    /// Writes; all of it, or nothing if `work` fails.
    pub(in crate::store) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.guarded(|database| {
            let take = |it: u64| it.checked_sub(1);
            if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
                return Err(Fault::Io(ErrorKind::StorageFull.into()));
            }
            let transaction = database.begin_write()?;
            self.schema.reach(&transaction)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            self.written.fetch_add(1, Ordering::Relaxed);
            Ok(answer)
        })
    }

    /// From now on it can be written so often, and is full then.
    pub(in crate::store) fn fill_after(&self, writes: u64) {
        self.room.store(writes, Ordering::Relaxed);
    }

    /// Returns how often it was written.
    pub(in crate::store) fn version(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    fn guarded<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        guarded(Path::new(NAME), self.schema.version, || match &self.database {
            Ok(database) => work(database),
            Err(why) => Err(Fault::Damaged(why.clone())),
        })
    }

    pub(in crate::store) fn seat(&self, driver: &Driver) {
        let seated = Seated { driver: driver.clone(), lives: true };
        self.drivers().insert(driver.token.clone(), seated);
    }

    /// Somebody is gone without a word.
    pub(in crate::store) fn die(&self, token: &str) {
        if let Some(it) = self.drivers().get_mut(token) {
            it.lives = false;
        }
    }

    pub(in crate::store) fn leave(&self, token: &str) {
        self.drivers().remove(token);
    }

    /// Returns whether somebody lives who drives with that token; nothing where nobody
    /// ever did.
    pub(in crate::store) fn lives(&self, token: &str) -> Option<bool> {
        self.drivers().get(token).map(|it| it.lives)
    }

    pub(in crate::store) fn dead(&self) -> Vec<Driver> {
        let drivers = self.drivers();
        drivers.values().filter(|it| !it.lives).map(|it| it.driver.clone()).collect()
    }

    fn drivers(&self) -> MutexGuard<'_, BTreeMap<String, Seated>> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
