//! Jobs that outlive the cockpit: they keep running when its screen is closed.

use crate::jobs::{JobHandle, JobId, JobReport, News};
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedReceiver;

/// Jobs that are not over; those without a handle were asked to stop.
pub struct Rest {
    jobs: HashMap<JobId, Option<JobHandle>>,
    heard: UnboundedReceiver<JobReport>,
}

impl Rest {
    pub fn new(
        jobs: HashMap<JobId, Option<JobHandle>>,
        heard: UnboundedReceiver<JobReport>,
    ) -> Self {
        Self { jobs, heard }
    }

    /// Asks all of them to stop, each where that is safe.
    pub fn stop(&mut self) {
        self.jobs.values_mut().for_each(|it| *it = None);
    }

    /// Returns what they say next; nothing once all are over.
    pub async fn next(&mut self) -> Option<News> {
        if self.jobs.is_empty() {
            return None;
        }
        let JobReport { job, news } = self.heard.recv().await?;
        if matches!(news, News::Finished(_)) {
            self.jobs.remove(&job);
        }
        Some(news)
    }

    pub fn is_over(&self) -> bool {
        self.jobs.is_empty()
    }
}
