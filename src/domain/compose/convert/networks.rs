//! Conversion of networks and network attachments.

use crate::domain::{
    compose::{
        codes,
        convert::{
            body::{Body, list},
            desired::{DesiredNetwork, ExternalNetwork},
            scope::Scope,
        },
        finding::{Finding, Findings},
        model::{ComposeService, Network},
        place::Place,
    },
    text::nearest::nearest,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The network of services that name none.
const DEFAULT: &str = "default";

/// Returns the networks that services use: those to create, and those that
/// must be there.
pub fn networks(scope: Scope<'_>) -> (Vec<DesiredNetwork>, Vec<ExternalNetwork>) {
    let mut used: BTreeMap<&str, Place> = BTreeMap::new();
    for service in scope.stack.services.values() {
        if service.networks.is_empty() {
            used.entry(DEFAULT).or_insert(service.place);
        }
        for (key, attachment) in &service.networks {
            used.entry(key).or_insert(attachment.place);
        }
    }
    let implied = Network::default();
    let (mut own, mut external) = (Vec::new(), Vec::new());
    for (key, used_at) in used {
        let declared = scope.stack.networks.get(key);
        let network = declared.unwrap_or(&implied);
        let place = declared.map_or(used_at, |it| it.place);
        let (key, name) = (key.to_owned(), scope.name(&network.name, key));
        if network.external {
            external.push(ExternalNetwork { key, name, place });
        } else {
            let body = body(scope, &name, network);
            own.push(DesiredNetwork { key, name, body, pools: network.pools.clone(), place });
        }
    }
    (own, external)
}

fn body(scope: Scope<'_>, name: &str, network: &Network) -> Value {
    let driver = if network.driver.is_empty() { "overlay" } else { network.driver.as_str() };
    let mut body = Body::default();
    body.set("Name", name);
    body.set("Driver", driver);
    body.give("IPAM", ipam(network));
    body.put("Internal", network.internal);
    body.put("Attachable", network.attachable);
    body.give("Options", network.driver_opts.as_ref().map(Body::texts));
    body.set("Labels", scope.labels(&network.labels));
    body.into()
}

fn ipam(network: &Network) -> Option<Value> {
    if network.ipam_driver.is_empty() && network.pools.is_empty() {
        return None;
    }
    let pools = network.pools.iter().map(|it| {
        let mut pool = Body::default();
        pool.put("Subnet", it.as_str());
        Value::from(pool)
    });
    let mut body = Body::default();
    body.put("Driver", network.ipam_driver.as_str());
    body.put("Config", pools.collect::<Vec<_>>());
    Some(body.into())
}

/// Returns what `TaskTemplate.Networks` is, sorted by the engine's names.
pub fn attachments(
    scope: Scope<'_>,
    key: &str,
    service: &ComposeService,
    findings: &mut Findings,
) -> Vec<Value> {
    let mut all = BTreeMap::new();
    if service.networks.is_empty() {
        let target = target(scope, DEFAULT);
        all.insert(
            (target.clone(), DEFAULT),
            attachment(&target, Some(key), Vec::new(), Value::Null),
        );
    }
    for (network, at) in &service.networks {
        if network != DEFAULT && !scope.stack.networks.contains_key(network) {
            let message = format!("undefined network \"{network}\"");
            let hint = format!("declare it: `networks: {{ {network}: {{}} }}` at the top");
            let finding = Finding::new(&codes::REFERENCE, at.place, message).hint(hint);
            let meant = nearest(network, scope.stack.networks.keys().map(String::as_str));
            findings.push(match meant {
                Some(meant) => finding.instead(network, meant),
                None => finding,
            });
        }
        let given = at.value.clone().unwrap_or_default();
        let options = given.driver_opts.filter(|it| !it.is_empty());
        let options = options.map_or(Value::Null, |it| Body::texts(&it).into());
        let target = target(scope, network);
        let shared = scope.stack.networks.get(network).is_some_and(|it| it.shared);
        let alias = Some(key).filter(|_| !shared);
        let value = attachment(&target, alias, list(&given.aliases), options);
        all.insert((target, network.as_str()), value);
    }
    all.into_values().collect()
}

fn target(scope: Scope<'_>, network: &str) -> String {
    let given = scope.stack.networks.get(network).map_or("", |it| it.name.as_str());
    scope.name(given, network)
}

fn attachment(
    target: &str,
    service: Option<&str>,
    mut aliases: Vec<String>,
    options: Value,
) -> Value {
    aliases.extend(service.filter(|_| is_user_defined(target)).map(str::to_owned));
    let mut body = Body::default();
    body.put("Target", target);
    body.put("Aliases", aliases);
    body.put("DriverOpts", options);
    body.into()
}

/// Tells networks that know aliases from the engine's own.
fn is_user_defined(network: &str) -> bool {
    !matches!(network, "default" | "bridge" | "host" | "none") && !network.starts_with("container:")
}
