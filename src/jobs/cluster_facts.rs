//! Cluster facts for checks of stack files: reads them from the engine.

use crate::{
    domain::{
        compose::{ClusterFacts, NetworkFact},
        deployment::plan::networks_by_name,
        swarm::{
            cluster::ObjectKind,
            objects::{NetworkObject, PayloadObject},
        },
    },
    engine::{Answer, Engine},
};
use serde_json::Value;

/// Looks at the cluster once.
pub async fn facts(engine: &dyn Engine) -> Answer<ClusterFacts> {
    let (nodes, services, networks, secrets, configs) = tokio::try_join!(
        engine.nodes(),
        engine.services(),
        engine.list(ObjectKind::Networks, None),
        engine.list(ObjectKind::Secrets, None),
        engine.list(ObjectKind::Configs, None),
    )?;
    let name = |it: &Value| PayloadObject(it).name().map(str::to_owned);
    Ok(ClusterFacts {
        nodes,
        services,
        networks: networks_by_name(networks).into_iter().map(network).collect(),
        secrets: secrets.iter().filter_map(name).collect(),
        configs: configs.iter().filter_map(name).collect(),
    })
}

fn network((name, raw): (String, Value)) -> (String, NetworkFact) {
    let network = NetworkObject(&raw);
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    let fact = NetworkFact {
        scope: text(network.scope()),
        predefined: network.is_predefined(),
        driver: text(network.driver()),
        internal: network.is_internal(),
        attachable: network.is_attachable(),
        subnets: network.subnets().map(str::to_owned).collect(),
    };
    (name, fact)
}
