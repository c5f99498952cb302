//! Fields of a task.

use crate::domain::swarm::objects::fields::{
    field::{Moment, Raw, fields},
    template::TemplateFields,
};

fields! {
    /// A task, as `GET /tasks/{id}` tells it.
    TaskFields {
        id: Raw = "ID",
        version: Raw = "Version"."Index",
        created: Moment = "CreatedAt",
        updated: Moment = "UpdatedAt",
        spec: TemplateFields = "Spec",
        service: Raw = "ServiceID",
        slot: Raw = "Slot",
        node: Raw = "NodeID",
        desired: Raw = "DesiredState",
        state: Raw = "Status"."State",
        /// When the state was reported.
        timestamp: Moment = "Status"."Timestamp",
        message: Raw = "Status"."Message",
        error: Raw = "Status"."Err",
        container: Raw = "Status"."ContainerStatus"."ContainerID",
        exit_code: Raw = "Status"."ContainerStatus"."ExitCode",
        pid: Raw = "Status"."ContainerStatus"."PID",
        ports: Raw = "Status"."PortStatus"."Ports",
        /// A list of `TaskAttachmentFields`.
        networks: Raw = "NetworksAttachments",
        /// Which run of its job it belongs to.
        job_iteration: Raw = "JobIteration"."Index",
    }
    beside "Name", "Labels"
}

fields! {
    /// A network that a task is on.
    TaskAttachmentFields {
        network: Raw = "Network"."ID",
        name: Raw = "Network"."Spec"."Name",
        addresses: Raw = "Addresses",
    }
}
