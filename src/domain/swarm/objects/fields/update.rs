//! Fields of an `UpdateConfig`.

use crate::domain::swarm::objects::fields::field::{Nanos, Raw, fields};

fields! {
    /// How tasks are replaced: an `UpdateConfig` or a `RollbackConfig`.
    UpdateFields {
        /// How many tasks are replaced at once; 0 is all.
        parallelism: Raw = "Parallelism",
        order: Raw = "Order",
        delay: Nanos = "Delay",
        failure_action: Raw = "FailureAction",
        monitor: Nanos = "Monitor",
        /// A share of 1.
        max_failure_ratio: Raw = "MaxFailureRatio",
    }
}
