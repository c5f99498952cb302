//! Fields of a service.

use crate::domain::swarm::objects::fields::{
    field::{Moment, Raw, fields},
    template::TemplateFields,
    update::UpdateFields,
};

fields! {
    /// A service, as `GET /services/{id}` tells it.
    ServiceFields {
        id: Raw = "ID",
        version: Raw = "Version"."Index",
        created: Moment = "CreatedAt",
        updated: Moment = "UpdatedAt",
        spec: ServiceSpecFields = "Spec",
        previous_spec: Raw = "PreviousSpec",
        /// Its ports with those that the engine chose.
        ports: Raw = "Endpoint"."Ports",
        /// A list of `VirtualAddressFields`.
        virtual_ips: Raw = "Endpoint"."VirtualIPs",
        update_state: Raw = "UpdateStatus"."State",
        update_message: Raw = "UpdateStatus"."Message",
        update_started: Moment = "UpdateStatus"."StartedAt",
        update_completed: Moment = "UpdateStatus"."CompletedAt",
        last_execution: Moment = "JobStatus"."LastExecution",
    }
    beside "ServiceStatus"
}

fields! {
    /// What a service should be.
    ServiceSpecFields {
        name: Raw = "Name",
        labels: Raw = "Labels",
        template: TemplateFields = "TaskTemplate",
        mode: Raw = "Mode",
        update: UpdateFields = "UpdateConfig",
        rollback: UpdateFields = "RollbackConfig",
        /// Where clients of API 1.28 and older attach networks.
        networks: Raw = "Networks",
        endpoint_mode: Raw = "EndpointSpec"."Mode",
        ports: Raw = "EndpointSpec"."Ports",
    }
}

fields! {
    /// How a service is attached to a network.
    AttachmentFields {
        /// The network, by id or by name.
        target: Raw = "Target",
        aliases: Raw = "Aliases",
        driver_options: Raw = "DriverOpts",
    }
}

fields! {
    /// An address that a service has in a network.
    VirtualAddressFields {
        network: Raw = "NetworkID",
        /// As `10.0.9.2/24`.
        address: Raw = "Addr",
    }
}
