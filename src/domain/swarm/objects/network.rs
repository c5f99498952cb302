//! A network as `GET /networks` tells it, and as it is made.

use crate::domain::swarm::objects::{Labels, filled, items};
use serde_json::{Map, Value, json};

/// The label of the networks `host` and `bridge` as the swarm knows them
/// (swarmkit, seen on engines 20.10.24 and 28.5.2).
pub const PREDEFINED_LABEL: &str = "com.docker.swarm.predefined";

/// The numbers of its own tunnel, which the engine adds.
const OWN_OPTION: &str = "com.docker.network.driver.overlay.vxlanid_list";

/// A network that is there, or the body that makes one.
#[derive(Debug, Clone, Copy)]
pub struct NetworkObject<'a>(pub &'a Value);

impl<'a> NetworkObject<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.0["Id"].as_str()
    }

    pub fn name(self) -> Option<&'a str> {
        self.0["Name"].as_str()
    }

    pub fn labels(self) -> Labels<'a> {
        Labels(&self.0["Labels"])
    }

    /// Returns where it is known: `swarm`, `local`, `global`.
    pub fn scope(self) -> Option<&'a str> {
        self.0["Scope"].as_str()
    }

    pub fn is_of_swarm(self) -> bool {
        self.scope() == Some("swarm")
    }

    /// Returns whether it is the one that publishes ports on every node.
    pub fn is_ingress(self) -> bool {
        self.0["Ingress"] == true
    }

    /// Returns whether it stands for networks that each node has, as `bridge`.
    pub fn is_predefined(self) -> bool {
        self.labels().get(PREDEFINED_LABEL).is_some()
    }

    pub fn is_internal(self) -> bool {
        self.0["Internal"] == true
    }

    /// Returns whether containers that are no tasks may join it.
    pub fn is_attachable(self) -> bool {
        self.0["Attachable"] == true
    }

    pub fn driver(self) -> Option<&'a str> {
        filled(&self.0["Driver"])
    }

    /// Returns the driver of its addresses.
    pub fn address_driver(self) -> Option<&'a str> {
        filled(&self.0["IPAM"]["Driver"])
    }

    /// Returns how addresses are given, as the engine has it.
    pub fn addresses(self) -> &'a Value {
        &self.0["IPAM"]
    }

    /// Lists its subnets, as `10.0.3.0/24`.
    pub fn subnets(self) -> impl Iterator<Item = &'a str> {
        items(&self.0["IPAM"]["Config"]).filter_map(|it| it["Subnet"].as_str())
    }

    /// Returns of it what somebody asked for.
    pub fn settings(self) -> Value {
        let it = self.0;
        json!({
            "Driver": it["Driver"], "Internal": it["Internal"], "Attachable": it["Attachable"],
            "Labels": it["Labels"], "Options": self.options(),
        })
    }

    /// Returns the body that makes it once more, in the subnets that it has.
    pub fn creation(self) -> Value {
        let it = self.0;
        let subnets: Vec<Value> = self.subnets().map(|it| json!({ "Subnet": it })).collect();
        json!({
            "Name": it["Name"], "Driver": it["Driver"], "Labels": it["Labels"],
            "Internal": it["Internal"], "Attachable": it["Attachable"],
            "EnableIPv6": it["EnableIPv6"] == true, "Options": self.options(),
            "IPAM": { "Driver": it["IPAM"]["Driver"], "Config": subnets },
        })
    }

    fn options(self) -> Map<String, Value> {
        let all = self.0["Options"].as_object().into_iter().flatten();
        let asked = all.filter(|it| it.0 != OWN_OPTION);
        asked.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
