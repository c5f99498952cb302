//! The schema version of the state file, and the steps from each to the next.

use crate::store::error::Fault;
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

/// The schema this skep reads and writes.
pub(in crate::store) const CURRENT: &Schema = &Schema { version: 1, steps: &[] };

pub(in crate::store) const TABLE: TableDefinition<'_, &str, u32> = TableDefinition::new("schema");
const KEY: &str = "version";

/// A version, and the way to it.
#[derive(Debug)]
pub(in crate::store) struct Schema {
    pub version: u32,
    /// Each step leads from the version beside it to the next one. They run in
    /// the transaction of the write that needed them: all of them, or none.
    pub steps: &'static [(u32, Migration)],
}

pub(in crate::store) type Migration = fn(&WriteTransaction) -> Result<(), Fault>;

impl Schema {
    /// Checks that a file can be read as it is.
    pub(in crate::store) fn check(&self, transaction: &ReadTransaction) -> Result<(), Fault> {
        let table = match transaction.open_table(TABLE) {
            // A file that nothing was ever written to.
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            other => other?,
        };
        let found = table.get(KEY)?.map_or(self.version, |it| it.value());
        if found > self.version {
            return Err(Fault::Newer(found));
        }
        if found < self.version { Err(Fault::Older) } else { Ok(()) }
    }

    /// Brings a file up to this version.
    pub(in crate::store) fn reach(&self, transaction: &WriteTransaction) -> Result<(), Fault> {
        let mut table = transaction.open_table(TABLE)?;
        let found = table.get(KEY)?.map(|it| it.value());
        match found {
            Some(found) if found > self.version => return Err(Fault::Newer(found)),
            Some(found) if found == self.version => return Ok(()),
            Some(found) => {
                for (_, step) in self.steps.iter().filter(|it| it.0 >= found) {
                    step(transaction)?;
                }
            }
            None => {}
        }
        table.insert(KEY, self.version)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{StoreError, file::StateFile};
    use redb::ReadableTableMetadata;
    use std::path::Path;

    const NOTES: TableDefinition<'_, u64, &str> = TableDefinition::new("notes");

    static FIRST: Schema = Schema { version: 1, steps: &[] };
    static THIRD: Schema = Schema { version: 3, steps: &[(1, shout), (2, add_one)] };
    static BROKEN: Schema = Schema { version: 3, steps: &[(1, shout), (2, fail)] };

    fn shout(transaction: &WriteTransaction) -> Result<(), Fault> {
        let mut notes = transaction.open_table(NOTES)?;
        let loud = notes.get(1)?.map(|it| it.value().to_uppercase());
        notes.insert(1, loud.unwrap_or_default().as_str())?;
        Ok(())
    }

    fn add_one(transaction: &WriteTransaction) -> Result<(), Fault> {
        transaction.open_table(NOTES)?.insert(2, "new")?;
        Ok(())
    }

    fn fail(_: &WriteTransaction) -> Result<(), Fault> {
        Err(Fault::Damaged("step 2".to_owned()))
    }

    fn file_of_the_first_schema(dir: &Path) -> StateFile {
        let file = StateFile::of(dir.join("state.redb"), &FIRST);
        let write = |transaction: &WriteTransaction| {
            transaction.open_table(NOTES)?.insert(1, "hello")?;
            Ok(())
        };
        file.write(write).unwrap();
        file
    }

    fn notes(file: &StateFile) -> Result<Vec<String>, StoreError> {
        file.read(|transaction| {
            let notes = transaction.open_table(NOTES)?;
            assert!(notes.len()? > 0);
            notes.iter()?.map(|it| Ok(it?.1.value().to_owned())).collect()
        })
    }

    #[test]
    fn an_old_file_takes_every_step_once_even_if_it_is_only_read() {
        let dir = tempfile::tempdir().unwrap();
        file_of_the_first_schema(dir.path());
        let file = StateFile::of(dir.path().join("state.redb"), &THIRD);
        for _ in 0..2 {
            assert_eq!(notes(&file).unwrap(), ["HELLO", "new"]);
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let old = file_of_the_first_schema(dir.path());
        let broken = StateFile::of(dir.path().join("state.redb"), &BROKEN);
        assert!(notes(&broken).unwrap_err().to_string().ends_with("step 2"));
        assert_eq!(notes(&old).unwrap(), ["hello"]);
    }

    #[test]
    fn every_step_of_the_current_schema_is_there() {
        let starts: Vec<u32> = CURRENT.steps.iter().map(|it| it.0).collect();
        assert_eq!(starts, (1..CURRENT.version).collect::<Vec<_>>());
    }
}
