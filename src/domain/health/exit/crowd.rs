//! Address exhaustion: finds the network whose addresses are used up, which engines do not name.

use crate::domain::{
    health::exit::{Explained, explained},
    swarm::{
        cluster::{Mode, Node, Service},
        objects::NetworkObject,
        subnet::Subnet,
    },
};
use serde_json::Value;

/// A network, and how many addresses of it are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    pub id: String,
    pub name: String,
    /// Its first subnet of IPv4, as `10.0.3.0/29`.
    pub subnet: String,
    /// Addresses for tasks, services and nodes.
    pub room: u64,
    /// One for each task, one for each service and one for each node.
    pub wanted: u64,
}

/// The address of the network, that of its gateway, and that of everybody.
const TAKEN: u64 = 3;

impl Network {
    /// Reads a network (`GET /networks`); nothing where it has no subnet.
    pub fn read(raw: &Value, services: &[Service], nodes: &[Node]) -> Option<Self> {
        let raw = NetworkObject(raw);
        let (subnet, size) = raw.subnets().find_map(|text| {
            let subnet = Subnet::parse(text).filter(|it| it.is_v4())?;
            Some((text, subnet.size()))
        })?;
        let mut found = Self {
            id: raw.id().unwrap_or_default().to_owned(),
            name: raw.name().unwrap_or_default().to_owned(),
            subnet: subnet.to_owned(),
            room: size.saturating_sub(TAKEN),
            wanted: 0,
        };
        let its = services.iter().filter(|it| found.is_of(&it.networks));
        let (mut all, mut addresses) = (0, 0);
        for service in its {
            all += tasks(service);
            addresses += u64::from(service.virtual_ip);
        }
        // A node needs one where tasks run.
        found.wanted = all + addresses + all.min(nodes.len() as u64);
        Some(found)
    }

    /// Returns whether a service that uses these networks uses it.
    pub fn is_of(&self, networks: &[String]) -> bool {
        networks.iter().any(|it| *it == self.id || *it == self.name)
    }
}

fn tasks(service: &Service) -> u64 {
    match service.mode {
        Mode::Replicated { replicas } => replicas,
        _ => service.desired,
    }
}

/// Returns whether an engine says that addresses are used up; its words in lower case.
pub fn says_so(error: &str) -> bool {
    error.contains("ip addresses may be exhausted")
        || error.contains("no available ip")
        || (error.contains("failed to allocate") && error.contains("address"))
}

/// Explains by the network that lacks most; where nothing says that addresses are used up,
/// only by one that is smaller than what is asked of it.
pub fn fullest(networks: &[&Network], certain: bool) -> Option<Explained> {
    let lacks = |it: &&&Network| i128::from(it.wanted) - i128::from(it.room);
    let worst = networks.iter().max_by_key(lacks)?;
    let Network { name, subnet, room, wanted, .. } = worst;
    if !certain && wanted <= room {
        return None;
    }
    let says = format!(
        "network {name} has no address left: its subnet {subnet} has {room}, and tasks, services and nodes need {wanted}"
    );
    let what_now = format!(
        "run fewer tasks on {name}, or create it again with a larger subnet (`ipam` in the stack file; remove the network first); `endpoint_mode: dnsrr` saves one address per service"
    );
    Some(explained(&says, &what_now))
}
