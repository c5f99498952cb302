//! Quick fixes that need the text of the file.

use crate::domain::compose::{
    codes, edit,
    finding::{Finding, Fix},
    place::Place,
    yaml::{MapEntry, YamlNode},
};
use std::collections::HashMap;

/// Gives findings their fixes; trees and texts are those of the files.
pub fn suggest(findings: &mut [Finding], roots: &[YamlNode], texts: &[&str]) {
    let mut restarts = None;
    for finding in findings {
        let Some(text) = texts.get(finding.place.file) else { continue };
        if let Some((part, other)) = finding.instead.take() {
            finding.fix = edit::replace_part(text, finding.place, &part, &other);
            continue;
        }
        let Some(root) = roots.get(finding.place.file) else { continue };
        if *finding.code == codes::DEPRECATED_EXTERNAL {
            finding.fix = name_beside_external(finding, root, text);
        } else if *finding.code == codes::RESTART_NO {
            let restarts = restarts.get_or_insert_with(|| with_restart(roots));
            finding.fix = restarts.get(&finding.place).and_then(|it| restart_never(it, text));
        }
    }
}

/// Returns the services that say `restart`, by where its value stands.
fn with_restart(roots: &[YamlNode]) -> HashMap<Place, &YamlNode> {
    let services = roots.iter().filter_map(|it| it.get("services")).flat_map(YamlNode::entries);
    let mut all = HashMap::new();
    for service in services.map(|it| &it.value) {
        if let Some(restart) = service.get("restart") {
            all.entry(restart.place).or_insert(service);
        }
    }
    all
}

/// Writes the policy for `restart: "no"`, where the service has nothing under `deploy`.
fn restart_never(service: &YamlNode, text: &str) -> Option<Fix> {
    let policy = "deploy: { restart_policy: { condition: none } }".to_owned();
    let free = service.get("deploy").is_none();
    let entry = service.entry("restart").filter(|_| free)?;
    edit::rewrite(text, service, entry, &[policy])
}

/// Writes `external: true` and `name` for `external: { name: … }`.
fn name_beside_external(finding: &Finding, root: &YamlNode, text: &str) -> Option<Fix> {
    let sections = ["networks", "volumes", "secrets", "configs"];
    let objects = sections.iter().filter_map(|it| root.get(it)).flat_map(YamlNode::entries);
    let mut objects = objects.filter_map(|it| Some((&it.value, it.value.entry("external")?)));
    let named = |it: &MapEntry| it.value.get("name").is_some_and(|it| it.place == finding.place);
    let (object, external) = objects.find(|it| named(it.1))?;
    let name = text.get(finding.place.bytes())?;
    edit::rewrite(text, object, external, &["external: true".to_owned(), format!("name: {name}")])
}
