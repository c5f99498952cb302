//! Mounts of a service.

use crate::domain::{
    compose::{
        codes,
        convert::{body::Body, scope::Scope},
        finding::{Finding, Findings},
        model::{ComposeService, Mount, Volume},
        place::At,
    },
    text::nearest::nearest,
};
use serde_json::Value;

pub fn mounts(scope: Scope<'_>, service: &ComposeService, findings: &mut Findings) -> Vec<Value> {
    let mounts = service.volumes.as_deref().unwrap_or_default();
    mounts.iter().map(|it| mount(scope, it, findings)).collect()
}

fn mount(scope: Scope<'_>, mount: &At<Mount>, findings: &mut Findings) -> Value {
    let kind = if mount.kind.is_empty() { "volume" } else { mount.kind.as_str() };
    let mut body = Body::default();
    body.put("Type", mount.kind.as_str());
    body.put("Source", mount.source.as_str());
    body.put("Target", mount.target.as_str());
    body.put("ReadOnly", mount.read_only);
    body.put("Consistency", mount.consistency.as_str());
    let allowed: &[&str] = match kind {
        "volume" => {
            volume(scope, mount, &mut body, findings);
            &["volume"]
        }
        "bind" => {
            body.give("BindOptions", mount.bind.as_deref().map(propagation));
            &["bind"]
        }
        "npipe" => {
            source_needed(mount, kind, findings);
            body.give("BindOptions", mount.bind.as_deref().map(propagation));
            &["bind"]
        }
        "tmpfs" => {
            tmpfs(mount, &mut body, findings);
            &["tmpfs"]
        }
        "cluster" => {
            cluster(scope, mount, &mut body, findings);
            &[]
        }
        "image" => {
            source_needed(mount, kind, findings);
            &[]
        }
        _ => {
            let message = "volume type must be volume, bind, tmpfs, npipe, or cluster";
            findings.say(&codes::VALUE, mount.place, message);
            &["volume", "bind", "tmpfs"]
        }
    };
    refuse_foreign(mount, kind, allowed, findings);
    body.into()
}

/// Says which options belong to another kind of mount.
fn refuse_foreign(mount: &At<Mount>, kind: &str, allowed: &[&str], findings: &mut Findings) {
    let given = [
        ("bind", mount.bind.is_some()),
        ("volume", mount.volume.is_some()),
        ("tmpfs", mount.tmpfs.is_some()),
    ];
    for (option, _) in given.iter().filter(|it| it.1 && !allowed.contains(&it.0)) {
        let message = format!("{option} options are incompatible with type {kind}");
        findings.say(&codes::CONFLICT, mount.place, message);
    }
}

fn propagation(propagation: &str) -> Value {
    let mut body = Body::default();
    body.put("Propagation", propagation);
    body.into()
}

fn volume(scope: Scope<'_>, mount: &At<Mount>, body: &mut Body, findings: &mut Findings) {
    if mount.source.is_empty() {
        return;
    }
    let Some(volume) = declared(scope, mount, findings) else { return };
    body.set("Source", scope.name(&volume.name, &mount.source));
    let mut options = Body::default();
    if let Some(own) = &mount.volume {
        options.put("NoCopy", own.nocopy);
        options.put("Subpath", own.subpath.as_str());
    }
    if !volume.external {
        options.set("Labels", scope.labels(&volume.labels));
        options.give("DriverConfig", driver(volume));
    }
    body.set("VolumeOptions", options);
}

fn driver(volume: &Volume) -> Option<Value> {
    if volume.driver.is_empty() && volume.driver_opts.is_none() {
        return None;
    }
    let mut body = Body::default();
    body.put("Name", volume.driver.as_str());
    body.nest("Options", volume.driver_opts.as_ref().map(Body::texts).unwrap_or_default());
    Some(body.into())
}

fn tmpfs(mount: &At<Mount>, body: &mut Body, findings: &mut Findings) {
    if !mount.source.is_empty() {
        let message = "invalid tmpfs source, source must be empty";
        findings.say(&codes::VALUE, mount.place, message);
    }
    body.give(
        "TmpfsOptions",
        mount.tmpfs.map(|bytes| {
            let mut body = Body::default();
            body.put("SizeBytes", bytes);
            Value::from(body)
        }),
    );
}

/// A volume of the cluster: one that is declared, or any of a group.
fn cluster(scope: Scope<'_>, mount: &At<Mount>, body: &mut Body, findings: &mut Findings) {
    source_needed(mount, "cluster", findings);
    body.set("ClusterOptions", Body::default());
    if mount.source.is_empty() || mount.source.starts_with("group:") {
        return;
    }
    if let Some(volume) = declared(scope, mount, findings) {
        body.set("Source", scope.name(&volume.name, &mount.source));
    }
}

fn declared<'a>(
    scope: Scope<'a>,
    mount: &At<Mount>,
    findings: &mut Findings,
) -> Option<&'a Volume> {
    let volume = scope.stack.volumes.get(&mount.source);
    if volume.is_none() {
        let message = format!("undefined volume \"{}\"", mount.source);
        let hint = format!("declare it: `volumes: {{ {}: {{}} }}` at the top", mount.source);
        let finding = Finding::new(&codes::REFERENCE, mount.place, message).hint(hint);
        let meant = nearest(&mount.source, scope.stack.volumes.keys().map(String::as_str));
        findings.push(match meant {
            Some(meant) => finding.instead(format!("{}:", mount.source), format!("{meant}:")),
            None => finding,
        });
    }
    volume
}

fn source_needed(mount: &At<Mount>, kind: &str, findings: &mut Findings) {
    if mount.source.is_empty() {
        let message = format!("invalid {kind} source, source cannot be empty");
        findings.say(&codes::VALUE, mount.place, message);
    }
}
