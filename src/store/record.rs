//! Record encoding: JSON in an envelope with its version.

use crate::store::error::Fault;
use redb::{Key, ReadOnlyTable, ReadTransaction, TableDefinition, TableError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A table of records.
pub(in crate::store) type Table<K> = TableDefinition<'static, K, &'static [u8]>;

/// A value that can be kept.
pub(in crate::store) trait Record: Serialize + DeserializeOwned {
    /// Counts up when old records can no longer be read; a step in
    /// [`crate::store::schema`] then rewrites them. A new optional field is no
    /// such change.
    const VERSION: u32;
}

#[derive(Serialize)]
struct Sealed<'a, R> {
    v: u32,
    r: &'a R,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    v: u32,
    #[serde(borrow)]
    r: &'a RawValue,
}

pub(in crate::store) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, Fault> {
    let sealed = Sealed { v: R::VERSION, r: record };
    serde_json::to_vec(&sealed).map_err(|err| Fault::Damaged(format!("unfit record: {err}")))
}

/// Reads a record back out of `table`.
pub(in crate::store) fn decode<R: Record>(bytes: &[u8], table: &str) -> Result<R, Fault> {
    let damaged = |why: String| Fault::Damaged(format!("a record of its {table}: {why}"));
    let envelope: Envelope<'_> =
        serde_json::from_slice(bytes).map_err(|err| damaged(err.to_string()))?;
    if envelope.v != R::VERSION {
        return Err(damaged(format!("version {}, expected {}", envelope.v, R::VERSION)));
    }
    serde_json::from_str(envelope.r.get()).map_err(|err| damaged(err.to_string()))
}

/// Opens a table to read; nothing where none was written yet.
pub(in crate::store) fn opened<K: Key + 'static>(
    transaction: &ReadTransaction,
    table: Table<K>,
) -> Result<Option<ReadOnlyTable<K, &'static [u8]>>, Fault> {
    match transaction.open_table(table) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(err) => Err(err.into()),
    }
}
