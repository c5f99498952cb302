//! The state file on disk: creation, and locking between processes.

use crate::{
    domain::text::path::ShownPath,
    files,
    store::{
        StoreError,
        error::Fault,
        schema::{self, Schema},
        turn::Turn,
    },
};
use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, WriteTransaction};
use std::{
    cell::Cell,
    fs::{self, DirBuilder, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant},
};

#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};

/// How long a reader waits for other processes.
const PATIENCE_TO_READ: Duration = Duration::from_secs(10);
/// How long a writer waits. What is not written is lost; a disk under load was seen to
/// keep one write busy for two seconds, and a hundred deployments may queue.
pub(in crate::store) const PATIENCE_TO_WRITE: Duration = Duration::from_secs(30);
/// How long to wait between two tries for a file that a process without turns has open:
/// a skep of before 2026-11, or another program.
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(in crate::store) struct StateFile {
    path: PathBuf,
    schema: &'static Schema,
    /// How often it was opened.
    #[cfg(test)]
    pub(in crate::store) opened: AtomicUsize,
}

impl StateFile {
    pub(in crate::store) fn new(path: PathBuf) -> Self {
        Self::of(path, schema::CURRENT)
    }

    pub(in crate::store) fn of(path: PathBuf, schema: &'static Schema) -> Self {
        Self {
            path,
            schema,
            #[cfg(test)]
            opened: AtomicUsize::default(),
        }
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads; answers with nothing where there is no file yet.
    ///
    /// Reading writes nothing, so it works on a read-only disk, unless a killed
    /// process left repairs to do or an older skep left its schema.
    pub(in crate::store) fn read<T: Default>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.guarded(|| self.try_read(work))
    }

    /// Writes; all of it, or nothing if `work` fails.
    pub(in crate::store) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.guarded(|| self.try_write(work))
    }

    fn try_read<T: Default>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if !self.exists()? {
            return Ok(T::default());
        }
        let turn = self.turn(PATIENCE_TO_READ)?;
        let database = match self.open_to_read(PATIENCE_TO_READ) {
            Err(Fault::Unclean | Fault::Older) => {
                drop(turn);
                self.try_write(|_| Ok(()))?;
                self.open_to_read(PATIENCE_TO_READ)?
            }
            other => other?,
        };
        work(&database.begin_read()?)
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if !self.exists()? {
            self.create()?;
        }
        let _turn = self.turn(PATIENCE_TO_WRITE)?;
        // Opening for a write touches the file, so a newer one is found out before.
        match self.open_to_read(PATIENCE_TO_WRITE) {
            Ok(_) | Err(Fault::Unclean | Fault::Older) => {}
            Err(other) => return Err(other),
        }
        let database = in_turn(PATIENCE_TO_WRITE, || Ok(Database::open(&self.path)?))?;
        let transaction = database.begin_write()?;
        self.schema.reach(&transaction)?;
        let answer = work(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    }

    pub(in crate::store) fn turn(&self, patience: Duration) -> Result<Turn, Fault> {
        #[cfg(test)]
        self.opened.fetch_add(1, Ordering::Relaxed);
        Turn::wait(self.dir(), patience).ok_or(Fault::Busy(patience))
    }

    fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Opens without touching the file, if its schema is the one to read.
    fn open_to_read(&self, patience: Duration) -> Result<ReadOnlyDatabase, Fault> {
        let database = in_turn(patience, || Ok(ReadOnlyDatabase::open(&self.path)?))?;
        self.schema.check(&database.begin_read()?)?;
        Ok(database)
    }

    fn exists(&self) -> io::Result<bool> {
        self.keep_others_out()?;
        match fs::metadata(&self.path) {
            // Opening a pipe would wait for ever.
            Ok(found) if found.is_dir() || found.is_file() => {
                self.keep_private(&found)?;
                Ok(true)
            }
            Ok(_) => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(false),
            Err(err) => Err(err),
        }
    }

    /// Where anybody may write, anybody may put a state and a key in place of ours.
    fn keep_others_out(&self) -> io::Result<()> {
        let dir = self.dir();
        refuse_replaceable(dir)?;
        let Ok(found) = fs::metadata(dir) else { return Ok(()) };
        if !found.is_dir() {
            let why = format!("{} is not a folder", dir.shown());
            return Err(io::Error::new(ErrorKind::NotADirectory, why));
        }
        refuse_of_another(dir, &found)?;
        let mode = found.permissions().mode();
        if mode & 0o002 != 0 {
            let (dir, mode) = (dir.shown(), mode & 0o7777);
            let why = format!(
                "anybody may write to {dir} (mode {mode:o}): look whether others put files there, then `chmod 700 {dir}`"
            );
            return Err(io::Error::new(ErrorKind::PermissionDenied, why));
        }
        if mode & 0o020 != 0 {
            // Not ours to change: then it is somebody else's to care for.
            let _ = fs::set_permissions(dir, Permissions::from_mode(mode & !0o022));
        }
        Ok(())
    }

    /// Takes the file away from everybody else's eyes, whoever made it.
    fn keep_private(&self, found: &Metadata) -> io::Result<()> {
        refuse_of_another(&self.path, found)?;
        let mode = found.permissions().mode();
        let private = mode & !0o077;
        if mode == private || found.is_dir() {
            return Ok(());
        }
        let kept = fs::set_permissions(&self.path, Permissions::from_mode(private));
        // What others can only read is read on a disk that takes no change, too.
        if mode & 0o022 == 0 { Ok(()) } else { kept }
    }

    /// Makes an empty file, aside and then linked into place: a process killed
    /// here leaves no half-made file, and of two that start at once the first
    /// wins and neither loses a write.
    fn create(&self) -> Result<(), Fault> {
        let dir = self.dir();
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let draft = dir.join(format!(".new-{}-{:?}", process::id(), thread::current().id()));
        let file = private(&draft)?;
        let made = Database::builder().create_file(file).map(drop).map_err(Fault::from);
        let linked = made.and_then(|()| match fs::hard_link(&draft, &self.path) {
            Err(err) if err.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => Ok(other?),
        });
        fs::remove_file(&draft)?;
        linked
    }

    pub(in crate::store) fn guarded<T>(
        &self,
        work: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        guarded(&self.path, self.schema.version, work)
    }
}

/// Works with a database, which panics over some kinds of damage (redb 4.4 checks no
/// sums while reading); its errors are those of the state at `path`.
pub(in crate::store) fn guarded<T>(
    path: &Path,
    version: u32,
    work: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, StoreError> {
    GUARDED.set(true);
    let ended = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    let ended = ended
        .unwrap_or_else(|_| Err(Fault::Damaged("the database cannot make sense of it".to_owned())));
    ended.map_err(|fault| fault.at(path, version))
}

/// Opens a file for a state in the making, empty and for its owner.
pub(in crate::store) fn private(path: &Path) -> io::Result<fs::File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Refuses a folder that anybody may put another one in the place of: one above it, however
/// far, takes names from everybody and lets everybody move what others have there. It need
/// not be there yet.
fn refuse_replaceable(dir: &Path) -> io::Result<()> {
    // Links lead elsewhere: what is above the folder itself counts.
    let there = dir.ancestors().find_map(|it| fs::canonicalize(it).ok().map(|real| (it, real)));
    let Some((named, real)) = there else { return Ok(()) };
    let inside = if named == dir { real.parent() } else { Some(real.as_path()) };
    let open =
        |it: &&Path| fs::metadata(it).is_ok_and(|it| it.permissions().mode() & 0o1002 == 0o002);
    let Some(above) = inside.and_then(|it| it.ancestors().find(open)) else { return Ok(()) };
    let (dir, above) = (dir.shown(), above.shown());
    let why = format!(
        "anybody may put another folder in the place of {dir}: look whether somebody did, then `chmod o-w {above}`"
    );
    Err(io::Error::new(ErrorKind::PermissionDenied, why))
}

/// What another user has made is that user's to read and to change.
fn refuse_of_another(path: &Path, found: &Metadata) -> io::Result<()> {
    if !files::is_of_another(found) {
        return Ok(());
    }
    let path = path.shown();
    let why = format!(
        "{path} belongs to another user: look what is in it, then `sudo chown -R $USER {path}`"
    );
    Err(io::Error::new(ErrorKind::PermissionDenied, why))
}

/// Tries until other processes have closed the file.
pub(in crate::store) fn in_turn<T>(
    patience: Duration,
    open: impl Fn() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let deadline = Instant::now() + patience;
    loop {
        match open() {
            Err(Fault::Busy(_)) if Instant::now() < deadline => thread::sleep(PAUSE),
            Err(Fault::Busy(_)) => return Err(Fault::Busy(patience)),
            other => return other,
        }
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether a panic of this thread, right now, becomes an error of the
/// store: then a panic hook has nothing to tell the operator.
pub fn panics_are_errors() -> bool {
    GUARDED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_database_is_an_error_and_the_file_stays_usable() {
        let dir = tempfile::tempdir().unwrap();
        let file = StateFile::new(dir.path().join("state.redb"));
        let ended = file.write::<()>(|_| {
            assert!(panics_are_errors());
            panic!("as over a damaged page");
        });
        assert!(matches!(ended, Err(StoreError::Corrupt { .. })));
        assert!(!panics_are_errors());
        file.write(|_| Ok(())).unwrap();
    }
}
