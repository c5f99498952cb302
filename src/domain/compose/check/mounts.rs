//! Checks of mounts.

use crate::domain::compose::{
    check::{scene::Scene, subject::Subject},
    codes,
    finding::{Finding, Findings},
    model::{Mount, Volume},
    paths,
    place::At,
    yaml::YamlNode,
};
use std::{collections::BTreeMap, path::Path};

/// Where the engine listens.
const SOCKET: &str = "/docker.sock";

/// Finds data that stays behind when a task moves.
pub fn local(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.is_global() || is_pinned(subject) {
        return;
    }
    for mount in subject.mounts().iter().filter(|it| is_volume(it)) {
        let volume = subject.scene.stack.volumes.get(&mount.source);
        if volume.is_some_and(is_local) {
            let message = format!("the volume {} stays behind when the task moves", mount.source);
            findings.say(&codes::LOCAL_VOLUME, mount.place, message);
        }
    }
}

/// Finds volumes that every task gets anew.
pub fn anonymous(subject: &Subject<'_>, findings: &mut Findings) {
    for mount in subject.mounts() {
        if matches!(mount.kind.as_str(), "" | "volume") && mount.source.is_empty() {
            let message = format!("every task gets a new volume for {}", mount.target);
            findings.say(&codes::ANONYMOUS_VOLUME, mount.place, message);
        }
    }
}

/// Looks at what is mounted from nodes.
pub fn binds(subject: &Subject<'_>, findings: &mut Findings) {
    for node in subject.items("volumes") {
        if let Some(source) = bind_source(node).filter(|it| it.starts_with(['.', '~'])) {
            let message = format!("`{source}` is a path on the machine that deploys");
            findings.say(&codes::BIND_RELATIVE, node.place, message);
        }
    }
    for mount in subject.mounts().iter().filter(|it| it.kind == "bind") {
        let path = mount.source.as_str();
        if path.ends_with(SOCKET) {
            findings.say(&codes::DOCKER_SOCKET, mount.place, "it gives full control over the node");
        } else if !path.starts_with('/') || path.contains("{{") {
            // The engine says where that is, for each task.
        } else if !subject.scene.files.exists(Path::new(path)) {
            let message = format!("{path} does not exist on this machine");
            findings.say(&codes::BIND_MISSING, mount.place, message);
        }
    }
}

/// Looks at where things are mounted.
pub fn targets(subject: &Subject<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<String, &At<Mount>> = BTreeMap::new();
    for mount in subject.mounts() {
        let target = mount.target.as_str();
        if let Some(why) = bad_target(mount).filter(|_| !subject.may_run_on_windows()) {
            findings.say(&codes::MOUNT_TARGET, mount.place, why);
        }
        if let Some(first) = seen.insert(paths::clean(target), mount) {
            let message = format!("something else is mounted at {target}");
            let finding = Finding::new(&codes::MOUNT_TWICE, mount.place, message);
            findings.push(finding.also(first.place, "mounted here first"));
        }
    }
}

/// What of `/proc` runc lets be mounted over.
const OPEN_PROC: &[&str] = &[
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/net/dev",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
];

/// Files that every container has, and that nodes let no folder cover.
const FILES: &[&str] =
    &["/dev/console", "/dev/null", "/dev/ptmx", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/// Says why nodes reject tasks with a mount at this place (seen with 20.10).
fn bad_target(mount: &Mount) -> Option<String> {
    let target = mount.target.as_str();
    if target.contains("{{") && (target.starts_with('/') || target.contains("Labels")) {
        return None; // the engine says where that is, for each task
    }
    if mount.kind == "npipe" {
        return None; // that is said of the mount as a whole
    }
    if target.is_empty() {
        return Some("a mount has no target".to_owned());
    }
    if !target.starts_with('/') {
        return Some(format!("the target `{target}` does not start with `/`"));
    }
    let clean = paths::clean(target);
    if clean == "/" {
        return Some("nothing can be mounted at `/`".to_owned());
    }
    let folder = mount.kind != "bind"; // nobody here knows what a bind is of
    if folder && FILES.contains(&clean.as_str()) {
        return Some(format!("`{clean}` is a file, and a folder is mounted there"));
    }
    (is_closed(&clean) || folder && (is_proc(&clean) || clean == "/dev"))
        .then(|| format!("nothing can be mounted at `{clean}`"))
}

/// Returns whether runc lets nothing be mounted at a place.
pub fn is_closed(clean: &str) -> bool {
    is_proc(clean) && !OPEN_PROC.contains(&clean)
}

fn is_proc(clean: &str) -> bool {
    clean == "/proc" || clean.starts_with("/proc/")
}

/// Looks at kinds of mounts that no task gets.
pub fn kinds(subject: &Subject<'_>, findings: &mut Findings) {
    for mount in subject.mounts() {
        let message = match mount.kind.as_str() {
            "image" => "Swarm cannot mount images",
            "npipe" if !subject.may_run_on_windows() => "only Windows nodes mount named pipes",
            _ => continue,
        };
        let code = if mount.kind == "image" { &codes::MOUNT_IMAGE } else { &codes::WINDOWS_ONLY };
        findings.say(code, mount.place, message);
    }
}

/// Finds mounts that want more of the node than every node gives.
pub fn propagation(subject: &Subject<'_>, findings: &mut Findings) {
    for mount in subject.mounts().iter().filter(|it| it.kind == "bind") {
        let Some(wanted) = mount.bind.as_deref().filter(|it| !it.is_empty()) else { continue };
        if wanted.ends_with("shared") || wanted.ends_with("slave") {
            let message = format!("on the nodes, {} must be on a shared mount", mount.source);
            findings.say(&codes::PROPAGATION, mount.place, message);
        }
    }
}

/// Finds volumes whose options can never change.
pub fn fixed(scene: &Scene<'_>, findings: &mut Findings) {
    for (key, volume) in &scene.stack.volumes {
        let options = volume.driver_opts.as_ref().is_some_and(|it| !it.is_empty());
        if options && !volume.external && !scene.text(volume.name.place).contains('$') {
            let message = format!("volume {key}: nodes that have it already keep its old options");
            findings.say(&codes::VOLUME_FIXED, volume.place, message);
        }
    }
}

fn is_volume(mount: &Mount) -> bool {
    matches!(mount.kind.as_str(), "" | "volume") && !mount.source.is_empty()
}

/// A driver or its options may share what a volume holds.
fn is_local(volume: &Volume) -> bool {
    let plain = matches!(volume.driver.as_str(), "" | "local");
    plain && !volume.external && volume.driver_opts.as_ref().is_none_or(BTreeMap::is_empty)
}

/// Tells a service that can only run on one node, as far as that can be known:
/// whoever asks for a label has a node in mind.
fn is_pinned(subject: &Subject<'_>) -> bool {
    let constraints = subject.constraints();
    if let Some(facts) = subject.scene.cluster {
        return facts.nodes_for(&constraints).len() == 1;
    }
    constraints.iter().any(|it| {
        let key = it.key.to_ascii_lowercase();
        let names_one = matches!(key.as_str(), "node.hostname" | "node.id" | "node.ip");
        it.equal && (names_one || key.starts_with("node.labels."))
    })
}

/// Returns the source of a bind as it is written.
fn bind_source(node: &YamlNode) -> Option<&str> {
    match node.text() {
        Some(short) => short.split_once(':').map(|it| it.0),
        None if node.get("type")?.text() == Some("bind") => node.get("source")?.text(),
        None => None,
    }
}
