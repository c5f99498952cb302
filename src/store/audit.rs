//! The audit table.

use crate::{
    domain::deployment::audit::AuditLine,
    store::{
        Store, StoreError,
        record::Record,
        series::{self, Series},
    },
};

pub(in crate::store) const AUDIT: Series = Series::new("audit");

impl Record for AuditLine {
    const VERSION: u32 = 1;
}

impl Store {
    /// Adds a line; none is ever dropped, and only one that was begun is changed.
    pub fn record(&self, line: &AuditLine) -> Result<(), StoreError> {
        self.write(|transaction| series::append(transaction, AUDIT, line, u64::MAX))
    }

    /// Adds the line of a change that begins; it stays as it is where nobody lives to
    /// complete it. Returns its number.
    pub fn begin_record(&self, line: &AuditLine) -> Result<u64, StoreError> {
        self.write(|transaction| series::begin(transaction, AUDIT, line))
    }

    /// Completes a line that was begun.
    pub fn complete_record(&self, number: u64, line: &AuditLine) -> Result<(), StoreError> {
        self.write(|transaction| series::complete(transaction, AUDIT, number, line))
    }

    /// Reads up to `count` lines, the newest first.
    pub fn audit(&self, count: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.read(|transaction| series::newest(transaction, AUDIT, count))
    }
}
