//! Published ports and the addresses of services.

use crate::{
    domain::swarm::names::ServiceId,
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
        let wanted = service.spec["EndpointSpec"]["Ports"].as_array().cloned().unwrap_or_default();
        let old = mem::take(&mut service.ports);
        for mut port in wanted {
            if port["PublishedPort"].as_u64().is_none() && port["PublishMode"] != "host" {
                let kept = old.iter().find(|it| it["TargetPort"] == port["TargetPort"]);
                let kept = kept.and_then(|it| it["PublishedPort"].as_u64());
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
                let known = old.iter().position(|it| it["NetworkID"] == **network);
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
        let subnet = found.and_then(|it| it["IPAM"]["Config"][0]["Subnet"].as_str());
        let prefix = subnet.and_then(|it| it.rsplit_once('.')).map_or("10.0.0", |it| it.0);
        json!({ "NetworkID": network, "Addr": format!("{prefix}.{host}/24") })
    }

    /// Refuses a spec that publishes a port which another service publishes.
    pub fn check_ports(&self, spec: &Value, own: Option<&ServiceId>) -> Result<(), Refusal> {
        let taken = self.taken_ports(own);
        for port in spec["EndpointSpec"]["Ports"].as_array().into_iter().flatten() {
            let Some(number) = port["PublishedPort"].as_u64() else { continue };
            let protocol = port["Protocol"].as_str().unwrap_or("tcp").to_owned();
            let host = port["PublishMode"] == "host";
            let Some((user, hosted)) = taken.get(&(number, protocol)) else { continue };
            // Two services may both publish a port on their nodes; the scheduler
            // keeps them apart.
            if host && *hosted {
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
            let spec = service.spec["EndpointSpec"]["Ports"].as_array().into_iter().flatten();
            spec.chain(&service.ports).map(move |port| (service, port))
        });
        ports
            .filter_map(|(service, port)| {
                let key = (port["PublishedPort"].as_u64()?, port["Protocol"].as_str()?.to_owned());
                Some((key, (service.id.clone(), port["PublishMode"] == "host")))
            })
            .collect()
    }
}
