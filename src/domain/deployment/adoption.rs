//! Adoption: the first release of a stack that was not deployed with skep from here.

use crate::domain::{
    deployment::{
        plan::{self, Live},
        release::ResolvedSpecs,
    },
    swarm::{
        names::StackName,
        objects::{Attachment, NetworkObject},
        raw,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a release says that was found, and not deployed.
pub const MESSAGE: &str = "adopted as found: deployed by docker, or by skep on another machine";

/// Returns what a stack has in the cluster, so that it can be made again: networks are
/// called by their names, as in files, and their bodies are those of a creation.
pub fn found(live: &Live, stack: &StackName) -> ResolvedSpecs {
    let mut specs = plan::live(live, stack);
    let ids = live.network_ids();
    let names: BTreeMap<&str, &str> = ids.iter().map(|it| (&**it.1, &**it.0)).collect();
    specs.services.values_mut().for_each(|it| call_by_name(it, &names));
    specs.networks.values_mut().for_each(|it| *it = NetworkObject(it).creation());
    specs
}

fn call_by_name(spec: &mut Value, names: &BTreeMap<&str, &str>) {
    // Clients of API 1.28 and older attach networks beside the template.
    for pointer in ["/TaskTemplate/Networks", "/Networks"] {
        for network in raw::items(spec, pointer) {
            let name = Attachment(network).target().and_then(|it| names.get(it));
            if let Some(name) = name.map(|it| json!(it)) {
                raw::set(network, &["Target"], name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::plan::compare;

    fn cluster() -> Live {
        let labels = json!({ "com.docker.stack.namespace": "shop" });
        let service = json!({ "ID": "s1", "Spec": { "Name": "shop_web", "Labels": labels,
            "TaskTemplate": { "Placement": {}, "Networks": [{ "Target": "n1" }, { "Target": "n2" }] } } });
        let network = |id: &str, name: &str, labels: &Value| {
            (
                name.to_owned(),
                json!({ "Id": id, "Name": name, "Driver": "overlay", "Labels": labels, "Scope": "swarm",
                    "Internal": false, "Attachable": true, "EnableIPv6": false,
                    "Options": { "encrypted": "", "com.docker.network.driver.overlay.vxlanid_list": "4097" },
                    "IPAM": { "Driver": "default", "Config": [{ "Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1" }] } }),
            )
        };
        let networks = [network("n1", "shop_front", &labels), network("n2", "edge", &json!({}))];
        Live {
            services: BTreeMap::from([("shop_web".to_owned(), service)]),
            networks: networks.into(),
            ..Live::default()
        }
    }

    #[test]
    fn what_was_found_calls_networks_by_name_and_can_make_its_own_again() {
        let (live, stack) = (cluster(), "shop".parse().unwrap());
        let specs = found(&live, &stack);
        let targets = specs.services["shop_web"].pointer("/TaskTemplate/Networks").unwrap();
        assert_eq!(*targets, json!([{ "Target": "shop_front" }, { "Target": "edge" }]));
        let bodies: Vec<_> = specs.networks.keys().collect();
        assert_eq!(bodies, ["shop_front"]);
        let body = &specs.networks["shop_front"];
        assert_eq!(body["Options"], json!({ "encrypted": "" }));
        assert_eq!(body["IPAM"]["Config"], json!([{ "Subnet": "10.0.1.0/24" }]));
        assert_eq!((&body["Id"], &body["Scope"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn what_was_found_does_not_differ_from_what_is_live() {
        let (live, stack) = (cluster(), "shop".parse().unwrap());
        let found = found(&live, &stack);
        let differs = compare(&found, &plan::live(&live, &stack), &live.network_ids());
        assert_eq!(differs, []);
    }
}
