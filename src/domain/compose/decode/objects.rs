//! Networks, volumes, secrets and configs.

use crate::domain::compose::{
    codes,
    decode::field::{ComposeKey, conflict, extensions, flag, labels, optional_labels, text},
    finding::{Finding, Findings},
    model::{FileObject, Network, Text, Volume},
    place::{At, Place},
    schema::FileVersion,
    yaml::YamlNode,
};

pub fn network(
    key: &ComposeKey,
    node: &YamlNode,
    version: FileVersion,
    findings: &mut Findings,
) -> Network {
    let (external, name) = external("network", key, node, version >= FileVersion(5), findings);
    let ipam = node.get("ipam");
    let pools = ipam.and_then(|it| it.get("config")).map(YamlNode::items).unwrap_or_default();
    Network {
        place: key.place,
        name,
        external,
        driver: text(node, "driver"),
        driver_opts: optional_labels(node, "driver_opts"),
        ipam_driver: ipam.map(|it| text(it, "driver")).unwrap_or_default(),
        pools: pools.iter().map(|it| text(it, "subnet")).collect(),
        internal: flag(node, "internal"),
        attachable: flag(node, "attachable"),
        shared: false,
        labels: labels(node, "labels"),
        extensions: extensions(node),
    }
}

pub fn volume(
    key: &ComposeKey,
    node: &YamlNode,
    version: FileVersion,
    findings: &mut Findings,
) -> Volume {
    let (external, name) = external("volume", key, node, version >= FileVersion(4), findings);
    let volume = Volume {
        place: key.place,
        name,
        external,
        driver: text(node, "driver"),
        driver_opts: optional_labels(node, "driver_opts"),
        labels: labels(node, "labels"),
        extensions: extensions(node),
    };
    let given = [
        ("driver", !volume.driver.is_empty()),
        ("driver_opts", volume.driver_opts.as_ref().is_some_and(|it| !it.is_empty())),
        ("labels", !volume.labels.is_empty()),
    ];
    for (other, _) in given.iter().filter(|it| external && it.1) {
        let place = node.entry(other).map_or(key.place, |it| it.key.place);
        let name = &*key.value;
        let message = format!(
            "conflicting parameters \"external\" and \"{other}\" specified for volume \"{name}\""
        );
        conflict(place, message, findings);
    }
    volume
}

/// `kind` is `secret` or `config`.
pub fn file_object(
    kind: &str,
    key: &ComposeKey,
    node: &YamlNode,
    version: FileVersion,
    findings: &mut Findings,
) -> FileObject {
    let (external, name) = external(kind, key, node, version >= FileVersion(5), findings);
    let object = FileObject {
        place: key.place,
        name,
        external,
        file: text(node, "file"),
        labels: labels(node, "labels"),
        driver: text(node, "driver"),
        driver_opts: optional_labels(node, "driver_opts"),
        template_driver: text(node, "template_driver"),
        extensions: extensions(node),
    };
    if kind == "secret" && !external && !object.driver.is_empty() && !object.file.is_empty() {
        let name = &*key.value;
        let message = format!(
            "{kind} {name}: {kind}.driver and {kind}.file conflict; only use {kind}.driver"
        );
        conflict(object.file.place, message, findings);
    }
    object
}

/// Reads `external` and the name that goes with it: its own (deprecated), that
/// of the object, or the key.
fn external(
    kind: &str,
    key: &ComposeKey,
    node: &YamlNode,
    deprecated: bool,
    findings: &mut Findings,
) -> (bool, Text) {
    let name = text(node, "name");
    let Some(node) = node.get("external") else { return (false, name) };
    if node.bool() == Some(false) {
        return (false, name);
    }
    let own = text(node, "name");
    if own.is_empty() {
        return (true, if name.is_empty() { At::new(key.to_string(), key.place) } else { name });
    }
    if !name.is_empty() {
        let message = format!(
            "{kind} {}: {kind}.external.name and {kind}.name conflict; only use {kind}.name",
            &*key.value
        );
        conflict(own.place, message, findings);
    } else if deprecated {
        findings.push(deprecation(kind, key, own.place));
    }
    (true, own)
}

fn deprecation(kind: &str, key: &ComposeKey, place: Place) -> Finding {
    let message = format!(
        "{kind} {}: {kind}.external.name is deprecated in favor of {kind}.name",
        &*key.value
    );
    Finding::new(&codes::DEPRECATED_EXTERNAL, place, message)
}
