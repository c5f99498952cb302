//! Fields of a node.

use crate::domain::swarm::objects::fields::{
    field::{Moment, Raw, fields},
    template::AmountFields,
};

fields! {
    /// A node, as `GET /nodes/{id}` tells it.
    NodeFields {
        id: Raw = "ID",
        version: Raw = "Version"."Index",
        created: Moment = "CreatedAt",
        updated: Moment = "UpdatedAt",
        spec: NodeSpecFields = "Spec",
        description: DescriptionFields = "Description",
        state: Raw = "Status"."State",
        message: Raw = "Status"."Message",
        address: Raw = "Status"."Addr",
        leader: Raw = "ManagerStatus"."Leader",
        reachability: Raw = "ManagerStatus"."Reachability",
        manager_address: Raw = "ManagerStatus"."Addr",
    }
}

fields! {
    /// What people may change of a node.
    NodeSpecFields {
        name: Raw = "Name",
        labels: Raw = "Labels",
        role: Raw = "Role",
        availability: Raw = "Availability",
    }
}

fields! {
    /// What a node tells of itself.
    DescriptionFields {
        hostname: Raw = "Hostname",
        os: Raw = "Platform"."OS",
        architecture: Raw = "Platform"."Architecture",
        resources: AmountFields = "Resources",
        engine_version: Raw = "Engine"."EngineVersion",
        engine_labels: Raw = "Engine"."Labels",
        /// A list of `PluginFields`.
        plugins: Raw = "Engine"."Plugins",
    }
    beside "TLSInfo"
}

fields! {
    /// A driver that the engine of a node has.
    PluginFields {
        kind: Raw = "Type",
        name: Raw = "Name",
    }
}
