//! Networks of the swarm, and those every engine has.

use crate::{
    domain::change::Applied,
    engine::fake::{
        swarm::Swarm, swarm::objects::name_of, writing::check, writing::refusal::Refusal,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    }

    pub fn create_network(&mut self, body: &Value) -> Result<Applied, Refusal> {
        let name = body["Name"].as_str().unwrap_or_default().to_owned();
        check::dns_label(&name)?;
        if self.networks.all().any(|it| name_of(it.1) == name) {
            return Err(Refusal::Conflict(format!("network with name {name} already exists")));
        }
        let id = self.random.id();
        let network = self.network(&id, body);
        self.networks.put(&id, network);
        self.bump();
        let driver = body["Driver"].as_str().unwrap_or("overlay").to_owned();
        let told = BTreeMap::from([("type".to_owned(), driver)]);
        self.tell("network", "create", &id, &name, told);
        Ok(Applied { id: Some(id), warnings: Vec::new() })
    }

    pub fn remove_network(&mut self, id: &str) -> Result<Applied, Refusal> {
        let Some((id, network)) = self.networks.find(id) else {
            return Err(Refusal::NotFound(None));
        };
        let (id, name) = (id.clone(), name_of(network).to_owned());
        if network["Scope"] == "local" {
            return Err(Refusal::Conflict(format!(
                "{name} is a pre-defined network and cannot be removed"
            )));
        }
        let uses = |spec: &Value| {
            let attached = spec["TaskTemplate"]["Networks"].as_array().into_iter().flatten();
            attached
                .chain(spec["Networks"].as_array().into_iter().flatten())
                .any(|it| it["Target"] == *id)
        };
        if let Some(user) = self.services.values().find(|it| uses(&it.spec)) {
            let service = &user.id;
            return Err(Refusal::Conflict(format!("network {id} is in use by service {service}")));
        }
        self.networks.take(&id);
        self.tell("network", "remove", &id, &name, BTreeMap::new());
        Ok(Applied::default())
    }

    fn network(&mut self, id: &str, body: &Value) -> Value {
        let or = |key: &str, default: Value| {
            Some(body[key].clone()).filter(|it| !it.is_null()).unwrap_or(default)
        };
        let subnet = self.networks.all().count();
        let config = json!([{
            "Subnet": format!("10.0.{subnet}.0/24"), "Gateway": format!("10.0.{subnet}.1"),
        }]);
        json!({
            "Name": body["Name"], "Id": id, "Created": self.now, "Scope": "swarm",
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
