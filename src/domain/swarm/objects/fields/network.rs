//! Fields of a network.

use crate::domain::swarm::objects::fields::field::{Moment, Raw, fields};

fields! {
    /// A network, as `GET /networks/{id}` tells it.
    NetworkFields {
        id: Raw = "Id",
        name: Raw = "Name",
        created: Moment = "Created",
        scope: Raw = "Scope",
        driver: Raw = "Driver",
        enable_ipv6: Raw = "EnableIPv6",
        address_driver: Raw = "IPAM"."Driver",
        address_options: Raw = "IPAM"."Options",
        /// A list of `PoolFields`.
        pools: Raw = "IPAM"."Config",
        internal: Raw = "Internal",
        attachable: Raw = "Attachable",
        ingress: Raw = "Ingress",
        /// The network that holds its configuration.
        config_from: Raw = "ConfigFrom"."Network",
        config_only: Raw = "ConfigOnly",
        /// `EndpointFields` by the ids of containers, of the engine that answers.
        containers: Raw = "Containers",
        options: Raw = "Options",
        labels: Raw = "Labels",
        /// A list of `PeerFields`.
        peers: Raw = "Peers",
    }
    beside "EnableIPv4", "Status"
}

fields! {
    /// Addresses that a network gives.
    PoolFields {
        subnet: Raw = "Subnet",
        gateway: Raw = "Gateway",
        range: Raw = "IPRange",
    }
}

fields! {
    /// A node that a network is on.
    PeerFields {
        name: Raw = "Name",
        ip: Raw = "IP",
    }
}

fields! {
    /// A container on a network.
    EndpointFields {
        name: Raw = "Name",
        ipv4: Raw = "IPv4Address",
        ipv6: Raw = "IPv6Address",
    }
}
