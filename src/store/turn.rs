//! The lock of the state file: processes queue in the kernel instead of polling.

use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::mpsc::channel,
    thread,
    time::Duration,
};

/// A turn; it ends when it is dropped, or with its process.
#[derive(Debug)]
pub(in crate::store) struct Turn {
    _locked: Option<File>,
}

impl Turn {
    /// Waits for a turn in a directory; nothing where that takes longer than this.
    ///
    /// The directory itself is locked (`flock`), so that there is no file to make and
    /// none to leave behind. Where it cannot be locked, as on some network disks,
    /// everybody goes at once: the database lets one in at a time anyway.
    pub(in crate::store) fn wait(dir: &Path, patience: Duration) -> Option<Self> {
        let Ok(file) = File::open(dir) else { return Some(Self { _locked: None }) };
        Self::at(file, patience)
    }

    /// Waits for the lock of a file; nothing where that takes longer than this.
    pub(in crate::store) fn at(file: File, patience: Duration) -> Option<Self> {
        match file.try_lock() {
            Ok(()) => Some(Self { _locked: Some(file) }),
            Err(TryLockError::WouldBlock) => queue(file, patience),
            Err(TryLockError::Error(_)) => Some(Self { _locked: None }),
        }
    }
}

/// Only a thread can wait for a lock and still be given up: its turn passes by unused.
fn queue(file: File, patience: Duration) -> Option<Turn> {
    let (sender, turn) = channel();
    thread::spawn(move || {
        let locked = file.lock().is_ok().then_some(file);
        // Nobody waits any more: the lock ends here.
        let _ = sender.send(Turn { _locked: locked });
    });
    turn.recv_timeout(patience).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_with_its_owner_and_patience_ends_before() {
        let dir = tempfile::tempdir().unwrap();
        let first = Turn::wait(dir.path(), Duration::ZERO).unwrap();
        assert!(Turn::wait(dir.path(), Duration::from_millis(1)).is_none());
        drop(first);
        let long = Duration::from_secs(60);
        let second = Turn::wait(dir.path(), long).unwrap();
        let waiting = thread::spawn({
            let dir = dir.path().to_owned();
            move || Turn::wait(&dir, long).is_some()
        });
        drop(second);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn where_nothing_can_be_locked_nobody_waits() {
        assert!(Turn::wait(Path::new("/nowhere/skep"), Duration::ZERO).is_some());
    }
}
