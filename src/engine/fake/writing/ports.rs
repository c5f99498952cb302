//! Published ports and the addresses of services.

use crate::{
    domain::swarm::{
        names::ServiceId,
        objects::{NetworkObject, PortConfig, ServiceSpec, fields::VirtualAddressFields},
    },
    engine::fake::{swarm::Swarm, writing::refusal::Refusal},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, mem};

impl Swarm {
    /// Gives a service that was just written its ports and addresses. Where it
    /// has any, that is a write of its own: the version read before is stale.
    pub fn allocate(&mut self, id: &ServiceId) {
        let taken = self.taken_ports(Some(id));
        let Some(service) = self.services.get_mut(id) else { return };
        let mut free = (30_000..).filter(|it| !taken.contains_key(&(*it, "tcp".to_owned())));
        let old = mem::take(&mut service.ports);
        for wanted in ServiceSpec(&service.spec).ports() {
            let mut port = wanted.0.clone();
            if wanted.published().is_none() && !wanted.is_host() {
                let kept = old.iter().map(PortConfig).find(|it| it.target() == wanted.target());
                let kept = kept.and_then(PortConfig::published);
                port["PublishedPort"] = json!(kept.or_else(|| free.next()));
            }
            service.ports.push(port);
        }
        let ports_changed = service.ports != old;
        if self.address(id) || ports_changed {
            let (version, now) = (self.bump(), self.now);
            let Some(service) = self.services.get_mut(id) else { return };
            service.version = version;
            service.updated = now;
            let name = service.name().to_owned();
            self.tell("service", "update", id.as_str(), &name, BTreeMap::new());
        }
    }

    /// Gives a service an address in each of its networks; returns whether that
    /// changed anything.
    fn address(&mut self, id: &ServiceId) -> bool {
        let Some(service) = self.services.get(id) else { return false };
        let networks: Vec<String> = self.networks_of(service).map(str::to_owned).collect();
        let mut old = service.addresses.clone();
        let addresses: Vec<_> = networks
            .iter()
            .map(|network| {
                let known =
                    old.iter().position(|it| *VirtualAddressFields::from(it).network == **network);
                known.map_or_else(|| self.address_in(network), |it| old.swap_remove(it))
            })
            .collect();
        let Some(service) = self.services.get_mut(id) else { return false };
        let changed = service.addresses != addresses;
        service.addresses = addresses;
        changed
    }

    fn address_in(&mut self, network: &str) -> Value {
        let host = 2 + self.random.below(250);
        let found = self.networks.get(network);
        let subnet = found.and_then(|it| NetworkObject(it).subnets().next());
        let prefix = subnet.and_then(|it| it.rsplit_once('.')).map_or("10.0.0", |it| it.0);
        json!({ "NetworkID": network, "Addr": format!("{prefix}.{host}/24") })
    }

    /// Refuses a spec that publishes a port which another service publishes.
    pub fn check_ports(&self, spec: &Value, own: Option<&ServiceId>) -> Result<(), Refusal> {
        let taken = self.taken_ports(own);
        for port in ServiceSpec(spec).ports() {
            let Some(number) = port.published() else { continue };
            let Some((user, hosted)) = taken.get(&(number, port.protocol().to_owned())) else {
                continue;
            };
            // Two services may both publish a port on their nodes; the scheduler
            // keeps them apart.
            if port.is_host() && *hosted {
                continue;
            }
            let service = self.services.get(user).map_or("", |it| it.name());
            let kind = if *hosted { "a host-published port" } else { "an ingress port" };
            return Err(Refusal::Conflict(format!(
                "port '{number}' is already in use by service '{service}' ({user}) as {kind}"
            )));
        }
        Ok(())
    }

    /// Returns published ports with their service, and whether they are
    /// published on nodes only.
    fn taken_ports(
        &self,
        except: Option<&ServiceId>,
    ) -> BTreeMap<(u64, String), (ServiceId, bool)> {
        let others = self.services.values().filter(|it| Some(&it.id) != except);
        let ports = others.flat_map(|service| {
            let allocated = service.ports.iter().map(PortConfig);
            let ports = ServiceSpec(&service.spec).ports().chain(allocated);
            ports.map(move |port| (service, port))
        });
        ports
            .filter_map(|(service, port)| {
                let key = (port.published()?, port.protocol().to_owned());
                Some((key, (service.id.clone(), port.is_host())))
            })
            .collect()
    }
}
