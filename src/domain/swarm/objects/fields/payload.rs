//! Fields of secrets and configs.

use crate::domain::swarm::objects::fields::field::{Moment, Raw, fields};

fields! {
    /// A secret or a config, as `GET /secrets/{id}` and `GET /configs/{id}` tell it.
    PayloadFields {
        id: Raw = "ID",
        version: Raw = "Version"."Index",
        created: Moment = "CreatedAt",
        updated: Moment = "UpdatedAt",
        spec: PayloadSpecFields = "Spec",
    }
}

fields! {
    /// What one should be.
    PayloadSpecFields {
        name: Raw = "Name",
        labels: Raw = "Labels",
        /// What it holds, in base64; engines tell it of configs only.
        data: Raw = "Data",
        driver: Raw = "Driver"."Name",
        driver_options: Raw = "Driver"."Options",
        templating: Raw = "Templating"."Name",
    }
}
