//! Compaction: rewrites the state file without old bytes.
//!
//! A database keeps what was changed or removed in pages that it will use again some
//! day. Where that must not be, everything that counts goes into a new file.

use crate::{
    files,
    store::{
        StoreError,
        audit::AUDIT,
        drafts::{DISCARDED, DRAFTS},
        error::Fault,
        file::{PATIENCE_TO_WRITE, StateFile, in_turn, private},
        jobs::JOBS,
        projects::{ENVIRONMENTS, FILES, PROJECTS, STACKS},
        prompts::PROMPTS,
        release_tables::{JOURNAL, RELEASES, SNAPSHOTS},
        schema,
        secrets::{FINGERPRINTS, KEYS},
        settings::SETTINGS,
        vault::{CHECK, WRAPPED},
    },
};
use redb::{
    Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
    TableHandle, Value, WriteTransaction,
};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, ErrorKind},
    path::Path,
    process,
};

impl StateFile {
    /// Puts a new file with the same records in the place of this one. Nobody else is at
    /// it meanwhile, and whoever waits opens the new one.
    pub(in crate::store) fn write_afresh(&self) -> Result<(), StoreError> {
        self.guarded(|| {
            let _turn = self.turn(PATIENCE_TO_WRITE)?;
            let path = fs::canonicalize(self.path())?;
            let old = in_turn(PATIENCE_TO_WRITE, || Ok(Database::open(&path)?))?;
            let draft = path.with_file_name(format!(".afresh-{}", process::id()));
            let written = copy(&old, &draft).and_then(|()| Ok(fs::rename(&draft, &path)?));
            if written.is_err() {
                // What is not there cannot be removed either.
                let _ = fs::remove_file(&draft);
            }
            if let Some(folder) = path.parent() {
                files::keep_name(folder)?;
            }
            written
        })
    }
}

fn copy(old: &Database, draft: &Path) -> Result<(), Fault> {
    let new = Database::builder().create_file(private(draft)?)?;
    let (from, to) = (old.begin_read()?, new.begin_write()?);
    let mut left: BTreeSet<String> = from.list_tables()?.map(|it| it.name().to_owned()).collect();
    let mut tables = Tables { from: &from, to: &to, left: &mut left };
    tables.copy(schema::TABLE)?;
    for table in [PROJECTS, ENVIRONMENTS, STACKS, SETTINGS, DRAFTS, DISCARDED] {
        tables.copy(table)?;
    }
    for table in [WRAPPED, CHECK, KEYS] {
        tables.copy(table)?;
    }
    for table in [AUDIT, JOBS, PROMPTS] {
        tables.copy(table)?;
    }
    tables.copy(FINGERPRINTS)?;
    tables.copy(FILES)?;
    tables.copy(RELEASES)?;
    tables.copy(SNAPSHOTS)?;
    tables.copy(JOURNAL)?;
    if let Some(unknown) = left.first() {
        let why = format!("it has a table `{unknown}` of another skep, and old bytes stay in it");
        return Err(Fault::Io(io::Error::new(ErrorKind::Unsupported, why)));
    }
    Ok(to.commit()?)
}

struct Tables<'a> {
    from: &'a ReadTransaction,
    to: &'a WriteTransaction,
    /// The names of those that are not copied yet.
    left: &'a mut BTreeSet<String>,
}

impl Tables<'_> {
    fn copy<K: Key + 'static, V: Value + 'static>(
        &mut self,
        of: TableDefinition<'_, K, V>,
    ) -> Result<(), Fault> {
        let old = match self.from.open_table(of) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            other => other?,
        };
        let mut new = self.to.open_table(of)?;
        for entry in old.iter()? {
            let (key, value) = entry?;
            new.insert(key.value(), value.value())?;
        }
        self.left.remove(of.name());
        Ok(())
    }
}
