//! The page of a network.

use crate::domain::describe::{
    lens::Lens,
    page::{ObjectPage, Section},
    read,
};
use serde_json::Value;

/// Describes a network (`GET /networks/{id}`).
pub fn network(raw: &Value, lens: &Lens<'_>) -> ObjectPage {
    ObjectPage::new([
        summary(raw, lens),
        addresses(&raw["IPAM"]),
        Section::new("Options").members(&raw["Options"], lens),
        Section::new("Labels").members(&raw["Labels"], lens),
        peers(&raw["Peers"]),
        containers(&raw["Containers"]),
        Section::new("Not known to skep").others(raw, KNOWN, lens),
    ])
}

const KNOWN: &[&str] = &[
    "Name",
    "Id",
    "Created",
    "Scope",
    "Driver",
    "EnableIPv4",
    "EnableIPv6",
    "IPAM",
    "Internal",
    "Attachable",
    "Ingress",
    "ConfigFrom",
    "ConfigOnly",
    "Containers",
    "Options",
    "Labels",
    "Peers",
    "Status",
];

fn summary(raw: &Value, lens: &Lens<'_>) -> Section {
    Section::new("Network")
        .row("name", read::text(&raw["Name"]))
        .row("stack", read::text(&raw["Labels"]["com.docker.stack.namespace"]))
        .row("driver", read::text(&raw["Driver"]))
        .row("scope", read::text(&raw["Scope"]))
        .row("internal", read::yes(&raw["Internal"]))
        .row("attachable", read::yes(&raw["Attachable"]))
        .row("ingress", read::yes(&raw["Ingress"]))
        .row("IPv6", read::yes(&raw["EnableIPv6"]))
        .row("configuration only", read::yes(&raw["ConfigOnly"]))
        .row("configured by", read::text(&raw["ConfigFrom"]["Network"]))
        .row("created", read::moment(&raw["Created"], lens))
        .muted("id", read::text(&raw["Id"]))
}

fn addresses(ipam: &Value) -> Section {
    let mut section = Section::new("Addresses")
        .row("driver", read::text(&ipam["Driver"]).filter(|it| it != "default"))
        .row("options", read::text(&ipam["Options"]));
    for pool in ipam["Config"].as_array().into_iter().flatten() {
        section = section
            .row("subnet", read::text(&pool["Subnet"]))
            .row("gateway", read::text(&pool["Gateway"]))
            .row("range", read::text(&pool["IPRange"]));
    }
    section
}

fn peers(peers: &Value) -> Section {
    let list = peers.as_array().into_iter().flatten();
    list.fold(Section::new("Nodes on it"), |section, it| {
        section.row(&read::text(&it["Name"]).unwrap_or_default(), read::text(&it["IP"]))
    })
}

fn containers(containers: &Value) -> Section {
    let list = containers.as_object().into_iter().flat_map(|it| it.values());
    list.fold(Section::new("Containers of this node on it"), |section, it| {
        let address = read::text(&it["IPv4Address"]).or_else(|| read::text(&it["IPv6Address"]));
        section.row(&read::text(&it["Name"]).unwrap_or_default(), address)
    })
}
