//! Keys that have no effect in a swarm, or that docker refuses.

use crate::domain::compose::{
    codes, edit,
    finding::{Finding, Findings},
    yaml::{MapEntry, YamlNode},
};

/// Keys of services that docker announces as unsupported, and what to do instead.
/// (`restart` is on its list too, but has an effect.)
const UNSUPPORTED: &[(&str, &str)] = &[
    ("build", "build and push the image first"),
    ("cgroup_parent", ""),
    ("cgroupns_mode", ""),
    ("devices", "mount the device, or use generic_resources"),
    ("domainname", "write the full name as hostname"),
    ("external_links", "use a network that both share"),
    ("ipc", ""),
    ("links", "services of one network reach each other by name"),
    ("mac_address", ""),
    ("network_mode", "declare an external network with the name `host`"),
    ("pid", ""),
    ("privileged", "add what it needs with cap_add"),
    ("security_opt", ""),
    ("shm_size", "mount a volume of `type: tmpfs` at /dev/shm"),
    ("userns_mode", ""),
];

/// Keys of services that docker ignores without a word, and what to do instead.
const SILENT: &[(&str, &str)] = &[
    ("tmpfs", "use a volume of `type: tmpfs`"),
    (
        "oom_score_adj",
        "docker service update --oom-score-adj sets it until the next deployment (engine 27 and newer)",
    ),
];

const DEPRECATED: &[(&str, &str)] = &[
    ("container_name", "tasks get their names from the service"),
    ("expose", "services of one network reach each other at every port"),
];

const RESOURCES: &str = "use deploy.resources";
const FORBIDDEN: &[(&str, &str)] = &[
    ("cpu_quota", RESOURCES),
    ("cpu_shares", RESOURCES),
    ("cpuset", RESOURCES),
    ("extends", "share parts of a file with anchors and `<<`"),
    ("mem_limit", RESOURCES),
    ("memswap_limit", RESOURCES),
    ("volume_driver", "name the driver of the volume in `volumes` at the top"),
    ("volumes_from", "declare a volume at the top and mount it in both services"),
];

/// Reports keys that docker refuses before it looks at anything else.
pub fn forbidden(root: &YamlNode, findings: &mut Findings) {
    for entry in services(root).flat_map(|it| it.value.entries()) {
        if let Some((key, instead)) = listed(entry, FORBIDDEN) {
            let message = format!("compose file contains unsupported option {key}");
            findings
                .push(Finding::new(&codes::FORBIDDEN_KEY, entry.key.place, message).hint(*instead));
        }
    }
}

/// Reports keys without effect.
pub fn ignored(root: &YamlNode, text: &str, findings: &mut Findings) {
    for service in services(root).map(|it| &it.value) {
        for entry in service.entries() {
            let key = &*entry.key.value;
            let finding = if let Some((_, instead)) = listed(entry, UNSUPPORTED) {
                let finding = ignores(entry);
                if instead.is_empty() { finding } else { finding.hint(*instead) }
            } else if let Some((_, why)) = listed(entry, DEPRECATED) {
                let message = format!("{key} is left from older formats and has no effect");
                Finding::new(&codes::DEPRECATED_KEY, entry.key.place, message).hint(*why)
            } else {
                if let Some((key, instead)) = listed(entry, SILENT) {
                    // What `tmpfs` asks for can be had in another way.
                    let gone = (*key != "tmpfs").then(|| edit::remove(text, service, entry));
                    let finding = ignores(entry).hint(*instead);
                    findings.push(Finding { fix: gone.flatten(), ..finding });
                }
                continue;
            };
            findings.push(Finding { fix: edit::remove(text, service, entry), ..finding });
        }
    }
    let attachments = services(root).filter_map(|it| it.value.get("networks"));
    for network in attachments.flat_map(YamlNode::entries).map(|it| &it.value) {
        let address = |it: &&MapEntry| matches!(&*it.key.value, "ipv4_address" | "ipv6_address");
        for entry in network.entries().iter().filter(address) {
            let finding = ignores(entry).hint("Swarm chooses the addresses of tasks");
            findings.push(Finding { fix: edit::remove(text, network, entry), ..finding });
        }
    }
    let volumes = root.get("volumes").map(YamlNode::entries).unwrap_or_default();
    for entry in volumes.iter().filter_map(|it| it.value.entry("x-cluster-spec")) {
        findings.push(ignores(entry).hint("create the volume with `docker volume create`"));
    }
}

/// Returns whether a finding says that a service would be built.
pub fn is_build(finding: &Finding) -> bool {
    *finding.code == codes::IGNORED_KEY && finding.message == "Swarm ignores build"
}

/// Returns the keys of services that change nothing.
pub fn without_effect() -> Vec<&'static str> {
    [UNSUPPORTED, SILENT, DEPRECATED].into_iter().flatten().map(|it| it.0).collect()
}

/// Returns what to do instead of a key that docker refuses.
pub fn instead(key: &str) -> Option<&'static str> {
    FORBIDDEN.iter().find(|it| it.0 == key).map(|it| it.1)
}

fn services(root: &YamlNode) -> impl Iterator<Item = &MapEntry> {
    root.get("services").map(YamlNode::entries).unwrap_or_default().iter()
}

fn ignores(entry: &MapEntry) -> Finding {
    let message = format!("Swarm ignores {}", &*entry.key.value);
    Finding::new(&codes::IGNORED_KEY, entry.key.place, message)
}

fn listed<'a>(entry: &MapEntry, table: &'a [(&str, &str)]) -> Option<&'a (&'a str, &'a str)> {
    table.iter().find(|it| it.0 == &*entry.key.value)
}
