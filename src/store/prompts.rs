//! The history of the command line.

use crate::store::{
    Store, StoreError,
    record::Record,
    series::{self, Series},
};

pub(in crate::store) const PROMPTS: Series = Series::new("prompts");
const KEPT: u64 = 500;

impl Record for String {
    const VERSION: u32 = 1;
}

impl Store {
    /// Keeps a line as the newest, once, and forgets the oldest beyond 500.
    pub fn keep_prompt(&self, line: &str) -> Result<(), StoreError> {
        let line = line.to_owned();
        self.write(|transaction| {
            series::remove(transaction, PROMPTS, &line)?;
            series::append(transaction, PROMPTS, &line, KEPT)
        })
    }

    /// Reads all lines, the newest first.
    pub fn prompts(&self) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| series::newest(transaction, PROMPTS, usize::MAX))
    }
}
