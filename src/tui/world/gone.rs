//! Names of removed services, for titles of their open screens.

use crate::domain::swarm::{cluster::Service, names::ServiceId};
use std::collections::{BTreeMap, BTreeSet};

/// So many names are kept; who looks at more screens of services that are gone sees ids.
const MOST: usize = 500;

/// Names as titles show them, by ids.
#[derive(Debug, Default)]
pub struct Gone(BTreeMap<ServiceId, String>);

impl Gone {
    /// Returns the name of a service that is gone, or its id where it was never seen.
    pub fn name(&self, id: &ServiceId) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.short().to_owned())
    }

    /// Keeps the names of those that are not there any more.
    pub fn remember(&mut self, before: &[Service], now: &[Service]) {
        let there: BTreeSet<&ServiceId> = now.iter().map(|it| &it.id).collect();
        for service in before.iter().filter(|it| !there.contains(&it.id)) {
            if self.0.len() >= MOST {
                self.0.pop_first();
            }
            self.0.insert(service.id.clone(), service.in_stack());
        }
    }
}
