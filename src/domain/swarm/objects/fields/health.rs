//! Fields of a `Healthcheck`.

use crate::domain::swarm::objects::fields::field::{Nanos, Raw, fields};

fields! {
    /// What looks after a container; lengths of 0 are the engine's defaults.
    HealthFields {
        /// `NONE`, `CMD` or `CMD-SHELL`, and the words after it.
        test: Raw = "Test",
        interval: Nanos = "Interval",
        timeout: Nanos = "Timeout",
        retries: Raw = "Retries",
        start_period: Nanos = "StartPeriod",
        start_interval: Nanos = "StartInterval",
    }
}
