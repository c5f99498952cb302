//! The table of finished jobs.

use crate::{
    domain::deployment::job::FinishedJob,
    store::{
        Store, StoreError,
        record::Record,
        series::{self, Series},
    },
};

pub(in crate::store) const JOBS: Series = Series::new("jobs");
const KEPT: u64 = 500;

impl Record for FinishedJob {
    const VERSION: u32 = 1;
}

impl Store {
    /// Keeps a job, and forgets the oldest beyond 500.
    pub fn keep_job(&self, job: &FinishedJob) -> Result<(), StoreError> {
        self.write(|transaction| series::append(transaction, JOBS, job, KEPT))
    }

    /// Reads up to `count` jobs, the newest first.
    pub fn jobs(&self, count: usize) -> Result<Vec<FinishedJob>, StoreError> {
        self.read(|transaction| series::newest(transaction, JOBS, count))
    }
}
