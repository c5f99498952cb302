//! Networks of the swarm, and those every engine has.

use crate::{
    domain::swarm::{
        change::Applied,
        names::ServiceId,
        objects::{NetworkObject, PREDEFINED_LABEL, PortConfig, ServiceSpec, TaskTemplate},
    },
    engine::fake::{
        swarm::{Swarm, agenda::Due, objects::name_of, service::ServiceRecord, task::TaskRecord},
        writing::{check, refusal::Refusal},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// How soon nodes release a network that nothing uses.
const GRIP: Duration = Duration::from_millis(500);

impl Swarm {
    pub fn add_predefined_networks(&mut self) {
        for (name, driver, scope) in [
            ("bridge", "bridge", "local"),
            ("host", "host", "local"),
            ("none", "null", "local"),
            ("ingress", "overlay", "swarm"),
        ] {
            let id = self.random.id();
            let mut network = self.network(&id, &json!({ "Name": name, "Driver": driver }));
            network["Scope"] = json!(scope);
            network["Ingress"] = json!(name == "ingress");
            self.networks.put(&id, network);
        }
        // The swarm has two of these as well, under ids of its own.
        for (name, id) in
            [("bridge", "q8bridgeoftheswarm0000000"), ("host", "q8hostoftheswarm000000000")]
        {
            let mut network = self.network(id, &json!({ "Name": name, "Driver": name }));
            network["Labels"] = json!({ PREDEFINED_LABEL: "true" });
            network["IPAM"] = json!({ "Driver": "", "Options": null, "Config": [] });
            network["Options"] = Value::Null;
            self.networks.put(id, network);
        }
    }

    pub fn create_network(&mut self, body: &Value) -> Result<Applied, Refusal> {
        let name = NetworkObject(body).name().unwrap_or_default().to_owned();
        check::dns_label(&name)?;
        if self.networks.all().chain(self.leaving.all()).any(|it| name_of(it.1) == name) {
            return Err(Refusal::Conflict(format!("network with name {name} already exists")));
        }
        let id = self.random.id();
        let mut network = self.network(&id, body);
        if NetworkObject(&network).driver() != Some("overlay") {
            network["Scope"] = json!("local");
        }
        self.networks.put(&id, network);
        self.bump();
        self.tell("network", "create", &id, &name, BTreeMap::new());
        Ok(Applied { id: Some(id), warnings: Vec::new() })
    }

    pub fn remove_network(&mut self, id: &str) -> Result<Applied, Refusal> {
        let Some((id, network)) = self.networks.find(id) else {
            return Err(Refusal::NotFound(None));
        };
        let (id, name) = (id.clone(), name_of(network).to_owned());
        let network = NetworkObject(network);
        let is_ingress = network.is_ingress();
        if !network.is_of_swarm() || network.is_predefined() {
            return Err(Refusal::Conflict(format!(
                "{name} is a pre-defined network and cannot be removed"
            )));
        }
        if let Some(user) = self.users_of_network(&id).next() {
            return Err(Refusal::Conflict(if is_ingress {
                format!("ingress network cannot be removed because service {user} depends on it")
            } else {
                format!("network {id} is in use by service {user}")
            }));
        }
        if let Some(network) = self.networks.take(&id) {
            self.leaving.put(&id, network);
            self.put(GRIP, Due::Leave { network: id.clone() });
        }
        self.tell("network", "remove", &id, &name, BTreeMap::new());
        Ok(Applied::default())
    }

    /// Forgets a removed network, or asks again later: engines list it until the
    /// last of its tasks has stopped that they hear of, while no service can use it any more.
    pub fn let_go(&mut self, id: &str) {
        let uses = |task: &TaskRecord| {
            let mut attached = TaskTemplate(&task.template.raw).networks();
            let is_heard_of = self.node_of(task).is_none_or(|it| it.up);
            task.is_active() && is_heard_of && attached.any(|it| it == id)
        };
        if self.tasks.all().any(uses) {
            self.put(GRIP, Due::Leave { network: id.to_owned() });
        } else {
            self.leaving.take(id);
        }
    }

    fn users_of_network<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a ServiceId> {
        let uses = move |it: &&ServiceRecord| self.networks_of(it).any(|network| network == id);
        self.services.values().filter(uses).map(|it| &it.id)
    }

    /// Returns the ids of the networks a service is attached to.
    pub fn networks_of<'a>(&'a self, service: &'a ServiceRecord) -> impl Iterator<Item = &'a str> {
        let attached = ServiceSpec(&service.spec).template().networks();
        let published = service.ports.iter().any(|it| !PortConfig(it).is_host());
        let ingress = self.networks.find("ingress").filter(|_| published).map(|it| it.0.as_str());
        ingress.into_iter().chain(attached)
    }

    fn network(&mut self, id: &str, body: &Value) -> Value {
        let or = |key: &str, default: Value| {
            Some(body[key].clone()).filter(|it| !it.is_null()).unwrap_or(default)
        };
        let subnet = self.networks.all().filter(|it| !NetworkObject(it.1).is_predefined()).count();
        let config = json!([{
            "Subnet": format!("10.0.{subnet}.0/24"), "Gateway": format!("10.0.{subnet}.1"),
        }]);
        json!({
            "Name": NetworkObject(body).name(), "Id": id, "Created": self.now, "Scope": "swarm",
            "Driver": or("Driver", json!("overlay")),
            "EnableIPv6": or("EnableIPv6", json!(false)),
            "IPAM": or("IPAM", json!({ "Driver": "default", "Options": null, "Config": config })),
            "Internal": or("Internal", json!(false)),
            "Attachable": or("Attachable", json!(false)),
            "Ingress": false, "ConfigFrom": { "Network": "" }, "ConfigOnly": false,
            "Containers": null,
            "Options": or("Options", json!({ "com.docker.network.driver.overlay.vxlanid_list": format!("{}", 4096 + subnet) })),
            "Labels": or("Labels", json!({})),
        })
    }
}
