//! The page of a network.

use crate::domain::{
    describe::{
        lens::Lens,
        page::{ObjectPage, Section},
        read,
    },
    swarm::{
        names::STACK_LABEL,
        objects::fields::{EndpointFields, NetworkFields, PeerFields, PoolFields, each},
    },
};
use serde_json::Value;

/// Describes a network (`GET /networks/{id}`).
pub fn network(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    let network = NetworkFields::from(raw);
    ObjectPage::new([
        summary(&network, lens),
        addresses(&network),
        Section::new("Options").members(network.options, lens),
        Section::new("Labels").members(network.labels, lens),
        peers(network.peers),
        containers(network.containers),
        Section::new("Not known to skep").others(network.others(), lens),
    ])
}

fn summary(network: &NetworkFields<'_>, lens: &Lens<'_>) -> Section {
    Section::new("Network")
        .row("name", read::text(network.name))
        .row("stack", read::text(&network.labels[STACK_LABEL]))
        .row("driver", read::text(network.driver))
        .row("scope", read::text(network.scope))
        .row("internal", read::yes(network.internal))
        .row("attachable", read::yes(network.attachable))
        .row("ingress", read::yes(network.ingress))
        .row("IPv6", read::yes(network.enable_ipv6))
        .row("configuration only", read::yes(network.config_only))
        .row("configured by", read::text(network.config_from))
        .row("created", read::moment(network.created, lens))
        .muted("id", read::text(network.id))
}

fn addresses(network: &NetworkFields<'_>) -> Section {
    let mut section = Section::new("Addresses")
        .row("driver", read::text(network.address_driver).filter(|it| it != "default"))
        .row("options", read::text(network.address_options));
    for pool in each::<PoolFields<'_>>(network.pools) {
        section = section
            .row("subnet", read::text(pool.subnet))
            .row("gateway", read::text(pool.gateway))
            .row("range", read::text(pool.range));
    }
    section
}

fn peers(peers: &Value) -> Section {
    each(peers).fold(Section::new("Nodes on it"), |section, it: PeerFields<'_>| {
        section.row(&read::text(it.name).unwrap_or_default(), read::text(it.ip))
    })
}

fn containers(containers: &Value) -> Section {
    let list = containers.as_object().into_iter().flat_map(|it| it.values());
    list.map(EndpointFields::from).fold(
        Section::new("Containers of this node on it"),
        |section, it| {
            let address = read::text(it.ipv4).or_else(|| read::text(it.ipv6));
            section.row(&read::text(it.name).unwrap_or_default(), address)
        },
    )
}
