//! Local owners: a file for each process that changes a stack.
//!
//! It is locked for as long as its driver lives, and the kernel lets go of the lock
//! whatever the driver dies of. So a lock that is free says for certain that nobody
//! drives any more, which no number of a process and no clock can say. Whoever ends in
//! order removes the file.

use crate::{
    domain::text::path::ShownPath,
    domain::{deployment::driver::Driver, swarm::names::StackName},
    files,
    store::{Backing, Store, StoreError, error::Fault, memory::Memory, turn::Turn},
};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The directory beside the state file.
const FOLDER: &str = "drivers";
/// Locked by whoever adds or removes files, so that nobody sees one that is not
/// locked yet.
const TURN: &str = ".turn";
/// How long one waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The seat of a driver, until it is dropped.
#[derive(Debug)]
pub struct Seat(Seated);

#[derive(Debug)]
enum Seated {
    File {
        path: PathBuf,
        /// Closing it would let go of the lock.
        _locked: File,
    },
    Memory {
        memory: Arc<Memory>,
        token: String,
    },
}

impl Store {
    /// Says that this process drives.
    pub fn take_seat(&self, driver: &Driver) -> Result<Seat, StoreError> {
        if let Some(memory) = self.memory() {
            memory.seat(driver);
            let (memory, token) = (Arc::clone(memory), driver.token.clone());
            return Ok(Seat(Seated::Memory { memory, token }));
        }
        let path = self.drivers().join(&driver.token);
        self.told(|| {
            let _turn = self.turn()?;
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.lock()?;
            file.write_all(&serde_json::to_vec(driver)?)?;
            Ok(Seat(Seated::File { path: path.clone(), _locked: file }))
        })
    }

    /// Returns whether a process drives on this machine with that token. Where its file
    /// cannot be looked at, it does.
    pub fn is_driven(&self, token: &str) -> bool {
        is_plain(token) && self.lives(token) == Some(true)
    }

    /// Returns whether a process of this machine drove with that token and is dead.
    pub fn is_dead(&self, token: &str) -> bool {
        is_plain(token) && self.lives(token) == Some(false)
    }

    /// Returns whether the driver with that token lives; nothing where nobody ever drove
    /// with it.
    fn lives(&self, token: &str) -> Option<bool> {
        match &*self.backing {
            Backing::File(_) => is_locked(&self.drivers().join(token)),
            Backing::Memory(memory) => memory.lives(token),
            Backing::Nowhere => None,
        }
    }

    /// Returns the drivers of this machine that died at the wheel.
    pub fn dead_drivers(&self) -> Result<Vec<Driver>, StoreError> {
        if let Some(memory) = self.memory() {
            return Ok(memory.dead());
        }
        if self.file().is_none() || !self.drivers().exists() {
            return Ok(Vec::new());
        }
        self.told(|| {
            let _turn = self.turn()?;
            Ok(self.dead()?.into_iter().filter_map(|it| it.1).collect())
        })
    }

    /// Removes what dead drivers of a stack left here.
    pub fn bury(&self, cluster: &str, stack: &StackName) -> Result<(), StoreError> {
        let here = |it: &Driver| it.cluster == cluster && it.stack == *stack;
        if let Some(memory) = self.memory() {
            memory.dead().iter().filter(|it| here(it)).for_each(|it| memory.leave(&it.token));
            return Ok(());
        }
        self.told(|| {
            let _turn = self.turn()?;
            for (path, driver) in self.dead()? {
                if driver.is_none_or(|it| here(&it)) {
                    fs::remove_file(path)?;
                }
            }
            Ok(())
        })
    }

    /// Finds files nobody holds; one that says nothing was left by somebody who died
    /// in the moment of making it.
    fn dead(&self) -> io::Result<Vec<(PathBuf, Option<Driver>)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.drivers())? {
            let path = entry?.path();
            let named = path.file_name().and_then(|it| it.to_str()).is_some_and(is_plain);
            if named && is_locked(&path) == Some(false) {
                let driver = files::read(&path, files::SETTINGS)
                    .ok()
                    .and_then(|it| serde_json::from_slice(&it).ok());
                found.push((path, driver));
            }
        }
        Ok(found)
    }

    /// Waits until nobody else adds or removes files. That takes no time at all, but where
    /// a process is stopped in the middle of it, or a network disk hangs.
    fn turn(&self) -> io::Result<Turn> {
        DirBuilder::new().recursive(true).mode(0o700).create(self.drivers())?;
        let path = self.drivers().join(TURN);
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        Turn::at(file, PATIENCE).ok_or_else(|| {
            let (path, limit) = (path.shown(), PATIENCE.as_secs());
            let why = format!(
                "another process has used {path} for more than {limit}s; `fuser {path}` finds it"
            );
            io::Error::new(io::ErrorKind::TimedOut, why)
        })
    }

    fn drivers(&self) -> PathBuf {
        self.path().parent().unwrap_or(Path::new(".")).join(FOLDER)
    }

    fn told<T>(&self, work: impl FnOnce() -> io::Result<T>) -> Result<T, StoreError> {
        self.placed()?;
        work().map_err(|err| Fault::Io(err).at(&self.drivers(), 0))
    }
}

impl Seat {
    /// Leaves it in order.
    pub fn leave(self) {
        match &self.0 {
            Seated::Memory { memory, token } => memory.leave(token),
            Seated::File { path, .. } => {
                if let Err(err) = fs::remove_file(path) {
                    // Whoever comes next on this stack finds that nobody holds it.
                    tracing::warn!(path = %path.shown(), %err, "a driver's file stays");
                }
            }
        }
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        // Of files the kernel sees to that.
        if let Self::Memory { memory, token } = self {
            memory.die(token);
        }
    }
}

/// Returns whether somebody holds a file; nothing where it is not there.
fn is_locked(path: &Path) -> Option<bool> {
    let file = match files::open_regular(path) {
        Err(err) if err.kind() == ErrorKind::NotFound => return None,
        Err(_) => return Some(true),
        Ok(file) => file,
    };
    // Shared, so that two who look at once do not take each other for the driver.
    Some(match file.try_lock_shared() {
        Ok(()) => false,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    })
}

/// Tokens come from leases too, and those are anybody's.
fn is_plain(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|it| it.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(token: &str, stack: &str) -> Driver {
        let (token, cluster) = (token.to_owned(), "c1".to_owned());
        Driver { token, cluster, stack: stack.parse().unwrap(), purpose: "deploy".to_owned() }
    }

    #[test]
    fn a_driver_is_alive_for_as_long_as_it_has_its_seat_and_dead_when_it_lost_it() {
        let dir = tempfile::tempdir().unwrap();
        check_life(&Store::in_dir(dir.path()));
        check_life(&Store::in_memory());
    }

    #[test]
    fn nobody_drives_where_there_is_no_place_for_a_state() {
        let store = Store::nowhere();
        assert!(matches!(store.take_seat(&driver("a1", "shop")), Err(StoreError::Nowhere)));
        assert!(!store.is_driven("a1") && !store.is_dead("a1"));
        assert_eq!(store.dead_drivers().unwrap(), []);
    }

    fn check_life(store: &Store) {
        let shop = driver("a1", "shop");
        let known = |store: &Store| (store.is_driven("a1"), store.is_dead("a1"));
        assert_eq!(known(store), (false, false));
        assert_eq!(store.dead_drivers().unwrap(), []);
        let seat = store.take_seat(&shop).unwrap();
        assert_eq!(known(store), (true, false));
        assert_eq!(store.dead_drivers().unwrap(), []);
        // What a killed process leaves.
        drop(seat);
        assert_eq!(known(store), (false, true));
        assert_eq!(store.dead_drivers().unwrap(), [shop]);
        store.take_seat(&driver("a2", "shop")).unwrap().leave();
        assert!(!store.is_dead("a2"));
    }

    #[test]
    fn only_the_dead_of_one_stack_are_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        check_burial(&Store::in_dir(dir.path()));
        check_burial(&Store::in_memory());
    }

    fn check_burial(store: &Store) {
        let alive = store.take_seat(&driver("a1", "shop")).unwrap();
        for (token, stack) in [("a2", "shop"), ("a3", "blog")] {
            drop(store.take_seat(&driver(token, stack)).unwrap());
        }
        store.bury("c1", &"shop".parse().unwrap()).unwrap();
        assert_eq!(store.dead_drivers().unwrap(), [driver("a3", "blog")]);
        assert!(store.is_driven("a1"));
        drop(alive);
    }

    #[test]
    fn a_token_that_is_a_path_leads_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        fs::write(dir.path().join("other"), "").unwrap();
        drop(store.take_seat(&driver("a1", "shop")).unwrap());
        assert!(!store.is_dead("../other"));
    }
}
