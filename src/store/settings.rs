//! Remembered choices: the last context, a view, a sort order.

use crate::store::{
    Store, StoreError,
    record::{Record, Table, decode, encode, opened},
};
use redb::TableHandle;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(in crate::store) const SETTINGS: Table<&str> = Table::new("settings");

impl Record for Value {
    const VERSION: u32 = 1;
}

impl Store {
    /// Keeps `value` under a name; `None` forgets it.
    pub fn set<T: Serialize>(&self, name: &str, value: Option<&T>) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(SETTINGS)?;
            match value.and_then(|it| serde_json::to_value(it).ok()) {
                Some(value) => table.insert(name, encode(&value)?.as_slice())?,
                None => table.remove(name)?,
            };
            Ok(())
        })
    }

    /// Reads what is kept under a name; nothing too where it is of another type
    /// than `T`, because a setting is never worth an error.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.read(|transaction| {
            let Some(table) = opened(transaction, SETTINGS)? else { return Ok(None) };
            let Some(bytes) = table.get(name)? else { return Ok(None) };
            let value: Value = decode(bytes.value(), SETTINGS.name())?;
            Ok(serde_json::from_value(value).ok())
        })
    }
}
