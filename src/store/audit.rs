//! The record of who changed what.

use crate::{
    domain::audit::AuditLine,
    store::{
        Store, StoreError,
        record::Record,
        series::{self, Series},
    },
};

const AUDIT: Series = Series::new("audit");

impl Record for AuditLine {
    const VERSION: u32 = 1;
}

impl Store {
    /// Adds a line; none is ever changed or dropped.
    pub fn record(&self, line: &AuditLine) -> Result<(), StoreError> {
        self.write(|transaction| series::append(transaction, AUDIT, line, u64::MAX))
    }

    /// Reads up to `count` lines, the newest first.
    pub fn audit(&self, count: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.read(|transaction| series::newest(transaction, AUDIT, count))
    }
}
